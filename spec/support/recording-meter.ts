import type { Meter } from '../../lib/session/meter.ts';

/** What a meter was told: the name of the call and its arguments. */
export type Metered = readonly [name: keyof Meter, ...args: (string | number | boolean)[]];

/** Remembers what a session has it count; of bytes that come, only how many. */
export class RecordingMeter implements Meter {
  readonly told: Metered[] = [];
  bytes = 0;

  read(length: number): void {
    this.bytes += length;
  }

  messageReceived(isText: boolean, size: number): void {
    this.told.push(['messageReceived', isText, size]);
  }

  messageSent(isText: boolean, size: number): void {
    this.told.push(['messageSent', isText, size]);
  }

  ping(isSent: boolean, size: number): void {
    this.told.push(['ping', isSent, size]);
  }

  pong(isSent: boolean, size: number): void {
    this.told.push(['pong', isSent, size]);
  }

  closing(isByPeer: boolean, code: number, reason: string): void {
    this.told.push(['closing', isByPeer, code, reason]);
  }

  lost(isByPeer: boolean, error: number): void {
    this.told.push(['lost', isByPeer, error]);
  }

  ended(): void {
    this.told.push(['ended']);
  }
}
