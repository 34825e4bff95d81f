import { PeerWatch } from './peer-watch.ts';

// A timer would fire at once for anything longer.
const LONGEST = 2 ** 31 - 1;

/**
 * Watches peers that are only pinged by `probe()`: when the machine has woken up.
 *
 * @param deadline how long they have to answer, in milliseconds.
 * @throws RangeError for a deadline that is no number of milliseconds above 0.
 */
export function wakeProbe(deadline: number): PeerWatch {
  return new PeerWatch({
    interval: Infinity,
    timeout: Math.min(deadline, LONGEST),
    detail: `${deadline} ms without a pong after the machine woke up`,
    advice: 'The connection did not outlive the sleep: connect again.',
  });
}
