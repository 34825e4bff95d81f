// For runs that take long: tells on standard error which spec has not ended yet. To be required.
import type { Context } from 'mocha';

/** In milliseconds: how often it is told. */
const PROGRESS_EVERY = 10_000;

let timer: NodeJS.Timeout | undefined;

export const mochaHooks = {
  beforeEach(this: Context): void {
    const title = this.currentTest?.fullTitle() ?? '';
    const began = performance.now();
    timer = setInterval(() => {
      const seconds = Math.round((performance.now() - began) / 1000);
      process.stderr.write(`… ${title}: ${seconds} s so far\n`);
    }, PROGRESS_EVERY);
    timer.unref();
  },
  afterEach(): void {
    clearInterval(timer);
  },
};
