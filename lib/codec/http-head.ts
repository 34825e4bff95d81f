import { TOKEN_BYTES, trimWhiteSpace } from './header-list.ts';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

// In bytes: most heads that come in pieces fit.
const FIRST_CAPACITY = 1024;

const LONE_LINE_FEED = 'There is a line feed without a carriage return.';

const NOTHING = Buffer.alloc(0);

// 1 for each byte that may stand in a line: all but the control characters other than the tab (RFC 9110 §5.5).
const FIELD_BYTES = fieldBytes();

/** How much of a message's head a {@link HeadReader} takes before it gives up. */
export interface HeadLimits {
  /** Fields in the head; a repeated name counts each time. */
  readonly maxFields: number;
  /** Bytes of one field: name, colon and value with its white space and folded lines, without line ends. */
  readonly maxFieldSize: number;
  /** Bytes of the whole head, with every line end. */
  readonly maxSize: number;
  /** Bytes of the start line, with its line end. */
  readonly maxStartLine: number;
  /** Empty lines that are skipped before the start line (RFC 9112 §2.2). */
  readonly maxEmptyLines: number;
}

/** What a client takes from a server, as in Qt; Qt sets no limit of its own to the status line. */
export const CLIENT_HEAD_LIMITS: HeadLimits = {
  maxFields: 100,
  maxFieldSize: 102_400,
  maxSize: 819_204,
  maxStartLine: 102_400,
  maxEmptyLines: 0,
};

/** What a server takes from a client, as in Qt, and the one empty line that RFC 9112 §2.2 asks for. */
export const SERVER_HEAD_LIMITS: HeadLimits = {
  maxFields: 100,
  maxFieldSize: 8192,
  maxSize: 819_204,
  maxStartLine: 8192,
  maxEmptyLines: 1,
};

/** The head of an HTTP/1.1 request or response (RFC 9112 §2.1), as Latin-1. */
export interface HttpHead {
  /** Request line or status line, as written. */
  readonly startLine: string;
  /**
   * Name, value, name, value, … in the order written.
   *
   * Names are as written; values have no white space at their ends, and folded lines are joined by one space.
   */
  readonly fields: readonly string[];
}

/** A head with all that it was made from. */
export interface WrittenHead extends HttpHead {
  /** From the start line to the empty line, as written. */
  readonly text: string;
}

/** A whole head, and the bytes that followed it: a view into the last chunk. */
export interface HeadSuccess {
  readonly head: WrittenHead;
  readonly rest: Buffer;
}

/** Why no head can be made of the bytes. */
export interface HeadFailure {
  readonly failure: 'malformed' | 'tooLarge';
  /** A full sentence. */
  readonly reason: string;
  /** What was being read; `'head'` when all of it together is too large. */
  readonly part: 'startLine' | 'fields' | 'head';
  /** The start line, if that is whole and it is what is wrong. */
  readonly startLine?: string;
}

export type HeadResult = HeadSuccess | HeadFailure;

/**
 * Finds the head of an HTTP/1.1 message in a byte stream (RFC 9112 §2, §5).
 *
 * Reads strictly: every line ends in CR LF, names are tokens that the colon follows at once, and no other control
 * character than the tab occurs. What breaks these rules, or a limit, is reported with the first byte that proves it,
 * however the bytes are cut into chunks.
 *
 * Folded lines (RFC 9112 §5.2) are joined. A start line is judged at its end, before anything that follows it.
 *
 * After a head the reader is ready for the next one; after a failure it repeats the failure.
 */
export class HeadReader {
  readonly #limits: HeadLimits;
  readonly #isStartLine: (line: string) => boolean;

  // Bytes of an unfinished head, copied out of their chunks; empty when a chunk brings a whole head.
  #held = NOTHING;
  #heldLength = 0;

  // Everything before #position has been looked at; #lineStart is the start of the line it is in.
  #position = 0;
  #lineStart = 0;
  // Where the name of the field in that line ends, as far as it has been looked at.
  #nameEnd = 0;
  #emptyLines = 0;
  #fieldSize = 0;
  // Offsets: start and end of the start line, then those of each field's name and value, its folded lines included.
  // Empty until the start line has ended.
  #parts: number[] = [];
  #failure: HeadFailure | undefined;

  /** @param isStartLine whether the line that begins a head can do so; any can unless it is given. */
  constructor(limits: HeadLimits, isStartLine: (line: string) => boolean = anyLine) {
    this.#limits = limits;
    this.#isStartLine = isStartLine;
  }

  /** Number of bytes that wait for the rest of their head: never more than {@link HeadLimits.maxSize}. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): HeadResult | undefined {
    if (this.#failure !== undefined) return this.#failure;

    const before = this.#heldLength;
    const end = Math.min(before + chunk.length, this.#limits.maxSize);
    const bytes = before === 0 ? chunk : this.#hold(chunk, end);
    const isComplete = this.#read(bytes, end);
    if (this.#failure !== undefined) {
      this.#forget();
      return this.#failure;
    }
    if (!isComplete) {
      if (before === 0) this.#hold(chunk, end);
      return undefined;
    }
    const head = this.#headOf(bytes);
    const rest = chunk.subarray(this.#position - before);
    this.#forget();
    return { head, rest };
  }

  /** Looks at `bytes` up to `end`, line by line; whether the head ended there. */
  #read(bytes: Buffer, end: number): boolean {
    let position = this.#position;
    while (true) {
      while (position < end && FIELD_BYTES[bytes[position]!] === 1) position++;
      if (position + 1 >= end) break;
      if (bytes[position] !== CR || bytes[position + 1] !== LF) break;

      const start = this.#lineStart;
      const isEmpty = position === start;
      this.#lineStart = position + 2;
      this.#position = position + 2;
      if (isEmpty && this.#parts.length > 0) return true;
      if (!this.#line(bytes, start, position)) return false;
      position += 2;
    }
    this.#position = position;
    this.#checkUnfinished(bytes, end);
    return false;
  }

  /** Takes one line without its end; whether to go on. */
  #line(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#isLineGood(bytes, start, end)) return false;
    if (this.#parts.length === 0) return this.#startLine(bytes, start, end);
    if (isWhiteSpace(bytes[start]!)) return this.#foldedLine(start, end);
    return this.#field(bytes, start, end);
  }

  #startLine(bytes: Buffer, start: number, end: number): boolean {
    if (start === end) {
      this.#emptyLines++;
      if (this.#emptyLines <= this.#limits.maxEmptyLines) return true;
      return this.#fail('malformed', 'startLine', 'The start line is empty.');
    }
    const line = bytes.toString('latin1', start, end);
    if (!this.#isStartLine(line)) {
      this.#failure = {
        failure: 'malformed',
        reason: 'The start line is malformed.',
        part: 'startLine',
        startLine: line,
      };
      return false;
    }
    this.#parts.push(start, end);
    return true;
  }

  #field(bytes: Buffer, start: number, end: number): boolean {
    const colon = this.#nameEnd;
    if (colon === end) return this.#failName();
    const { maxFields } = this.#limits;
    if (this.#parts.length >= 2 + 4 * maxFields) {
      return this.#fail('tooLarge', 'fields', `There are more than ${maxFields} header fields.`);
    }
    this.#fieldSize = end - start;
    let from = colon + 1;
    let to = end;
    while (from < to && isWhiteSpace(bytes[from]!)) from++;
    while (to > from && isWhiteSpace(bytes[to - 1]!)) to--;
    this.#parts.push(start, colon, from, to);
    return true;
  }

  #foldedLine(start: number, end: number): boolean {
    this.#fieldSize += end - start;
    this.#parts[this.#parts.length - 1] = end;
    return true;
  }

  /** Fails as soon as the line that `bytes` break off in, or the whole head, cannot come to a good end. */
  #checkUnfinished(bytes: Buffer, end: number): void {
    const position = this.#position;
    const start = this.#lineStart;
    if (!this.#isLineGood(bytes, start, position)) return;
    const isCarriageReturn = position < end && bytes[position] === CR;
    if (isCarriageReturn && position === this.#nameEnd && position > start) {
      this.#failName();
    } else if (position < end && (!isCarriageReturn || position + 1 < end)) {
      const part = this.#parts.length === 0 ? 'startLine' : 'fields';
      const isLineFeed = bytes[position] === LF;
      const reason = isLineFeed ? LONE_LINE_FEED : 'There is a control character in the head.';
      this.#fail('malformed', part, reason);
    } else if (end === this.#limits.maxSize) {
      this.#fail('tooLarge', 'head', `The head is larger than ${end} bytes.`);
    }
  }

  /** Whether nothing is wrong between `start` and `end` with the line, which may go on. */
  #isLineGood(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (this.#parts.length === 0) return this.#startLineFits(length + 2);
    if (length === 0) return true;
    if (!isWhiteSpace(bytes[start]!)) {
      return this.#isNameGood(bytes, start, end) && this.#fieldFits(length);
    }
    if (this.#parts.length > 2) return this.#fieldFits(this.#fieldSize + length);
    return this.#fail('malformed', 'fields', 'The first header line starts with white space.');
  }

  /** Whether what stands between `start` and `end` is a name, or the beginning of one, or one and its colon. */
  #isNameGood(bytes: Buffer, start: number, end: number): boolean {
    // What is beyond the limit is too large before it is malformed.
    const limit = Math.min(end, start + this.#limits.maxFieldSize);
    let position = Math.max(start, this.#nameEnd);
    while (position < limit && TOKEN_BYTES[bytes[position]!] === 1) position++;
    this.#nameEnd = position;
    if (position === limit || (bytes[position] === COLON && position > start)) return true;
    return this.#failName();
  }

  #startLineFits(size: number): boolean {
    const { maxStartLine } = this.#limits;
    if (size <= maxStartLine) return true;
    return this.#fail(
      'tooLarge',
      'startLine',
      `The start line is longer than ${maxStartLine} bytes.`,
    );
  }

  #fieldFits(size: number): boolean {
    const { maxFieldSize } = this.#limits;
    if (size <= maxFieldSize) return true;
    return this.#fail('tooLarge', 'fields', `A header field is longer than ${maxFieldSize} bytes.`);
  }

  #failName(): false {
    return this.#fail('malformed', 'fields', 'A header line has no name that a colon follows.');
  }

  #fail(failure: HeadFailure['failure'], part: HeadFailure['part'], reason: string): false {
    this.#failure = { failure, reason, part };
    return false;
  }

  /** The parts that were found, as text. */
  #headOf(bytes: Buffer): WrittenHead {
    const parts = this.#parts;
    const base = parts[0]!;
    const text = bytes.toString('latin1', base, this.#position);
    const fields: string[] = [];
    for (let i = 2; i < parts.length; i += 4) {
      const value = text.slice(parts[i + 2]! - base, parts[i + 3]! - base);
      fields.push(text.slice(parts[i]! - base, parts[i + 1]! - base), unfolded(value));
    }
    return { startLine: text.slice(0, parts[1]! - base), fields, text };
  }

  /** Copies `chunk` behind what is held, up to `end` bytes in all, so that no chunk is kept alive. */
  #hold(chunk: Buffer, end: number): Buffer {
    if (end > this.#held.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(FIRST_CAPACITY, Math.min(2 * end, this.#limits.maxSize)),
      );
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#heldLength, 0, end - this.#heldLength);
    this.#heldLength = end;
    return this.#held;
  }

  #forget(): void {
    this.#held = NOTHING;
    this.#heldLength = 0;
    this.#position = 0;
    this.#lineStart = 0;
    this.#nameEnd = 0;
    this.#emptyLines = 0;
    this.#fieldSize = 0;
    this.#parts = [];
  }
}

/**
 * A head as Latin-1: start line, fields (name, value, name, value, …) and the empty line.
 *
 * Characters above U+00FF become `?`, as in Qt. The parts must have no control characters: see {@link isFieldText}.
 */
export function headText(startLine: string, fields: readonly string[]): string {
  let text = `${startLine}\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  text += '\r\n';
  // Encoding alone would keep the low byte of U+010A, which is a line feed.
  return /[\u0100-\uffff]/.test(text) ? text.replace(/[\u0100-\uffff]/g, '?') : text;
}

/** The bytes of a {@link headText}. */
export function writeHead(startLine: string, fields: readonly string[]): Buffer {
  return Buffer.from(headText(startLine, fields), 'latin1');
}

/** Whether `text` holds a character that would end or cut a line of a head: CR, LF or NUL. */
export function hasLineBreak(text: string): boolean {
  return text.includes('\n') || text.includes('\r') || text.includes('\0');
}

/** Whether `text` can be a part of a line of a head: it has no control characters but tabs (RFC 9110 §5.5). */
export function isFieldText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (FIELD_BYTES[text.charCodeAt(i)] === 0) return false;
  return true;
}

function anyLine(): boolean {
  return true;
}

function unfolded(value: string): string {
  if (!value.includes('\r\n')) return value;
  const lines = value.split('\r\n').map(trimWhiteSpace);
  return lines.filter((line) => line !== '').join(' ');
}

function isWhiteSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function fieldBytes(): Uint8Array {
  const table = new Uint8Array(256).fill(1);
  table.fill(0, 0, SPACE);
  table[TAB] = 1;
  table[0x7f] = 0;
  return table;
}
