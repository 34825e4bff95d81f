import { wordsOf } from './mask.ts';

const SLAB_SIZE = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Memory in which the outgoing frames of many connections are laid down one after the other.
 *
 * A full slab is left to the collector, so that what was handed out of it stays as it is for as
 * long as somebody writes it.
 */
export class Slab {
  /** The bytes in use; another Buffer after each {@link renew}. */
  bytes: Buffer = EMPTY;
  /** The same bytes as words, for masking. */
  words: Int32Array = new Int32Array(0);
  /** Where the free part begins. */
  used = 0;

  /** Makes sure that `size` bytes are free at {@link used}; at most 64 KiB. */
  provide(size: number): void {
    if (this.bytes.length - this.used >= size) return;
    this.bytes = Buffer.allocUnsafeSlow(SLAB_SIZE);
    this.words = wordsOf(this.bytes.buffer);
    this.used = 0;
  }
}
