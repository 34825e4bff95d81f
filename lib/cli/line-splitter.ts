const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What a LineSplitter tells. */
export interface LineSink {
  /** A line without its end, as text; bytes that are no UTF-8 are U+FFFD. */
  line(text: string): void;
  /** A line is longer than it may be; nothing comes after this. */
  tooLong(): void;
}

/** Cuts bytes into lines, which end with LF or CRLF. Holds at most one line. */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #longest: number;
  #begun: Uint8Array[] = [];
  #length = 0;
  #isStopped = false;

  /** @param longest how many bytes a line may have. */
  constructor(sink: LineSink, longest: number) {
    this.#sink = sink;
    this.#longest = longest;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    while (!this.#isStopped) {
      const end = chunk.indexOf(LINE_FEED, start);
      this.#take(chunk.subarray(start, end < 0 ? undefined : end));
      if (end < 0) return;
      this.#finish();
      start = end + 1;
    }
  }

  /** Gives out a last line that has no end. */
  end(): void {
    if (this.#length > 0) this.#finish();
  }

  #take(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > this.#longest) {
      this.#isStopped = true;
      this.#begun = [];
      this.#length = 0;
      this.#sink.tooLong();
    } else if (part.length > 0) {
      this.#begun.push(part);
    }
  }

  #finish(): void {
    if (this.#isStopped) return;
    const bytes = this.#begun.length === 1 ? this.#begun[0]! : Buffer.concat(this.#begun);
    const length = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    this.#begun = [];
    this.#length = 0;
    this.#sink.line(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8'));
  }
}
