import { isAscii as areAllAscii } from 'node:buffer';
import { ByteCollector } from './byte-collector.ts';
import { LONGEST_HEADER } from './frame-header.ts';
import type { PayloadMemory } from './mask-memory.ts';
import { applyMask, rotateLeft, wordsOf } from './mask.ts';
import { CompressedCode, isControl, isOpCode, OpCode } from './opcode.ts';
import { keepSpare, takeSpare } from './spare-memory.ts';

const MAX_CONTROL_PAYLOAD = 125;

// The view over a chunk's words pays for payloads from this size on.
const WORDS_FROM = 64;

// Below this size a look at each byte costs less than a call of Node's own check.
const NATIVE_CHECK_FROM = 64;

/** Close codes with which reading fails a connection (RFC 6455 §7.4.1). */
export type ViolationCode = 1002 | 1007 | 1009;

/** Where a {@link FrameReader} delivers what it finds. */
export interface FrameSink {
  /**
   * Takes one complete, unmasked frame: its payload is `bytes[start, end)`.
   *
   * @param isAscii whether a text payload is known to be ASCII.
   * @param isOwn whether `bytes` are the payload alone, and the sink's from now on; otherwise they
   *   are lent until the call returns.
   */
  frame(
    opcode: OpCode,
    isFinal: boolean,
    bytes: Buffer,
    start: number,
    end: number,
    isAscii: boolean,
    isOwn: boolean,
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
 * the chunk, unmasked in place; only the frame at the end of a chunk is copied, and held back until
 * the rest of it has come.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  readonly #expectMask: boolean;
  readonly #takesCompressed: boolean;

  // Of the frame that is coming: its header while that is not complete, then what has come of its
  // payload, unmasked; and the number of bytes it must grow to before there is more to tell.
  readonly #held = new ByteCollector();
  #wanted = 0;
  #isInPayload = false;
  // Its first byte and its masking key, once the payload comes.
  #first = 0;
  #key = 0;
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
    return this.#isInPayload || this.#held.length > 0;
  }

  /**
   * Takes the next bytes of the stream; calls the sink before it returns.
   *
   * @param chunk is unmasked in place.
   */
  push(chunk: Buffer): void {
    this.#push(chunk, chunk.length, undefined);
  }

  /** The same for the first `length` bytes of `memory`, which are lent until the call returns. */
  pushLent(memory: PayloadMemory, length: number): void {
    this.#push(memory.bytes, length, memory);
  }

  /** Delivers nothing until {@link resume}; to be called between two pushes, or by the sink when it gets a frame. */
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
    this.#isInPayload = false;
    this.#held.clear();
  }

  #push(bytes: Buffer, to: number, memory: PayloadMemory | undefined): void {
    let start = 0;
    while (start < to && this.isInsideFrame && !this.#isPaused) {
      if (this.#isInPayload) start = this.#readPayload(bytes, start, to, memory);
      else start = this.#readHeader(bytes, start, to);
    }
    if (start < to) this.#read(bytes, start, to, memory);
  }

  /** Takes more of the header that has begun; returns where that ends. */
  #readHeader(bytes: Buffer, start: number, to: number): number {
    const end = Math.min(to, start + this.#wanted - this.#held.length);
    this.#held.append(bytes, start, end, LONGEST_HEADER);
    if (this.#held.length === this.#wanted) {
      const header = this.#held.take();
      this.#read(header, 0, header.length, undefined);
    }
    return end;
  }

  /** Takes more of the payload that has begun; returns where that ends. */
  #readPayload(
    bytes: Buffer,
    start: number,
    to: number,
    memory: PayloadMemory | undefined,
  ): number {
    const before = this.#held.length;
    const end = Math.min(to, start + this.#wanted - before);
    const opcode = (this.#first & 0x4f) as OpCode;
    if (this.#expectMask) {
      // The key goes on where it stopped (RFC 6455 §5.3).
      const key = rotateLeft(this.#key, 8 * (before & 3));
      this.#seen |=
        memory === undefined ? applyMask(bytes, key, start, end) : memory.mask(start, end, key);
    } else if (opcode === OpCode.Text) {
      this.#seen |= areAscii(bytes, start, end, memory) ? 0 : 0x80;
    } else {
      this.#seen = 0x80;
    }
    this.#held.append(bytes, start, end, this.#wanted);
    const isAscii = this.#seen < 0x80;
    if (this.#held.length < this.#wanted) {
      if (this.#isShown) this.#sink.partial(bytes, start, end, isAscii);
    } else {
      this.#isInPayload = false;
      this.#deliverHeld(opcode, isAscii);
    }
    return end;
  }

  #deliverHeld(opcode: OpCode, isAscii: boolean): void {
    const isFinal = (this.#first & 0x80) !== 0;
    const length = this.#wanted;
    if (opcode !== OpCode.Text) {
      this.#sink.frame(opcode, isFinal, this.#held.take(), 0, length, isAscii, true);
      return;
    }
    const bytes = this.#held.takeAll();
    this.#sink.frame(opcode, isFinal, bytes, 0, length, isAscii, false);
    keepSpare(bytes);
  }

  /** Delivers the whole frames from `from` on and holds the rest. */
  #read(bytes: Buffer, from: number, to: number, memory: PayloadMemory | undefined): void {
    let start = from;
    let wanted = 0;
    let words: Int32Array | undefined;
    while (!this.#stopped) {
      const available = to - start;
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
        if (!this.#acceptsStartOfLength(bytes, start + 2, to, extension)) return;
        break;
      }
      const length = extension === 0 ? shortLength : readLength(bytes, start + 2, extension);
      if (!this.#acceptsLength(length, extension)) return;
      wanted = header;
      if (available < wanted) break;

      if (!isControl(opcode)) this.#isInsideMessage = !isFinal;
      const begin = start + header;
      const end = begin + length;
      const key = isMasked ? readKey(bytes, begin - 4) : 0;
      if (to < end) {
        this.#beginPayload(first, key, length);
        if (begin < to && !this.#stopped) this.#readPayload(bytes, begin, to, memory);
        return;
      }

      let isAsciiText = false;
      if (isMasked) {
        if (memory !== undefined) {
          isAsciiText = memory.mask(begin, end, key) < 0x80;
        } else {
          if (length >= WORDS_FROM) words ??= wordsOf(bytes.buffer);
          isAsciiText = applyMask(bytes, key, begin, end, words) < 0x80;
        }
      } else if (opcode === OpCode.Text) {
        isAsciiText = areAscii(bytes, begin, end, memory);
      }
      start = end;

      this.#sink.frame(opcode, isFinal, bytes, begin, end, isAsciiText, false);
    }
    if (start === to) return;
    if (!this.#stopped) {
      this.#held.append(bytes, start, to, LONGEST_HEADER);
      this.#wanted = wanted;
    } else if (this.#isPaused) {
      const rest = bytes.subarray(start, to);
      this.#unread.push(memory === undefined ? rest : Buffer.from(rest));
    }
  }

  #beginPayload(first: number, key: number, length: number): void {
    this.#first = first;
    this.#key = key;
    this.#wanted = length;
    this.#seen = 0;
    this.#isInPayload = true;
    if (first === (0x80 | OpCode.Text)) {
      const spare = takeSpare(length);
      if (spare !== undefined) this.#held.use(spare);
    }
    this.#isShown = this.#sink.announce((first & 0x4f) as OpCode, length);
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
  #acceptsStartOfLength(bytes: Buffer, at: number, to: number, extension: number): boolean {
    const smallest = extension === 2 ? 126 : 0x10000;
    const come = bytes.subarray(at, to);
    const most = lengthWith(0xff, come, extension);
    if (most < smallest) return this.#acceptsLength(most, extension);
    const least = lengthWith(0x00, come, extension);
    return least < smallest || this.#acceptsLength(least, extension);
  }

  #reject(code: ViolationCode, reason: string): false {
    this.stop();
    this.#sink.violation(code, reason);
    return false;
  }
}

function areAscii(
  bytes: Buffer,
  from: number,
  to: number,
  memory: PayloadMemory | undefined,
): boolean {
  // A key of zeros changes nothing, and no other way of looking at the bytes is as fast.
  if (memory !== undefined) return memory.mask(from, to, 0) < 0x80;
  if (to - from >= NATIVE_CHECK_FROM) return areAllAscii(bytes.subarray(from, to));
  for (let i = from; i < to; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

function readLength(bytes: Buffer, at: number, size: number): number {
  if (size === 2) return bytes.readUInt16BE(at);
  const high = bytes.readUInt32BE(at) * 2 ** 32;
  // From 2 ** 53 on the sum would round, up to 2 ** 63 even; such a length is beyond every limit.
  return high < 2 ** 53 ? high + bytes.readUInt32BE(at + 4) : high;
}

/** The length of which `come` has come if all of its bytes that have not come were `rest`. */
function lengthWith(rest: number, come: Buffer, size: number): number {
  const whole = Buffer.alloc(size, rest);
  come.copy(whole);
  return readLength(whole, 0, size);
}

function readKey(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
