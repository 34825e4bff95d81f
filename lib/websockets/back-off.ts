import { reportUncaught } from '../core/emission.ts';
import { CloseCode } from './qwebsocketprotocol.ts';

/** What a {@link BackOff} goes by; times are in milliseconds. */
export interface BackOffOptions {
  readonly firstDelay: number;
  readonly longestDelay: number;
  readonly random?: () => number;
}

// With the default of 30 seconds, what 1012 asks for in IANA's registry: 5 to 30 seconds.
const SHARE_AFTER_RESTART = 1 / 6;

/**
 * How long to wait before each attempt: a random time up to a limit that doubles (full jitter), so
 * that those who were cut off in the same moment do not come back in the same moment.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  #failures = 0;
  #doublings = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** How many waits there were since the last {@link reset}. */
  get failures(): number {
    return this.#failures;
  }

  /** The next wait; `closeCode` is what a server has closed with, if it has. */
  next(closeCode: number): number {
    const { firstDelay, longestDelay } = this.#options;
    const most = Math.min(longestDelay, firstDelay * 2 ** this.#doublings);
    this.#failures++;
    this.#doublings++;
    if (!isSpread(closeCode)) return this.share(most);
    // Of a service that is overloaded, all that follow are long as well.
    if (closeCode === CloseCode.CloseCodeTryAgainLater) this.#doublings = Infinity;
    const least = longestDelay * SHARE_AFTER_RESTART;
    return least + this.share(longestDelay - least);
  }

  /** A random part of `most`. */
  share(most: number): number {
    return Math.floor(this.#random() * most);
  }

  /** Begins anew with the shortest waits. */
  reset(): void {
    this.#failures = 0;
    this.#doublings = 0;
  }

  #random(): number {
    try {
      const number = this.#options.random?.() ?? NaN;
      if (number >= 0 && number <= 1) return number;
    } catch (error) {
      reportUncaught(error);
    }
    return Math.random();
  }
}

/** Whether the server has asked that its clients come back one by one. */
function isSpread(closeCode: number): boolean {
  return (
    closeCode === CloseCode.CloseCodeServiceRestart ||
    closeCode === CloseCode.CloseCodeTryAgainLater
  );
}
