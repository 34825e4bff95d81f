import { MaskMemory, type PayloadMemory } from './mask-memory.ts';
import { applyMask, wordsOf } from './mask.ts';

/** The largest frame that is laid down as a whole, in bytes: a payload of 64 KiB with its header. */
export const LARGEST_IN_SLAB: number = 64 * 1024 + 14;

/** In bytes: little enough to stay in the cache of a processor's core. */
export const BLOCK_SIZE: number = 256 * 1024;

/** A piece of memory in which frames are laid down one behind the other. */
export class Block {
  readonly memory: PayloadMemory;
  /** Where the free part begins. */
  used = 0;
  // Those who have something in it that is not written yet.
  #users = 0;

  constructor(memory: PayloadMemory) {
    this.memory = memory;
  }

  get isFree(): boolean {
    return this.#users === 0;
  }

  /** Has one more user. */
  enter(): void {
    this.#users++;
  }

  /** Has one user less; without any, it is used from the start again. */
  leave(): void {
    this.#users--;
    if (this.#users === 0) this.used = 0;
  }
}

/**
 * Frames that follow each other in a {@link Block}, from `start` to `end`.
 *
 * Several writers may have the same one, when what they send is the same; then it does not change
 * any more, and what follows is {@link previous} to it.
 */
export class Stretch {
  readonly block: Block;
  readonly start: number;
  end: number;
  /** Up to where the memory belongs to this stretch. */
  limit: number;
  /** How much of that is kept for later frames. */
  room = 0;
  /** How many writers have it. */
  holders = 0;
  /** Whether its last frame is still to come: that may be shared. */
  isNew = true;
  /** The stretch without its last frame; undefined when that is its only one. */
  previous: Stretch | undefined;
  /** The stretch with one more frame that was laid down last. */
  next: Stretch | undefined;
  /** What the last frame was made of, as long as the stretch can be shared. */
  content: unknown = undefined;
  /** The payload of that frame, in bytes. */
  payloadLength = 0;
  #bytes: Buffer | undefined;

  constructor(block: Block, start: number) {
    this.block = block;
    this.start = start;
    this.end = start;
    this.limit = start;
  }

  /** Has one writer less. */
  letGo(): void {
    this.holders--;
    if (this.holders > 0) return;
    // Others may lay their frames down here from now on, and nobody comes by any more.
    this.content = undefined;
    this.next = undefined;
  }

  /** The frames up to now. */
  get bytes(): Buffer {
    // Who is left alone with a stretch may go on in it.
    if (this.#bytes?.length !== this.end - this.start) {
      this.#bytes = this.block.memory.bytes.subarray(this.start, this.end);
    }
    return this.#bytes;
  }
}

/**
 * Memory in which the outgoing frames of many connections are laid down.
 *
 * What is written at once, and that is nearly everything, leaves its place to what comes next: that
 * memory is in the processor's cache, and nothing has to be collected. Where writes have to wait,
 * others go on in another block.
 */
export class Slab {
  // There is one that masks fast; those that stand in for it are left to the collector.
  #lasting: Block | undefined;
  #current: Block | undefined;
  /** The stretch of one frame that was begun last. */
  first: Stretch | undefined;

  /** A block that has `size` free bytes; at most {@link BLOCK_SIZE}. */
  provide(size: number): Block {
    this.#lasting ??= new Block(new MaskMemory(BLOCK_SIZE));
    let block = this.#lasting.isFree ? this.#lasting : (this.#current ?? this.#lasting);
    if (BLOCK_SIZE - block.used < size) block = new Block(new PlainMemory(BLOCK_SIZE));
    this.#current = block;
    return block;
  }
}

/** What {@link MaskMemory} is too precious for. */
class PlainMemory implements PayloadMemory {
  readonly bytes: Buffer;
  readonly #words: Int32Array;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.#words = wordsOf(this.bytes.buffer);
  }

  mask(from: number, to: number, key: number): number {
    return applyMask(this.bytes, key, from, to, this.#words);
  }
}
