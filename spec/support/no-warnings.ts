import type { Context } from 'mocha';

const warnings: string[] = [];
let running = '';

function note(warning: Error): void {
  const { stack = String(warning), cause } = warning;
  warnings.push(`${running}\n${stack}${cause instanceof Error ? `\n${cause.stack}` : ''}`);
}

// It would end a program. Mocha keeps it from ending a run, and tells nobody.
function noteRejection(reason: unknown): void {
  note(new Error('A promise was rejected and nobody heard.', { cause: reason }));
}

/**
 * Fails a run in which Node has warned of anything, or in which a promise was rejected that nobody
 * listened to; mocha loads it before all specs.
 */
export const mochaHooks = {
  beforeAll(): void {
    process.on('warning', note);
    process.on('unhandledRejection', noteRejection);
  },
  beforeEach(this: Context): void {
    running = this.currentTest?.fullTitle() ?? '';
  },
  afterAll(): void {
    process.off('warning', note);
    process.off('unhandledRejection', noteRejection);
    if (warnings.length > 0) throw new Error(`Node has warned:\n${warnings.join('\n')}`);
  },
};
