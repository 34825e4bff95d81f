import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

/** As much of a stream as those need that borrow one; it delivers at once what it is given. */
export class FakeStream extends EventEmitter {
  readonly written: Buffer[] = [];
  isDestroyed = false;

  /** The same, for those who ask for a stream. */
  get duplex(): Duplex {
    return this as unknown as Duplex;
  }

  /** Whether somebody took the bytes. */
  deliver(bytes: Buffer): boolean {
    return !this.isDestroyed && this.emit('data', bytes);
  }

  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    return true;
  }

  destroy(): this {
    this.isDestroyed = true;
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }
}
