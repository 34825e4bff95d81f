import { Queue } from '../session/queue.ts';

/** Work that is done outside of this thread. */
export interface Job {
  /** Whether nobody wants the result any more; it is not begun then. */
  readonly isDropped: boolean;
  /** Begins, and calls `done` once, later. */
  begin(done: () => void): void;
}

/** Lets a number of jobs run at the same time; the others wait, first come, first served. */
export class Limiter {
  readonly #most: number;
  readonly #waiting = new Queue<Job>();
  #running = 0;

  /** @param most how many may run at the same time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Begins `job` now, or when its turn has come. */
  run(job: Job): void {
    this.#waiting.push(job);
    this.#begin();
  }

  #begin(): void {
    while (this.#running < this.#most) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      if (job.isDropped) continue;
      this.#running++;
      job.begin(this.#done);
    }
  }

  readonly #done = (): void => {
    this.#running--;
    this.#begin();
  };
}
