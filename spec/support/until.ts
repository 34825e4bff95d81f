import { setImmediate } from 'node:timers/promises';

/** Lets the event loop run until `condition` holds; the spec's own timeout ends it otherwise. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}
