import type { Context } from 'mocha';

const warnings: string[] = [];
let running = '';

function note(warning: Error): void {
  warnings.push(`${running}\n${warning.stack ?? String(warning)}`);
}

/** Fails a run in which Node has warned of anything; mocha loads it before all specs. */
export const mochaHooks = {
  beforeAll(): void {
    process.on('warning', note);
  },
  beforeEach(this: Context): void {
    running = this.currentTest?.fullTitle() ?? '';
  },
  afterAll(): void {
    process.off('warning', note);
    if (warnings.length > 0) throw new Error(`Node has warned:\n${warnings.join('\n')}`);
  },
};
