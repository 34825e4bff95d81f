import { setImmediate } from 'node:timers/promises';

/**
 * Runs `act` and returns what was thrown where nobody caught it, up to the next turn of the event
 * loop.
 */
export async function uncaughtErrors(act: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  // mocha listens too, and would fail the spec.
  const others = process.rawListeners('uncaughtException') as (() => void)[];
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', note);
  try {
    await act();
    await setImmediate();
  } finally {
    process.removeListener('uncaughtException', note);
    for (const other of others) process.on('uncaughtException', other);
  }
  return errors;
}
