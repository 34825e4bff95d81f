// A peer that drips bytes for ever instead of closing is given up after so many timeouts.
const MAX_ROUNDS = 12;

/** What a {@link ClosingTimer} watches. */
export interface Closing {
  /** A number that changes with every sign of life. */
  progress(): number;
  /** Whether work of our own is what is waited for. */
  isAtWork(): boolean;
  /** Learns that `timeout` milliseconds have brought nothing. */
  closingTimedOut(timeout: number): void;
}

/** Notices that a connection does not get anywhere on its way to the end. */
export class ClosingTimer {
  readonly #closing: Closing;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;
  #progress = 0;
  #rounds = 0;

  constructor(closing: Closing) {
    this.#closing = closing;
  }

  /** Begins anew: `timeout` milliseconds without progress are too long. Negative: for ever. */
  start(timeout: number): void {
    this.stop();
    if (timeout < 0) return;
    this.#timeout = timeout;
    this.#progress = this.#closing.progress();
    this.#rounds = 0;
    this.#timer = setTimeout(this.#look, timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    const before = this.#progress;
    this.#progress = this.#closing.progress();
    this.#rounds++;
    const isAlive = this.#progress !== before || this.#closing.isAtWork();
    if (isAlive && this.#rounds < MAX_ROUNDS) this.#timer = setTimeout(this.#look, this.#timeout);
    else this.#closing.closingTimedOut(this.#timeout);
  };
}
