import { headerSize, LONGEST_HEADER, writeStart } from './frame-header.ts';
import { applyMask, rotateLeft } from './mask.ts';
import { OpCode } from './opcode.ts';
import { BLOCK_SIZE, LARGEST_IN_SLAB, Stretch, type Block, type Slab } from './slab.ts';
import { encodeUtf8, isLongAndWide, LONGEST_CHARACTER } from './utf8.ts';

// Texts up to this many UTF-16 code units get room for the most bytes that they can have.
const UNMEASURED_UP_TO = 16 * 1024;

// A stretch that has grown to this size is not moved any more: that would cost too much.
const MOVED_UP_TO = 16 * 1024;

// No more than that waits for the end of the turn, if the system takes it before; in bytes.
const WRITTEN_AHEAD_FROM = 128 * 1024;

// What is handed over as it is, without a copy, from this size on.
const UNCOPIED_FROM = 8 * 1024;

/** Takes the bytes of finished frames. */
export interface ByteSink {
  /**
   * Whether nothing waits there, so that the next write is likely to be taken by the system at once;
   * and no code of others runs in it.
   */
  readonly takesAtOnce: boolean;
  /**
   * Takes a piece that does not change any more.
   *
   * @returns whether its memory may be used again; otherwise that is so at the next
   *   {@link FrameWriter.drained}.
   */
  write(piece: Buffer): boolean;
  /** The same for pieces that follow each other. */
  writeAll(pieces: readonly Buffer[]): boolean;
}

/**
 * Lays frames down as bytes (RFC 6455 §5.2), which wait for {@link flush}.
 *
 * Frames follow each other in a {@link Stretch} of the slab. What is too large for that is written
 * through it, part by part, as long as the system takes it; only what it does not take gets memory of
 * its own.
 */
export class FrameWriter {
  readonly #output: ByteSink;
  readonly #slab: Slab;
  readonly #masks: boolean;

  #stretch: Stretch | undefined;
  // What waits before the stretch, its size, and the blocks that parts of it lie in.
  #pieces: Buffer[] | undefined;
  #inPieces = 0;
  #closed: Block[] | undefined;
  // What the system has taken before its flush; it counts as waiting until then.
  #ahead = 0;
  // What the system has not taken yet lies there.
  #pinned: Block[] | undefined;

  /** @param masks clients mask what they send, servers do not (RFC 6455 §5.1). */
  constructor(output: ByteSink, slab: Slab, masks: boolean) {
    this.#output = output;
    this.#slab = slab;
    this.#masks = masks;
  }

  /** How many bytes wait for {@link flush}, also where the system has been given them already. */
  get waiting(): number {
    return this.#ahead + this.#unwritten;
  }

  /**
   * A frame that holds `text` as UTF-8; lone surrogates become U+FFFD.
   *
   * @param key the masking key, big-endian; of no meaning for a server.
   * @returns the length of the payload in bytes.
   */
  text(opcode: OpCode, isFinal: boolean, text: string, key: number): number {
    const units = text.length;
    if (units > LARGEST_IN_SLAB - LONGEST_HEADER) {
      return this.#largeText(opcode, isFinal, text, key);
    }
    if (isLongAndWide(text)) {
      return this.#encoded(opcode, isFinal, text, key);
    }
    const isShared = !this.#masks && isFinal && opcode === OpCode.Text;
    if (isShared && this.#shares(text)) return this.#stretch!.payloadLength;

    // A text that fills more than its units is not ASCII, and then it may have been cut.
    const most = units > UNMEASURED_UP_TO ? units + LONGEST_CHARACTER : 3 * units;
    const stretch = this.#reserve(LONGEST_HEADER + most);
    const { bytes } = stretch.block.memory;
    // Right for ASCII, and for everything else that does not outgrow its header.
    const header = this.#headerSize(units);
    let payload = stretch.end + header;
    const length = bytes.write(text, payload, most, 'utf8');
    if (length !== units) {
      if (units > UNMEASURED_UP_TO) {
        if (stretch.end === stretch.start) this.#release(stretch).leave();
        return this.#encoded(opcode, isFinal, text, key);
      }
      const right = this.#headerSize(length);
      if (right !== header) bytes.copyWithin(stretch.end + right, payload, payload + length);
      payload = stretch.end + right;
    }
    this.#commit(stretch, opcode, isFinal, payload, length, key, isShared ? text : undefined);
    return length;
  }

  /** The same for a text that is known to be ASCII. */
  ascii(opcode: OpCode, isFinal: boolean, text: string, key: number): void {
    const { length } = text;
    if (LONGEST_HEADER + length > LARGEST_IN_SLAB) {
      this.#large(opcode, isFinal, text, length, key);
    } else {
      this.text(opcode, isFinal, text, key);
    }
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
    const header = this.#headerSize(length);
    if (header + length > LARGEST_IN_SLAB) {
      this.#large(opcode, isFinal, whole, length, key);
      return;
    }
    const stretch = this.#reserve(header + length);
    const payload = stretch.end + header;
    stretch.block.memory.bytes.set(whole, payload);
    this.#commit(stretch, opcode, isFinal, payload, length, key, undefined);
  }

  /**
   * Frames that are laid down already, as a server sends them: one behind the other, unmasked.
   *
   * @param bytes do not change any more, and share their memory with nothing.
   */
  frames(bytes: Buffer): void {
    if (bytes.length >= UNCOPIED_FROM) {
      if (this.#stretch !== undefined) this.#closeStretch();
      this.#add(bytes);
      if (this.#unwritten > WRITTEN_AHEAD_FROM && this.#output.takesAtOnce) this.#writeAhead();
      return;
    }
    if (this.#shares(bytes)) return;
    const stretch = this.#reserve(bytes.length);
    stretch.block.memory.bytes.set(bytes, stretch.end);
    this.#extend(stretch, stretch.end + bytes.length, bytes, 0);
  }

  /** Hands what waits to the output. */
  flush(): void {
    this.#ahead = 0;
    this.#write();
  }

  /** Learns that the system has taken something, and that this is about to be told. */
  taken(): void {
    this.#ahead = 0;
  }

  /** Learns that the system has taken everything, or that nothing of it will be sent any more. */
  drained(): void {
    const blocks = this.#pinned;
    this.#pinned = undefined;
    leave(blocks);
  }

  /** Drops what waits. Memory that the system was given stays as it is up to {@link drained}. */
  clear(): void {
    if (this.#stretch !== undefined) this.#release(this.#stretch).leave();
    this.#dropPieces();
    this.#ahead = 0;
  }

  get #unwritten(): number {
    const stretch = this.#stretch;
    return stretch === undefined ? this.#inPieces : this.#inPieces + stretch.end - stretch.start;
  }

  /** Writes what waits; returns whether the system has taken it. */
  #write(): boolean {
    const stretch = this.#stretch;
    if (this.#pieces !== undefined) {
      if (stretch !== undefined) this.#closeStretch();
      return this.#writePieces();
    }
    if (stretch === undefined) return true;
    const { bytes } = stretch;
    const block = this.#release(stretch);
    let isFree = true;
    try {
      isFree = this.#output.write(bytes);
    } finally {
      if (isFree) block.leave();
      else (this.#pinned ??= []).push(block);
    }
    return isFree;
  }

  #writePieces(): boolean {
    const pieces = this.#pieces!;
    const blocks = this.#closed;
    this.#closed = undefined;
    this.#dropPieces();
    let isFree = true;
    try {
      isFree = this.#output.writeAll(pieces);
    } finally {
      if (isFree) leave(blocks);
      else if (blocks !== undefined) (this.#pinned ??= []).push(...blocks);
    }
    return isFree;
  }

  /** Writes before the flush. */
  #writeAhead(): void {
    const size = this.#unwritten;
    if (this.#write()) this.#ahead += size;
  }

  #encoded(opcode: OpCode, isFinal: boolean, text: string, key: number): number {
    const bytes = encodeUtf8(text);
    this.binary(opcode, isFinal, bytes, key);
    return bytes.length;
  }

  #largeText(opcode: OpCode, isFinal: boolean, text: string, key: number): number {
    if (Buffer.byteLength(text) !== text.length) return this.#encoded(opcode, isFinal, text, key);
    this.ascii(opcode, isFinal, text, key);
    return text.length;
  }

  /** A frame that is too large for the slab; a text must be ASCII. */
  #large(
    opcode: OpCode,
    isFinal: boolean,
    content: Uint8Array | string,
    length: number,
    key: number,
  ): void {
    // What waits comes first.
    if (this.#output.takesAtOnce && this.#unwritten > 0) this.#writeAhead();
    const written = this.#output.takesAtOnce
      ? this.#writeThrough(opcode, isFinal, content, length, key)
      : -1;
    if (written === length) return;

    const header = written < 0 ? this.#headerSize(length) : 0;
    const from = Math.max(0, written);
    const bytes = Buffer.allocUnsafeSlow(header + length - from);
    if (header > 0) this.#writeHeader(bytes, 0, header, opcode, isFinal, length, key);
    copyPart(content, from, length, bytes, header);
    if (this.#masks) applyMask(bytes, rotateLeft(key, 8 * (from & 3)), header);
    if (this.#stretch !== undefined) this.#closeStretch();
    this.#add(bytes);
  }

  /** Writes a frame part by part as long as the system takes it; returns how much of the payload. */
  #writeThrough(
    opcode: OpCode,
    isFinal: boolean,
    content: Uint8Array | string,
    length: number,
    key: number,
  ): number {
    const block = this.#slab.provide(LARGEST_IN_SLAB);
    const start = block.used;
    const { memory } = block;
    const { bytes } = memory;
    block.enter();
    block.used += LARGEST_IN_SLAB;

    let payload = start + this.#headerSize(length);
    this.#writeHeader(bytes, start, payload - start, opcode, isFinal, length, key);
    let written = 0;
    let isFree = true;
    while (written < length && isFree) {
      const end = Math.min(length, written + start + LARGEST_IN_SLAB - payload);
      const last = payload + end - written;
      copyPart(content, written, end, bytes, payload);
      if (this.#masks) memory.mask(payload, last, rotateLeft(key, 8 * (written & 3)));
      isFree = this.#output.write(bytes.subarray(start, last));
      if (isFree) this.#ahead += last - start;
      written = end;
      payload = start;
    }
    if (isFree) {
      block.used = start;
      block.leave();
    } else {
      (this.#pinned ??= []).push(block);
    }
    return written;
  }

  #closeStretch(): void {
    const stretch = this.#stretch!;
    this.#add(stretch.bytes);
    (this.#closed ??= []).push(this.#release(stretch));
  }

  #add(piece: Buffer): void {
    (this.#pieces ??= []).push(piece);
    this.#inPieces += piece.length;
  }

  #dropPieces(): void {
    leave(this.#closed);
    this.#closed = undefined;
    this.#pieces = undefined;
    this.#inPieces = 0;
  }

  #headerSize(length: number): number {
    return headerSize(length) + (this.#masks ? 4 : 0);
  }

  #writeHeader(
    bytes: Buffer,
    at: number,
    size: number,
    opcode: OpCode,
    isFinal: boolean,
    length: number,
    key: number,
  ): void {
    writeStart(bytes, at, opcode, isFinal, length, this.#masks);
    if (!this.#masks) return;
    const payload = at + size;
    bytes[payload - 4] = key >>> 24;
    bytes[payload - 3] = key >>> 16;
    bytes[payload - 2] = key >>> 8;
    bytes[payload - 1] = key;
  }

  /** Completes the frame whose payload lies in place already. */
  #commit(
    stretch: Stretch,
    opcode: OpCode,
    isFinal: boolean,
    payload: number,
    length: number,
    key: number,
    content: string | undefined,
  ): void {
    const { memory } = stretch.block;
    const frame = stretch.end;
    this.#writeHeader(memory.bytes, frame, payload - frame, opcode, isFinal, length, key);
    if (this.#masks) memory.mask(payload, payload + length, key);
    this.#extend(stretch, payload + length, content, length);
  }

  /** Takes what lies behind the stretch, up to `end`, into it. */
  #extend(stretch: Stretch, end: number, content: unknown, payloadLength: number): void {
    stretch.end = end;
    giveBack(stretch, stretch.room);
    // Who has gone on from here has done so without this frame.
    stretch.next = undefined;
    const isShared = stretch.isNew && content !== undefined;
    stretch.isNew = false;
    stretch.content = isShared ? content : undefined;
    if (!isShared) return;
    stretch.payloadLength = payloadLength;
    if (stretch.previous === undefined) this.#slab.first = stretch;
    else stretch.previous.next = stretch;
  }

  /** Takes the frame that somebody has laid down from here, if it is what comes next here as well. */
  #shares(content: unknown): boolean {
    const stretch = this.#stretch;
    const next = stretch === undefined ? this.#slab.first : stretch.next;
    if (next === undefined || next.content !== content) return false;
    this.#hold(next);
    return true;
  }

  /** Makes room for `size` bytes behind what was gathered, in a stretch that nobody else has. */
  #reserve(size: number): Stretch {
    const stretch = this.#stretch;
    if (stretch === undefined) return this.#begin(size);

    const { block, end } = stretch;
    const isAlone = stretch.holders === 1;
    if (isAlone && end + size <= stretch.limit) return stretch;

    const gathered = end - stretch.start;
    if (gathered + size > WRITTEN_AHEAD_FROM && this.#output.takesAtOnce) {
      this.#writeAhead();
      return this.#begin(size);
    }
    if (stretch.limit === block.used && BLOCK_SIZE - end >= size) {
      const longer = isAlone ? stretch : this.#follow(stretch);
      longer.limit = end + size;
      block.used = longer.limit;
      return longer;
    }
    if (gathered >= MOVED_UP_TO) {
      this.#closeStretch();
      return this.#begin(size);
    }
    return this.#move(stretch, gathered, size, isAlone);
  }

  #begin(size: number): Stretch {
    const block = this.#slab.provide(size);
    const stretch = new Stretch(block, block.used);
    stretch.limit = block.used + size;
    block.used = stretch.limit;
    this.#hold(stretch);
    return stretch;
  }

  /** A stretch of our own that goes on where a shared one ends. */
  #follow(stretch: Stretch): Stretch {
    const next = new Stretch(stretch.block, stretch.start);
    next.end = stretch.end;
    next.previous = stretch;
    this.#hold(next);
    return next;
  }

  /**
   * Others have laid down frames behind ours meanwhile: ours move to the end of the slab, with room
   * to grow, if they are nobody else's, so that frames which alternate with others' are not moved
   * each time.
   */
  #move(stretch: Stretch, gathered: number, size: number, isAlone: boolean): Stretch {
    const { block: from, start, end } = stretch;
    const block = this.#slab.provide(2 * gathered + size);
    const next = new Stretch(block, block.used);
    from.memory.bytes.copy(block.memory.bytes, next.start, start, end);
    next.end = next.start + gathered;
    if (isAlone) {
      next.isNew = false;
      next.room = gathered;
    } else {
      next.previous = stretch;
    }
    next.limit = next.end + size + next.room;
    block.used = next.limit;
    this.#hold(next);
    return next;
  }

  /** Has `next` in place of what was gathered up to now. */
  #hold(next: Stretch): void {
    const before = this.#stretch;
    next.block.enter();
    next.holders++;
    this.#stretch = next;
    if (before === undefined) return;
    before.letGo();
    before.block.leave();
  }

  /** Lets go of the stretch; returns its block, which is still to be left. */
  #release(stretch: Stretch): Block {
    giveBack(stretch, 0);
    stretch.letGo();
    this.#stretch = undefined;
    return stretch.block;
  }
}

/** Returns what was reserved behind the stretch and not needed, except for `room`. */
function giveBack(stretch: Stretch, room: number): void {
  const { block } = stretch;
  if (stretch.limit !== block.used) return;
  stretch.limit = Math.min(stretch.limit, stretch.end + room);
  block.used = stretch.limit;
}

function leave(blocks: readonly Block[] | undefined): void {
  if (blocks !== undefined) for (const block of blocks) block.leave();
}

/** Copies `from` to `to` of the content, bytes or ASCII, to `at`. */
function copyPart(
  content: Uint8Array | string,
  from: number,
  to: number,
  bytes: Buffer,
  at: number,
): void {
  if (typeof content === 'string') bytes.write(content.slice(from, to), at, to - from, 'latin1');
  else bytes.set(content.subarray(from, to), at);
}
