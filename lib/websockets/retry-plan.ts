import { BackOff } from './back-off.ts';
import type { ReconnectFailure } from './reconnect-failure.ts';
import type { ReconnectSettings } from './reconnect-options.ts';

/** How long to wait before an attempt, in milliseconds. */
export interface Wait {
  readonly delay: number;
  /** How much of that the server has asked for. */
  readonly least: number;
}

// What a timer can be set to.
const LONGEST_WAIT = 2 ** 31 - 1;

/** How long a Reconnector waits before each attempt, and after which it makes no further one. */
export class RetryPlan {
  readonly #settings: ReconnectSettings;
  readonly #backOff: BackOff;
  #failingSince: number | undefined;

  constructor(settings: ReconnectSettings) {
    this.#settings = settings;
    this.#backOff = new BackOff(settings);
  }

  /** How many waits there were since it has begun to count. */
  get attempts(): number {
    return this.#backOff.failures;
  }

  /** Begins to count anew. */
  reset(): void {
    this.#backOff.reset();
    this.#failingSince = undefined;
  }

  /**
   * What follows `failure`: a wait, or the reason why nothing does.
   *
   * @param lasted how long there was a connection, in milliseconds, if there was one.
   */
  after(failure: ReconnectFailure, lasted: number | undefined): Wait | string {
    const { stableAfter, maxAttempts, maxElapsedTime, longestRetryAfter } = this.#settings;
    const now = Date.now();
    if (lasted !== undefined && lasted >= stableAfter) this.reset();
    this.#failingSince ??= now;
    if (this.attempts >= maxAttempts) {
      return `${maxAttempts} attempts in a row have failed. ${failure.reason}`;
    }
    const least = Math.min(Math.max(failure.retryAfter, 0), longestRetryAfter);
    // All who were told the same pause would come in the same moment.
    const delay = Math.min(least + this.#backOff.next(failure.closeCode), LONGEST_WAIT);
    if (now + delay - this.#failingSince > maxElapsedTime) {
      return `No connection has lasted within ${maxElapsedTime} ms. ${failure.reason}`;
    }
    return { delay, least };
  }

  /** Begins to count anew, since the network may be back; returns how long to wait. */
  wake(): number {
    this.reset();
    return this.#backOff.next(0);
  }
}
