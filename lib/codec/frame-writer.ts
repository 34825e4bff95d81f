import { applyMask } from './mask.ts';
import type { OpCode } from './opcode.ts';
import type { Slab } from './slab.ts';

// Larger payloads get a Buffer of their own; smaller ones share the slab and, within a turn of
// the event loop, one write.
const SHARED_UP_TO = 8 * 1024;

// A stretch that has grown to this size is closed: moving it would cost too much.
const STRETCH_UP_TO = 16 * 1024;

const LONGEST_HEADER = 14;
const EMPTY = Buffer.alloc(0);

/** Takes the bytes of finished frames. */
export interface ByteSink {
  /** @param pieces follow each other, and do not change any more; a small one may be part of a {@link Slab}. */
  write(pieces: readonly Buffer[]): void;
}

/**
 * Lays frames down as bytes (RFC 6455 §5.2), which wait for {@link flush}.
 *
 * Small frames follow each other in a stretch of the slab; a large one has a Buffer of its own.
 */
export class FrameWriter {
  readonly #output: ByteSink;
  readonly #slab: Slab;
  readonly #masks: boolean;

  // What waits before the stretch.
  #pieces: Buffer[] = [];
  #inPieces = 0;

  // The stretch: bytes from #start to #end are frames, up to #limit may be filled; #room is how
  // much of that is meant for later frames.
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  #limit = 0;
  #room = 0;

  /** @param masks clients mask what they send, servers do not (RFC 6455 §5.1). */
  constructor(output: ByteSink, slab: Slab, masks: boolean) {
    this.#output = output;
    this.#slab = slab;
    this.#masks = masks;
  }

  /** How many bytes wait for {@link flush}. */
  get waiting(): number {
    return this.#inPieces + this.#end - this.#start;
  }

  /**
   * A frame that holds `text` as UTF-8; lone surrogates become U+FFFD.
   *
   * @param key the masking key, big-endian; of no meaning for a server.
   * @returns the length of the payload in bytes.
   */
  text(opcode: OpCode, isFinal: boolean, text: string, key: number): number {
    const units = text.length;
    if (units > SHARED_UP_TO) return this.#largeText(opcode, isFinal, text, key);

    const most = 3 * units;
    const frame = this.#reserve(LONGEST_HEADER + most);
    const bytes = this.#bytes;
    // Right for ASCII, and for everything else that does not outgrow its header.
    let payload = frame + this.#headerSize(units);
    const length = bytes.write(text, payload, most, 'utf8');
    if (length !== units && this.#headerSize(length) !== payload - frame) {
      const moved = frame + this.#headerSize(length);
      bytes.copyWithin(moved, payload, payload + length);
      payload = moved;
    }
    this.#commit(opcode, isFinal, frame, payload, length, key);
    return length;
  }

  /** A frame that holds a copy of bytes `start` to `end` of `data`. */
  binary(
    opcode: OpCode,
    isFinal: boolean,
    data: Uint8Array,
    key: number,
    start = 0,
    end: number = data.length,
  ): void {
    const length = end - start;
    const whole = length === data.length ? data : data.subarray(start, end);
    if (length > SHARED_UP_TO) {
      const { bytes, payload } = this.#largeFrame(opcode, isFinal, length);
      bytes.set(whole, payload);
      this.#writeLarge(bytes, payload, key);
      return;
    }
    const frame = this.#reserve(LONGEST_HEADER + length);
    const payload = frame + this.#headerSize(length);
    this.#bytes.set(whole, payload);
    this.#commit(opcode, isFinal, frame, payload, length, key);
  }

  /**
   * Frames that are laid down already, as a server sends them: one behind the other, unmasked.
   *
   * @param bytes do not change any more, and share their memory with nothing.
   */
  frames(bytes: Buffer): void {
    if (bytes.length > SHARED_UP_TO) {
      this.#addLarge(bytes);
      return;
    }
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
    this.#extend(start + bytes.length);
  }

  /** Hands what waits to the output. */
  flush(): void {
    if (this.#end > this.#start) this.#closeStretch();
    if (this.#pieces.length === 0) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#inPieces = 0;
    this.#output.write(pieces);
  }

  /** Drops what waits. */
  clear(): void {
    this.#pieces = [];
    this.#inPieces = 0;
    this.#end = this.#start;
    this.#release();
  }

  #largeText(opcode: OpCode, isFinal: boolean, text: string, key: number): number {
    const length = Buffer.byteLength(text);
    const { bytes, payload } = this.#largeFrame(opcode, isFinal, length);
    bytes.write(text, payload, length, 'utf8');
    this.#writeLarge(bytes, payload, key);
    return length;
  }

  #largeFrame(opcode: OpCode, isFinal: boolean, length: number): LargeFrame {
    const payload = this.#headerSize(length);
    const bytes = Buffer.allocUnsafeSlow(payload + length);
    writeStart(bytes, 0, opcode, isFinal, length, this.#masks);
    return { bytes, payload };
  }

  #writeLarge(bytes: Buffer, payload: number, key: number): void {
    if (this.#masks) {
      bytes.writeInt32BE(key | 0, payload - 4);
      applyMask(bytes, key, payload);
    }
    this.#addLarge(bytes);
  }

  #addLarge(bytes: Buffer): void {
    if (this.#end > this.#start) this.#closeStretch();
    this.#add(bytes);
  }

  #closeStretch(): void {
    const stretch = this.#bytes.subarray(this.#start, this.#end);
    this.#release();
    this.#add(stretch);
  }

  #add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#inPieces += piece.length;
  }

  #headerSize(length: number): number {
    return headerSize(length) + (this.#masks ? 4 : 0);
  }

  /** Completes the frame whose payload lies in place already. */
  #commit(
    opcode: OpCode,
    isFinal: boolean,
    frame: number,
    payload: number,
    length: number,
    key: number,
  ): void {
    const bytes = this.#bytes;
    const end = payload + length;
    writeStart(bytes, frame, opcode, isFinal, length, this.#masks);
    if (this.#masks) {
      bytes[payload - 4] = key >>> 24;
      bytes[payload - 3] = key >>> 16;
      bytes[payload - 2] = key >>> 8;
      bytes[payload - 1] = key;
      const isCurrent = bytes === this.#slab.bytes;
      applyMask(bytes, key, payload, end, isCurrent ? this.#slab.words : undefined);
    }
    this.#extend(end);
  }

  /** Counts what lies behind the stretch, up to `end`, as a part of it. */
  #extend(end: number): void {
    this.#end = end;
    this.#giveBack(this.#room);
    if (end - this.#start >= STRETCH_UP_TO) this.#closeStretch();
  }

  /** Makes room for `size` bytes behind what was gathered, and says where. */
  #reserve(size: number): number {
    if (this.#end + size <= this.#limit) return this.#end;
    const slab = this.#slab;
    const gathered = this.#end - this.#start;
    if (this.#isLast() && slab.bytes.length - this.#end >= size) {
      this.#limit = this.#end + size;
    } else {
      // Others have laid down frames behind ours meanwhile: ours move to the end of the slab,
      // with room to grow so that frames which alternate with others' are not moved each time.
      this.#room = gathered;
      slab.provide(2 * gathered + size);
      const from = this.#bytes;
      this.#bytes = slab.bytes;
      from.copy(this.#bytes, slab.used, this.#start, this.#end);
      this.#start = slab.used;
      this.#end = this.#start + gathered;
      this.#limit = this.#end + size + gathered;
    }
    slab.used = this.#limit;
    return this.#end;
  }

  #isLast(): boolean {
    return this.#limit === this.#slab.used && this.#bytes === this.#slab.bytes;
  }

  /** Returns what was reserved and not needed to the slab, except for `room`. */
  #giveBack(room: number): void {
    if (!this.#isLast()) return;
    this.#limit = Math.min(this.#limit, this.#end + room);
    this.#slab.used = this.#limit;
  }

  /** Gives the rest of the stretch back and lets go of the slab. */
  #release(): void {
    this.#giveBack(0);
    this.#bytes = EMPTY;
    this.#start = 0;
    this.#end = 0;
    this.#limit = 0;
    this.#room = 0;
  }
}

interface LargeFrame {
  readonly bytes: Buffer;
  readonly payload: number;
}

/** How many bytes a frame has before its masking key, if any, and its payload. */
export function headerSize(length: number): number {
  return length < 126 ? 2 : length < 0x10000 ? 4 : 10;
}

/** Writes the header up to where the masking key goes. */
export function writeStart(
  bytes: Buffer,
  at: number,
  opcode: OpCode,
  isFinal: boolean,
  length: number,
  masks: boolean,
): void {
  const mask = masks ? 0x80 : 0;
  bytes[at] = isFinal ? 0x80 | opcode : opcode;
  if (length < 126) {
    bytes[at + 1] = mask | length;
  } else if (length < 0x10000) {
    bytes[at + 1] = mask | 126;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
  } else {
    bytes[at + 1] = mask | 127;
    bytes.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
    bytes.writeUInt32BE(length >>> 0, at + 6);
  }
}
