const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/** How long to wait before each attempt to connect again, in milliseconds: ever longer. */
export class BackOff {
  readonly #random: () => number;
  #attempts = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether an attempt has failed since the last success. */
  get isTrying(): boolean {
    return this.#attempts > 0;
  }

  /** The wait before the next attempt: from half of 0.5 s, doubled each time, up to 15 s. */
  next(): number {
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempts);
    this.#attempts += 1;
    // Jitter keeps the clients of a restarted server from coming back all at once.
    return longest * (0.5 + this.#random() / 2);
  }

  /** Starts anew with the shortest wait, after a success. */
  succeed(): void {
    this.#attempts = 0;
  }
}
