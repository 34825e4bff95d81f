/** A wait for the next attempt, in milliseconds, which can be cut short, but for a part of it. */
export class Countdown {
  readonly #over: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // On the wall's clock, which goes on while the machine sleeps.
  #dueAt = 0;
  #notBefore = 0;

  /** @param over is called at the end of a wait. */
  constructor(over: () => void) {
    this.#over = over;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** The rest of the wait; −1 while there is none. */
  remainingTime(): number {
    return this.isRunning ? Math.max(this.#dueAt - Date.now(), 0) : -1;
  }

  /** Waits for `delay`, in the place of any wait before; of that, `least` is never cut. */
  start(delay: number, least: number): void {
    this.stop();
    const now = Date.now();
    this.#dueAt = now + delay;
    this.#notBefore = now + least;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#over();
    }, delay);
  }

  /** Waits for what cannot be cut and `delay`, if that is shorter; returns how long it waits now. */
  cut(delay: number): number {
    const now = Date.now();
    const least = Math.max(this.#notBefore - now, 0);
    const left = this.#dueAt - now;
    // What is overdue has waited for a machine that slept, whose network takes a moment.
    const wait = left > 0 ? Math.min(left, least + delay) : least + delay;
    this.start(wait, least);
    return wait;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
