import { settled } from './settled.ts';

/** A clock that was faked, such as that of sinon for {@link TIMERS}, or `mock.timers` of `node:test`. */
export interface FakeClock {
  /** Has all timers run that are due within the next `milliseconds`. */
  tick(milliseconds: number): unknown;
}

/**
 * The globals by which sockets and servers tell the time, to be faked together. By the others, such as
 * `setImmediate()` and `process.nextTick()`, streams deliver what has come: faked, nothing would move.
 */
export const TIMERS = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'Date',
  'performance',
] as const;

const DEFAULT_STEP = 100;

/**
 * Moves a faked clock, and lets what that brings about be sent, received and answered in between; not
 * in Qt. `tick()` alone would let whole minutes pass before a peer has a chance to answer a ping.
 *
 * @param milliseconds how far.
 * @param step after how much time, in milliseconds, what is under way gets through.
 * @throws RangeError when `milliseconds` is negative or no number, or `step` not above 0.
 */
export async function advance(
  clock: FakeClock,
  milliseconds: number,
  step: number = DEFAULT_STEP,
): Promise<void> {
  if (!(milliseconds >= 0 && milliseconds < Infinity)) {
    throw new RangeError(`A clock cannot move by ${milliseconds} ms.`);
  }
  if (!(step > 0)) throw new RangeError(`A clock cannot move in steps of ${step} ms.`);
  await settled();
  for (let left = milliseconds; left > 0; left -= step) {
    clock.tick(Math.min(step, left));
    await settled();
  }
}
