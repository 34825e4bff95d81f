import { isAscii } from 'node:buffer';
import { ByteCollector } from './byte-collector.ts';
import { applyMask, orBytes, wordsOf } from './mask.ts';
import { isControl, isOpCode, OpCode } from './opcode.ts';

const MAX_CONTROL_PAYLOAD = 125;

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

  /** Learns of a frame of which only a part has come yet, before that part is kept. */
  announce(opcode: OpCode, isFinal: boolean, length: number): void;

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

  // The incomplete frame at the end of what was pushed, and the number of bytes it
  // must grow to before another look can tell anything new: there are no other states.
  readonly #held = new ByteCollector();
  #wanted = 0;
  #stopped = false;

  /**
   * @param expectMask clients mask what they send (RFC 6455 §5.1), so a server expects masks
   *   and a client none.
   */
  constructor(sink: FrameSink, expectMask: boolean, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.#expectMask = expectMask;
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
      if (this.#held.length === this.#wanted) {
        const bytes = this.#held.take();
        this.#read(bytes, 0);
      }
    }
    if (start < chunk.length) this.#read(chunk, start);
  }

  /** Delivers nothing more and lets go of held bytes. */
  stop(): void {
    this.#stopped = true;
    this.#held.clear();
  }

  /** Delivers the whole frames from `start` on and holds the rest. */
  #read(bytes: Buffer, from: number): void {
    let start = from;
    let wanted = 0;
    let words: Int32Array | undefined;
    while (!this.#stopped) {
      const available = bytes.length - start;
      wanted = 2;
      if (available < wanted) break;

      const first = bytes[start]!;
      const second = bytes[start + 1]!;
      const opcode = (first & 0x0f) as OpCode;
      const isMasked = (second & 0x80) !== 0;
      const shortLength = second & 0x7f;
      if (!this.#acceptsStart(first, isMasked, shortLength)) return;
      const extension = shortLength < 126 ? 0 : shortLength === 126 ? 2 : 8;
      const header = 2 + extension + (isMasked ? 4 : 0);
      wanted = header;
      if (available < wanted) break;

      const length = extension === 0 ? shortLength : readLength(bytes, start + 2, extension);
      if (!this.#acceptsLength(length, extension)) return;
      wanted = header + length;
      if (available < wanted) {
        this.#sink.announce(opcode, (first & 0x80) !== 0, length);
        break;
      }

      const payload = start + header;
      const end = start + wanted;
      if (length >= WORDS_FROM) words ??= wordsOf(bytes.buffer);
      let isAsciiText = false;
      if (isMasked) {
        isAsciiText = applyMask(bytes, readKey(bytes, payload - 4), payload, end, words) < 0x80;
      } else if (opcode === OpCode.Text) {
        isAsciiText = areAscii(bytes, payload, end, words);
      }
      start = end;

      this.#sink.frame(opcode, (first & 0x80) !== 0, bytes, payload, end, isAsciiText);
    }
    if (!this.#stopped && start < bytes.length) {
      this.#held.append(bytes, start, bytes.length, Math.max(wanted, 14));
      this.#wanted = wanted;
    }
  }

  /** What the first two bytes can tell; in Qt's order, its words where it has them. */
  #acceptsStart(first: number, isMasked: boolean, shortLength: number): boolean {
    if ((first & 0x70) !== 0) return this.#reject(1002, 'Rsv field is non-zero');
    const opcode = first & 0x0f;
    if (!isOpCode(opcode)) return this.#reject(1002, 'Used reserved opcode');
    if (isControl(opcode)) {
      if (shortLength > MAX_CONTROL_PAYLOAD) {
        return this.#reject(1002, 'Control frame is larger than 125 bytes');
      }
      if ((first & 0x80) === 0) return this.#reject(1002, 'Control frames cannot be fragmented');
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

  #reject(code: ViolationCode, reason: string): false {
    this.stop();
    this.#sink.violation(code, reason);
    return false;
  }
}

function areAscii(bytes: Buffer, from: number, to: number, words: Int32Array | undefined): boolean {
  if (to - from >= NATIVE_CHECK_FROM) return isAscii(bytes.subarray(from, to));
  return orBytes(bytes, from, to, words) < 0x80;
}

function readLength(bytes: Buffer, at: number, size: number): number {
  if (size === 2) return bytes.readUInt16BE(at);
  const high = bytes.readUInt32BE(at) * 2 ** 32;
  // From 2 ** 53 on the sum would round, up to 2 ** 63 even; such a length is beyond every limit.
  return high < 2 ** 53 ? high + bytes.readUInt32BE(at + 4) : high;
}

function readKey(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
