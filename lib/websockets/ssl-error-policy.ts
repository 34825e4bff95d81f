import { PauseMode } from '../network/qabstractsocket.ts';
import type { QSslError } from '../ssl/qsslerror.ts';

/**
 * What becomes of peers that cannot be verified, as the application has said it: outside of the slots
 * of sslErrors for every connection, inside for that one.
 */
export class SslErrorPolicy {
  pauseMode: PauseMode = PauseMode.PauseNever;
  /** The errors that are being judged, or wait for the application's word. */
  errorsAtHand: readonly QSslError[] | undefined = undefined;
  /** Whether they wait. */
  isPaused = false;
  /** Whether the slot that is being asked goes on. */
  isContinued = false;
  #ignoresAll = false;
  #ignored: readonly QSslError[] = [];
  #ignoresNow = false;

  /** Ignores `errors` from now on, in place of those before; without them all errors. */
  ignore(errors: readonly QSslError[] | undefined): void {
    if (errors !== undefined) this.#ignored = [...errors];
    else if (this.errorsAtHand !== undefined) this.#ignoresNow = true;
    else this.#ignoresAll = true;
  }

  /** Whether all of `errors` are to be ignored. */
  ignores(errors: readonly QSslError[]): boolean {
    return (
      this.#ignoresAll ||
      this.#ignoresNow ||
      errors.every((error) => this.#ignored.some((ignored) => ignored.equals(error)))
    );
  }

  /** Begins with another connection. */
  begin(): void {
    this.#ignoresNow = false;
    this.forget();
  }

  /** Lets go of the errors at hand. */
  forget(): void {
    this.errorsAtHand = undefined;
    this.isPaused = false;
  }
}
