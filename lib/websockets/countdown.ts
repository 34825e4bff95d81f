import { Stopwatch } from './stopwatch.ts';

/** A wait for the next attempt, in milliseconds, which can be cut short, but for a part of it. */
export class Countdown {
  readonly #over: (late: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch = new Stopwatch();
  #delay = 0;
  #least = 0;

  /** @param over is called at the end of a wait, with the time that was waited beyond it. */
  constructor(over: (late: number) => void) {
    this.#over = over;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** The rest of the wait; −1 while there is none. */
  remainingTime(): number {
    return this.isRunning ? Math.max(this.#left(), 0) : -1;
  }

  /** Waits for `delay`, in the place of any wait before; of that, `least` is never cut. */
  start(delay: number, least: number): void {
    this.stop();
    this.#watch = new Stopwatch();
    this.#delay = delay;
    this.#least = least;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#over(Math.max(-this.#left(), 0));
    }, delay);
  }

  /** Waits for what cannot be cut and `delay`, if that is shorter; returns how long it waits now. */
  cut(delay: number): number {
    const left = this.#left();
    const least = Math.max(left - this.#delay + this.#least, 0);
    // What is overdue has waited for a machine that slept, whose network takes a moment.
    const wait = left > 0 ? Math.min(left, least + delay) : least + delay;
    this.start(wait, least);
    return wait;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #left(): number {
    return this.#delay - this.#watch.elapsed();
  }
}
