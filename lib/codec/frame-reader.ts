import { isAscii as areAllAscii } from 'node:buffer';
import { ByteCollector } from './byte-collector.ts';
import { applyMask, orBytes, rotateLeft, wordsOf } from './mask.ts';
import { CompressedCode, isControl, isOpCode, OpCode } from './opcode.ts';

const MAX_CONTROL_PAYLOAD = 125;

// The longest header: two bytes, a length of eight, a masking key.
const LONGEST_HEADER = 14;

// The view over a chunk's words pays for payloads from this size on.
const WORDS_FROM = 64;

// Node's own check pays for the call from this size on: 16 KiB of text that is not masked are read
// in 2.9 instead of 5.0 µs.
const NATIVE_CHECK_FROM = 1024;

/** Close codes with which reading fails a connection (RFC 6455 §7.4.1). */
export type ViolationCode = 1002 | 1007 | 1009;

/** Where a {@link FrameReader} delivers what it finds. */
export interface FrameSink {
  /**
   * Takes one complete, unmasked frame: its payload is `bytes[start, end)`.
   *
   * The sink may keep a view of the payload: nobody writes into these bytes again. It keeps all of
   * `bytes` alive then.
   *
   * @param isAscii whether a text payload is known to be ASCII.
   */
  frame(
    opcode: OpCode,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
  ): void;

  /**
   * Learns of a frame of which only a part has come yet, before that part is kept.
   *
   * @returns whether to show it what comes of the payload: see {@link partial}.
   */
  announce(opcode: OpCode, length: number): boolean;

  /**
   * Sees the next bytes of the payload of a frame that was announced, `bytes[start, end)`, unmasked and lent until the
   * call returns. The last ones are seen in {@link frame} only, which gets the whole payload.
   *
   * @param isAscii whether a text payload is known to be ASCII so far.
   */
  partial(bytes: Buffer, start: number, end: number, isAscii: boolean): void;

  /** Learns that the peer broke the protocol; nothing more is delivered. */
  violation(code: ViolationCode, reason: string): void;
}

/** How much a {@link FrameReader} accepts; read anew for each frame. */
export interface FrameLimits {
  /** Largest payload of one frame, in bytes. */
  readonly maxIncomingFrameSize: number;
}

/**
 * Cuts a byte stream into WebSocket frames (RFC 6455 §5.2).
 *
 * Does no I/O and never throws for what the peer sends. Frames are delivered where they lie in
 * the chunk, unmasked in place; only the frame at the end of a chunk is held back until the rest
 * of it has come.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  readonly #expectMask: boolean;
  readonly #takesCompressed: boolean;

  // The incomplete frame at the end of what was pushed, and the number of bytes it
  // must grow to before another look can tell anything new.
  readonly #held = new ByteCollector();
  #wanted = 0;
  // Where the payload of the held frame begins, and how far it is unmasked; 0 while its header is not complete.
  #payload = 0;
  #unmasked = 0;
  // Whether the sink sees what comes of that payload before the frame is whole.
  #isShown = false;
  // All bytes of that payload OR-ed together, as far as it has come.
  #seen = 0;
  // Whether a fragmented message waits for its end (RFC 6455 §5.4).
  #isInsideMessage = false;
  // Also true while it is paused; what comes then is kept as it is.
  #stopped = false;
  #isPaused = false;
  #unread: Buffer[] = [];

  /**
   * @param expectMask clients mask what they send (RFC 6455 §5.1), so a server expects masks
   *   and a client none.
   * @param takesCompressed whether compression was agreed on, which gives RSV1 a meaning (RFC 7692 §6).
   */
  constructor(sink: FrameSink, expectMask: boolean, limits: FrameLimits, takesCompressed = false) {
    this.#sink = sink;
    this.#limits = limits;
    this.#expectMask = expectMask;
    this.#takesCompressed = takesCompressed;
  }

  /** Whether a part of a frame is waiting for its rest. */
  get isInsideFrame(): boolean {
    return this.#held.length > 0;
  }

  /**
   * Takes the next bytes of the stream; calls the sink before it returns.
   *
   * @param chunk is unmasked in place.
   */
  push(chunk: Buffer): void {
    let start = 0;
    while (this.#held.length > 0 && start < chunk.length) {
      const end = Math.min(chunk.length, start + this.#wanted - this.#held.length);
      this.#held.append(chunk, start, end, this.#wanted);
      start = end;
      const isComplete = this.#held.length === this.#wanted;
      if (this.#payload > 0) {
        if (isComplete || this.#isShown) this.#advance();
      } else if (isComplete) {
        this.#read(this.#held.take(), 0);
      }
    }
    if (start < chunk.length) this.#read(chunk, start);
  }

  /** Delivers nothing until {@link resume}; to be called by the sink when it gets a frame. */
  pause(): void {
    this.#stopped = true;
    this.#isPaused = true;
  }

  /** Delivers what has come meanwhile, up to the next {@link pause}. */
  resume(): void {
    if (!this.#isPaused) return;
    const unread = this.#unread;
    this.#unread = [];
    this.#isPaused = false;
    this.#stopped = false;
    for (const chunk of unread) this.push(chunk);
  }

  /** Delivers nothing more and lets go of held bytes. */
  stop(): void {
    this.#stopped = true;
    this.#isPaused = false;
    this.#unread = [];
    this.#payload = 0;
    this.#held.clear();
  }

  /** Delivers the whole frames from `start` on and holds the rest. */
  #read(bytes: Buffer, from: number): void {
    let start = from;
    let wanted = 0;
    let payload = 0;
    let words: Int32Array | undefined;
    while (!this.#stopped) {
      const available = bytes.length - start;
      wanted = 2;
      if (available === 0 || !this.#acceptsStart(bytes[start]!)) return;
      if (available < wanted) break;

      const first = bytes[start]!;
      const second = bytes[start + 1]!;
      const opcode = (first & 0x4f) as OpCode;
      const isFinal = (first & 0x80) !== 0;
      const isMasked = (second & 0x80) !== 0;
      const shortLength = second & 0x7f;
      if (!this.#acceptsSecond(opcode, isMasked, shortLength)) return;
      const extension = shortLength < 126 ? 0 : shortLength === 126 ? 2 : 8;
      const header = 2 + extension + (isMasked ? 4 : 0);
      if (available < 2 + extension) {
        // Each byte of the length may be the one that proves it wrong.
        wanted = available + 1;
        if (!this.#acceptsStartOfLength(bytes, start + 2, extension)) return;
        break;
      }
      const length = extension === 0 ? shortLength : readLength(bytes, start + 2, extension);
      if (!this.#acceptsLength(length, extension)) return;
      wanted = header;
      if (available < wanted) break;

      if (!isControl(opcode)) this.#isInsideMessage = !isFinal;
      wanted = header + length;
      if (available < wanted) {
        payload = header;
        this.#isShown = this.#sink.announce(opcode, length);
        break;
      }

      const begin = start + header;
      const end = start + wanted;
      if (length >= WORDS_FROM) words ??= wordsOf(bytes.buffer);
      let isAsciiText = false;
      if (isMasked) {
        isAsciiText = applyMask(bytes, readKey(bytes, begin - 4), begin, end, words) < 0x80;
      } else if (opcode === OpCode.Text) {
        isAsciiText = areAscii(bytes, begin, end, words);
      }
      start = end;

      this.#sink.frame(opcode, isFinal, bytes, begin, end, isAsciiText);
    }
    if (start === bytes.length) return;
    if (!this.#stopped) this.#hold(bytes, start, wanted, payload);
    else if (this.#isPaused) this.#unread.push(bytes.subarray(start));
  }

  /** Keeps what has come of a frame; its payload begins at `payload`, 0 while the header is not complete. */
  #hold(bytes: Buffer, start: number, wanted: number, payload: number): void {
    this.#held.append(bytes, start, bytes.length, Math.max(wanted, LONGEST_HEADER));
    this.#wanted = wanted;
    this.#payload = payload;
    this.#unmasked = payload;
    this.#seen = 0;
    if (payload > 0 && this.#isShown) this.#advance();
  }

  /** Unmasks what is new in the payload of the held frame, and shows it or delivers the frame. */
  #advance(): void {
    const { bytes, length: to } = this.#held;
    const payload = this.#payload;
    const from = this.#unmasked;
    const opcode = (bytes[0]! & 0x4f) as OpCode;
    this.#unmasked = to;
    if (this.#expectMask) {
      // The key goes on where it stopped (RFC 6455 §5.3).
      const key = rotateLeft(readKey(bytes, payload - 4), 8 * ((from - payload) & 3));
      this.#seen |= applyMask(bytes, key, from, to);
    } else if (opcode === OpCode.Text) {
      this.#seen |= areAscii(bytes, from, to, undefined) ? 0 : 0x80;
    } else {
      this.#seen = 0x80;
    }
    const isAscii = this.#seen < 0x80;
    if (to < this.#wanted) {
      if (to > from) this.#sink.partial(bytes, from, to, isAscii);
      return;
    }
    const isFinal = (bytes[0]! & 0x80) !== 0;
    this.#payload = 0;
    this.#sink.frame(opcode, isFinal, this.#held.take(), payload, to, isAscii);
  }

  /** What the first byte can tell; in Qt's words where it has them. */
  #acceptsStart(first: number): boolean {
    if ((first & 0x70) !== 0 && !this.#isCompressed(first)) {
      return this.#reject(1002, 'Rsv field is non-zero');
    }
    const opcode = first & 0x0f;
    if (!isOpCode(opcode)) return this.#reject(1002, 'Used reserved opcode');
    if (isControl(opcode)) {
      // Control frames may come between the fragments of a message (RFC 6455 §5.5).
      if ((first & 0x80) !== 0) return true;
      return this.#reject(1002, 'Control frames cannot be fragmented');
    }
    if ((opcode === OpCode.Continue) === this.#isInsideMessage) return true;
    return this.#reject(
      1002,
      this.#isInsideMessage
        ? 'All data frames after the initial data frame must have opcode 0 (continuation).'
        : 'Received Continuation frame, while there is nothing to continue.',
    );
  }

  /** Whether the reserved bits say that a message is compressed, where that may be said. */
  #isCompressed(first: number): boolean {
    const code = first & 0x7f;
    const isStart = code === CompressedCode.Text || code === CompressedCode.Binary;
    return this.#takesCompressed && isStart;
  }

  /** What the second byte can tell. */
  #acceptsSecond(opcode: OpCode, isMasked: boolean, shortLength: number): boolean {
    if (isControl(opcode) && shortLength > MAX_CONTROL_PAYLOAD) {
      return this.#reject(1002, 'Control frame is larger than 125 bytes');
    }
    if (isMasked !== this.#expectMask) {
      return this.#reject(
        1002,
        isMasked ? 'Frames of a server must not be masked.' : 'Frames of a client must be masked.',
      );
    }
    return true;
  }

  #acceptsLength(length: number, extension: number): boolean {
    if (extension === 2 && length < 126) {
      return this.#reject(1002, 'Lengths smaller than 126 must be expressed as one byte.');
    }
    if (extension === 8) {
      if (length >= 2 ** 63) return this.#reject(1002, 'Highest bit of payload length is not 0.');
      if (length <= 0xffff) {
        return this.#reject(
          1002,
          'Lengths smaller than 65536 (2^16) must be expressed as 2 bytes.',
        );
      }
    }
    if (length > this.#limits.maxIncomingFrameSize) {
      return this.#reject(1009, 'Maximum framesize exceeded.');
    }
    return true;
  }

  /** The same while only a part of the length is there: refuses what no rest can make right. */
  #acceptsStartOfLength(bytes: Buffer, at: number, extension: number): boolean {
    const smallest = extension === 2 ? 126 : 0x10000;
    const most = lengthWith(0xff, bytes, at, extension);
    if (most < smallest) return this.#acceptsLength(most, extension);
    const least = lengthWith(0x00, bytes, at, extension);
    return least < smallest || this.#acceptsLength(least, extension);
  }

  #reject(code: ViolationCode, reason: string): false {
    this.stop();
    this.#sink.violation(code, reason);
    return false;
  }
}

function areAscii(bytes: Buffer, from: number, to: number, words: Int32Array | undefined): boolean {
  if (to - from >= NATIVE_CHECK_FROM) return areAllAscii(bytes.subarray(from, to));
  return orBytes(bytes, from, to, words) < 0x80;
}

function readLength(bytes: Buffer, at: number, size: number): number {
  if (size === 2) return bytes.readUInt16BE(at);
  const high = bytes.readUInt32BE(at) * 2 ** 32;
  // From 2 ** 53 on the sum would round, up to 2 ** 63 even; such a length is beyond every limit.
  return high < 2 ** 53 ? high + bytes.readUInt32BE(at + 4) : high;
}

/** The length if all of its bytes that have not come were `rest`. */
function lengthWith(rest: number, bytes: Buffer, at: number, size: number): number {
  const whole = Buffer.alloc(size, rest);
  bytes.copy(whole, 0, at);
  return readLength(whole, 0, size);
}

function readKey(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
