/**
 * The time since it was made, in whole milliseconds, by two clocks: one may stand still while the
 * machine sleeps, and the one on the wall may be put back.
 */
export class Stopwatch {
  readonly #steady = performance.now();
  readonly #onWall = Date.now();

  elapsed(): number {
    return Math.floor(Math.max(performance.now() - this.#steady, Date.now() - this.#onWall));
  }
}
