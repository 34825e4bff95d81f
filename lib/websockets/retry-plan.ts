import { BackOff } from './back-off.ts';
import type { ReconnectFailure } from './reconnect-failure.ts';
import type { ReconnectSettings } from './reconnect-options.ts';
import { Stopwatch } from './stopwatch.ts';

/** How long to wait before an attempt, in milliseconds. */
export interface Wait {
  readonly delay: number;
  /** How much of that the server has asked for. */
  readonly least: number;
}

// After waking up, sources tell of a few things: the machine, its screen, its network.
const WAKES = 3;
const WAKES_WITHIN = 30_000;

// What a timer can be set to.
const LONGEST_WAIT = 2 ** 31 - 1;

/** How long a Reconnector waits before each attempt, and after which it makes no further one. */
export class RetryPlan {
  readonly #settings: ReconnectSettings;
  readonly #backOff: BackOff;
  #failing: Stopwatch | undefined;
  #slept = 0;
  #waking: Stopwatch | undefined;
  #wakes = 0;

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
    this.#failing = undefined;
    this.#slept = 0;
  }

  /**
   * What follows `failure`: a wait, or the reason why nothing does.
   *
   * @param lasted how long there was a connection, in milliseconds, if there was one.
   */
  after(failure: ReconnectFailure, lasted: number | undefined): Wait | string {
    const { stableAfter, maxAttempts, maxElapsedTime, longestRetryAfter } = this.#settings;
    if (lasted !== undefined && lasted >= stableAfter) this.reset();
    this.#failing ??= new Stopwatch();
    if (this.attempts >= maxAttempts) {
      return `Attempts in a row that have failed: ${maxAttempts}. ${failure.reason}`;
    }
    const least = Math.min(Math.max(failure.retryAfter, 0), longestRetryAfter);
    // All who were told the same pause would come in the same moment.
    const delay = Math.min(least + this.#backOff.next(failure.closeCode), LONGEST_WAIT);
    if (this.#failing.elapsed() - this.#slept + delay > maxElapsedTime) {
      return `No connection has lasted within ${maxElapsedTime} ms. ${failure.reason}`;
    }
    return { delay, least };
  }

  /** Learns that a wait has taken longer than it should: the machine has slept. */
  oversleep(time: number): void {
    this.#slept += time;
  }

  /**
   * Begins to count anew, since the network may be back; returns how long to wait, or undefined when
   * that was told too often: a source that tells without end would leave nothing of the waits.
   */
  wake(): number | undefined {
    if (this.#waking === undefined || this.#waking.elapsed() >= WAKES_WITHIN) {
      this.#waking = new Stopwatch();
      this.#wakes = 0;
    }
    if (this.#wakes === WAKES) return undefined;
    this.#wakes++;
    this.reset();
    return this.#backOff.next(0);
  }
}
