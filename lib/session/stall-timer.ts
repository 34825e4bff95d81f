/** What a {@link StallTimer} watches. */
export interface Stallable {
  /** Whether something is awaited at all. */
  isAwaiting(): boolean;
  /** Learns that nothing has come for too long. */
  stalled(): void;
}

/**
 * Notices that what is awaited does not come.
 *
 * A sign of life costs a time stamp and no timer: the timer that runs looks, when it fires, how
 * long ago the last sign was.
 */
export class StallTimer {
  readonly #watched: Stallable;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline = 0;
  #lastSign = 0;

  constructor(watched: Stallable) {
    this.#watched = watched;
  }

  /** Notes a sign of life: `deadline` milliseconds of silence from now on are too long. */
  touch(deadline: number): void {
    this.#lastSign = performance.now();
    this.#deadline = deadline;
    this.#timer ??= setTimeout(this.#look, deadline);
  }

  /** Stops watching. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    if (!this.#watched.isAwaiting()) return;
    const rest = this.#lastSign + this.#deadline - performance.now();
    // Timers may fire a fraction of a millisecond early.
    if (rest >= 1) this.#timer = setTimeout(this.#look, rest);
    else this.#watched.stalled();
  };
}
