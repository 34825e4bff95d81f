import { payloadMemory } from './payload-memory.ts';

const SMALLEST = 64;

const EMPTY = Buffer.alloc(0);

/**
 * One buffer that grows with what is put into it.
 *
 * Pieces are copied, so that a million tiny ones cost no more than their bytes, and no piece
 * keeps the chunk alive that it came in.
 */
export class ByteCollector {
  #bytes: Buffer = EMPTY;
  #length = 0;

  /** The number of bytes collected. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds bytes `start` to `end` of `source`.
   *
   * @param expected how long the whole will be, where that is known: never more room than that
   *   is taken, and never more than four times of what has really come.
   */
  append(source: Uint8Array, start: number, end: number, expected: number = Infinity): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, expected);
    if (source instanceof Buffer) source.copy(this.#bytes, this.#length, start, end);
    else this.#bytes.set(source.subarray(start, end), this.#length);
    this.#length = length;
  }

  /** The memory that begins with what was collected; the next {@link append} may take other memory. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** What was collected so far, as a view that the next {@link append} may change. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins with memory of somebody's, which must be free. */
  use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#length = 0;
  }

  /** Hands over the memory that begins with what was collected, and begins anew. */
  takeAll(): Buffer {
    const bytes = this.#bytes;
    this.clear();
    return bytes;
  }

  /** Hands over what was collected and begins anew. */
  take(): Buffer {
    const { length } = this.#bytes;
    // Room that was never filled must not live on with the payload.
    const bytes = length > 1.25 * this.#length + SMALLEST ? Buffer.from(this.view()) : this.view();
    this.clear();
    return bytes;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#bytes = EMPTY;
    this.#length = 0;
  }

  #grow(length: number, expected: number): void {
    // Growing by four keeps copying below a third of the bytes that come.
    const room =
      expected === Infinity ? 2 * length : Math.min(4 * length, Math.max(length, expected));
    const bytes = payloadMemory(Math.max(SMALLEST, room));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}
