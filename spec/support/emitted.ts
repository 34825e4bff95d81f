import { ConnectionType } from '../../lib/core/connection-type.ts';
import type { Signal } from '../../lib/core/signal.ts';

/** What `signal` carries when it is emitted next. */
export function emitted<Args extends unknown[]>(signal: Signal<Args>): Promise<Args> {
  return new Promise((resolve) => {
    signal.connect((...args) => resolve(args), ConnectionType.SingleShotConnection);
  });
}
