import { QObject } from '../../lib/core/qobject.ts';
import type { Signal } from '../../lib/core/signal.ts';

export interface BellSignals {
  rung: [times: number, note: string];
  broken: [];
  error: [reason: string];
}

/** An object with signals that anyone may emit. */
export class Bell extends QObject<BellSignals> {
  get rung(): Signal<BellSignals['rung']> {
    return this.signal('rung');
  }

  get broken(): Signal<BellSignals['broken']> {
    return this.signal('broken');
  }

  ring(times = 1, note = 'a'): boolean {
    return this.emit('rung', times, note);
  }

  /** Rings as the library's own classes do. */
  toll(times = 1, note = 'a'): boolean {
    return this.announce('rung', times, note);
  }

  /** What a slot that is a method of this object sees. */
  ringer(): unknown {
    return this.sender();
  }
}
