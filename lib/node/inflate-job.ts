import type { InflateFailure, InflateListener } from '../session/wire.ts';
import type { Inflation } from './inflation.ts';
import type { Job } from './limiter.ts';

/** Inflates on another thread, or has done so here; `listener` is told unless the job is {@link drop | dropped}. */
export class InflateJob implements Job {
  #inflation: Inflation | undefined;
  readonly #listener: InflateListener;

  constructor(inflation: Inflation, listener: InflateListener) {
    this.#inflation = inflation;
    this.#listener = listener;
  }

  get isDropped(): boolean {
    return this.#inflation === undefined;
  }

  /** Tells nothing any more. */
  drop(): void {
    this.#inflation = undefined;
  }

  begin(done: () => void): void {
    this.#inflation!.runAside((outcome) => {
      done();
      this.tell(outcome);
    });
  }

  /** Ends with `outcome`. */
  tell(outcome: Buffer | InflateFailure): void {
    if (this.isDropped) return;
    this.drop();
    this.#listener.inflated(outcome);
  }
}
