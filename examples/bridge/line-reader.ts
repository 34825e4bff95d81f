/** The longest line that is read, in bytes. */
export const MAX_LINE = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a reader tells. */
export interface LineEvents {
  line(text: string): void;
  /** A line was longer than {@link MAX_LINE}, and was skipped. */
  tooLong(): void;
}

/**
 * Finds the lines in a stream of bytes, however that is cut. A line ends with LF or CR LF; what is
 * no UTF-8 in it becomes U+FFFD.
 */
export class LineReader {
  readonly #events: LineEvents;
  readonly #held = Buffer.allocUnsafe(MAX_LINE);
  #length = 0;
  #isTooLong = false;

  constructor(events: LineEvents) {
    this.#events = events;
  }

  push(bytes: Uint8Array): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end === -1) break;
      this.#hold(bytes.subarray(start, end));
      this.#finish();
      start = end + 1;
    }
    this.#hold(bytes.subarray(start));
  }

  /** Takes what came last for a line, if it did not end with one. */
  end(): void {
    if (this.#length > 0 || this.#isTooLong) this.#finish();
  }

  #hold(bytes: Uint8Array): void {
    if (this.#length + bytes.length > MAX_LINE) this.#isTooLong = true;
    if (this.#isTooLong) return;
    this.#held.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #finish(): void {
    const hasReturn = this.#held[this.#length - 1] === CARRIAGE_RETURN && this.#length > 0;
    const text = this.#held.toString('utf8', 0, this.#length - (hasReturn ? 1 : 0));
    const isTooLong = this.#isTooLong;
    this.#length = 0;
    this.#isTooLong = false;
    if (isTooLong) this.#events.tooLong();
    else this.#events.line(text);
  }
}
