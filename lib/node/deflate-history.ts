const SMALLEST = 256;
const EMPTY = Buffer.alloc(0);

/** The end of what went over a connection in one direction, to which later messages may refer (RFC 7692 §7.2.3.2). */
export class DeflateHistory {
  readonly #most: number;
  #bytes: Buffer = EMPTY;
  #length = 0;

  /** @param most how many bytes are kept; 0 for none. The memory grows with what comes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many bytes are kept now. */
  get length(): number {
    return this.#length;
  }

  /** A view that the next {@link add} changes; zlib copies it at once. */
  view(): Buffer | undefined {
    return this.#length === 0 ? undefined : this.#bytes.subarray(0, this.#length);
  }

  /** Appends a message. */
  add(message: Uint8Array): void {
    const most = this.#most;
    const tail = message.length > most ? message.subarray(message.length - most) : message;
    const kept = Math.min(this.#length, most - tail.length);
    const length = kept + tail.length;
    const from = this.#length - kept;
    if (length > this.#bytes.length) {
      const room = Math.min(most, Math.max(SMALLEST, 2 * length));
      const bytes = Buffer.allocUnsafeSlow(room);
      this.#bytes.copy(bytes, 0, from, this.#length);
      this.#bytes = bytes;
    } else if (from > 0) {
      this.#bytes.copyWithin(0, from, this.#length);
    }
    this.#bytes.set(tail, kept);
    this.#length = length;
  }
}
