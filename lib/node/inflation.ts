import { inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import type { InflateFailure } from '../session/wire.ts';
import type { DeflateHistory } from './deflate-history.ts';

// What the sender has left out (RFC 7692 §7.2.2), and an empty last block: with it zlib can tell a
// message that is whole from one that was cut off.
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff, 0x03, 0x00]);
const UNSENT = 4;

// A block may say that it is the last, and others follow all the same (RFC 7692 §7.2.3.4). Each such
// stream costs a call of zlib, and takes two bytes of the peer's.
const MOST_STREAMS = 64;

// A call of zlib, with a history of 32 KiB, takes as long as to inflate so many bytes.
const CALL_COSTS = 8 * 1024;

const SMALLEST_CHUNK = 1024;
const LARGEST_CHUNK = 64 * 1024;
const EMPTY = Buffer.alloc(0);

// A message that leaves more of zlib's memory unused than this is copied, lest it keep that alive.
const WASTE_UP_TO = 8 * 1024;

const INVALID: InflateFailure = { code: 1007, reason: 'Invalid compressed data.' };
const TOO_BIG: InflateFailure = { code: 1009, reason: 'Received message is too big.' };
const TOO_MANY_STREAMS: InflateFailure = {
  code: 1009,
  reason: 'Compressed message consists of too many streams.',
};

/** One message on its way through zlib. */
export class Inflation {
  readonly #input: Buffer;
  readonly #limit: number;
  readonly #windowBits: number;
  readonly #history: DeflateHistory;
  #at = 0;
  #streams = 0;
  readonly #pieces: Buffer[] = [];
  #length = 0;

  /** @param limit how many bytes the message may have. */
  constructor(payload: Buffer, limit: number, windowBits: number, history: DeflateHistory) {
    this.#input = Buffer.concat([payload, TAIL]);
    this.#limit = limit;
    this.#windowBits = windowBits;
    this.#history = history;
  }

  /** What was done up to now, in bytes of a large message that take as long to inflate. */
  get work(): number {
    return this.#length + this.#streams * CALL_COSTS;
  }

  /**
   * Inflates here and now.
   *
   * @returns the message or what is wrong with it; `undefined` when it is allowed to be, and is,
   * larger than `most` bytes: {@link runAside} goes on then.
   */
  runNow(most: number): Buffer | InflateFailure | undefined {
    for (;;) {
      let outcome: Buffer | InflateFailure | undefined;
      const room = Math.min(most, this.#limit) - this.#length;
      try {
        outcome = this.#take(inflateRawSync(this.#rest(), this.#options(room)));
      } catch (error) {
        if (isTooLarge(error) && most < this.#limit) return undefined;
        return failureOf(error);
      }
      if (outcome !== undefined) return outcome;
    }
  }

  /** Inflates on another thread; calls `done` once, later. */
  runAside(done: (outcome: Buffer | InflateFailure) => void): void {
    const options = this.#options(this.#limit - this.#length);
    try {
      inflateRaw(this.#rest(), options, (error, result) => {
        const outcome = error ? failureOf(error) : this.#take(result);
        if (outcome === undefined) this.runAside(done);
        else done(outcome);
      });
    } catch {
      // There is no memory to begin with.
      setImmediate(done, TOO_BIG);
    }
  }

  #rest(): Buffer {
    return this.#input.subarray(this.#at);
  }

  #options(room: number): ZlibOptions {
    const dictionary = this.#history.view();
    return {
      windowBits: this.#windowBits,
      // Zero is no limit that zlib takes.
      maxOutputLength: Math.max(1, room),
      chunkSize: Math.min(
        Math.max(SMALLEST_CHUNK, 8 * (this.#input.length - this.#at)),
        LARGEST_CHUNK,
      ),
      info: true,
      ...(dictionary === undefined ? {} : { dictionary }),
    };
  }

  /** Takes what one stream has given; returns what it comes to, if no stream follows. */
  #take(result: unknown): Buffer | InflateFailure | undefined {
    // With `info`, which the types do not know.
    const { buffer, engine } = result as InflatedStream;
    this.#streams++;
    this.#length += buffer.length;
    if (this.#length > this.#limit) return TOO_BIG;
    this.#at += engine.bytesWritten;
    this.#pieces.push(buffer);
    this.#history.add(buffer);

    const payloadLength = this.#input.length - TAIL.length;
    const isWhole =
      this.#at === this.#input.length ||
      // A last block may be what the payload ends with, or the empty block of which four bytes are not sent.
      this.#at === payloadLength ||
      this.#at === payloadLength + UNSENT;
    if (isWhole) return this.#message();
    return this.#streams === MOST_STREAMS ? TOO_MANY_STREAMS : undefined;
  }

  #message(): Buffer {
    const [first = EMPTY] = this.#pieces;
    if (this.#pieces.length > 1) return Buffer.concat(this.#pieces, this.#length);
    const waste = first.buffer.byteLength - first.length;
    return waste > WASTE_UP_TO ? Buffer.from(first) : first;
  }
}

interface InflatedStream {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function isTooLarge(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
}

function failureOf(error: unknown): InflateFailure {
  const { code } = error as NodeJS.ErrnoException;
  return isTooLarge(error) || code === 'Z_MEM_ERROR' ? TOO_BIG : INVALID;
}
