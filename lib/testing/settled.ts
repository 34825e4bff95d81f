import { movements } from './memory-stream.ts';

// A clock may have been faked since.
const { setImmediate } = globalThis;

// A slot may send on the next turn, and what it sends comes out on the one after that.
const QUIET_TURNS = 4;

/**
 * Waits until nothing moves in memory any more, and everybody has been told what has come (not in Qt).
 *
 * It needs no clock, so a faked one does not matter. What a timer of the program, the network, or
 * another thread, which deflates long messages, is to bring is not waited for.
 */
export async function settled(): Promise<void> {
  let before = movements();
  for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const now = movements();
    if (now !== before) quiet = -1;
    before = now;
  }
}
