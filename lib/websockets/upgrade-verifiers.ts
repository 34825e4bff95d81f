import type { AnyQObject } from '../core/any-qobject.ts';
import type { QHttpServerRequest } from './qhttpserverrequest.ts';
import type { QHttpServerWebSocketUpgradeResponse } from './qhttpserverwebsocketupgraderesponse.ts';
import {
  isAlive,
  UpgradeInquiry,
  type UpgradeOutcome,
  type VerifierEntry,
} from './upgrade-inquiry.ts';

/** What a verifier returns, at once or later. */
export type UpgradeAnswer =
  QHttpServerWebSocketUpgradeResponse | PromiseLike<QHttpServerWebSocketUpgradeResponse>;

/**
 * Decides about a request for a WebSocket; `this` is the context that it was added with.
 *
 * `signal` (not in Qt) is aborted when nobody waits for the answer any more.
 */
export type UpgradeVerifier<Context extends AnyQObject = AnyQObject> = (
  this: Context,
  request: QHttpServerRequest,
  signal: AbortSignal,
) => UpgradeAnswer;

/** The verifiers of a server, in the order in which they were added. */
export class UpgradeVerifiers {
  #entries: readonly VerifierEntry[] = [];

  /**
   * `verifier` is asked until `context` is destroyed.
   *
   * @throws TypeError for a context that is no QObject: it would only show when a client comes.
   */
  add<Context extends AnyQObject>(context: Context, verifier: UpgradeVerifier<Context>): void {
    if (!('~connections' in context)) throw new TypeError('A context has to be a QObject.');
    this.#entries = [...this.#living(), { context, verifier: verifier as UpgradeVerifier }];
  }

  /**
   * Asks one after the other, until one does not pass; those that are added meanwhile are not asked.
   *
   * @param decided is told of the outcome, once: before this returns when all of them answer at once.
   * @returns what is not over yet; undefined when all is said.
   */
  ask(
    request: QHttpServerRequest,
    decided: (outcome: UpgradeOutcome) => void,
  ): UpgradeInquiry | undefined {
    this.#entries = this.#living();
    const inquiry = new UpgradeInquiry(this.#entries, request, decided);
    inquiry.start();
    return inquiry.isOver ? undefined : inquiry;
  }

  #living(): VerifierEntry[] {
    return this.#entries.filter(isAlive);
  }
}
