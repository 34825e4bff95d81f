import { constants, deflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';
import type { DeflateListener } from '../session/wire.ts';
import type { DeflateHistory } from './deflate-history.ts';
import type { Job } from './limiter.ts';

// Every compressed message ends with an empty block, of which these bytes are not sent (RFC 7692 §7.2.1).
const TAIL_LENGTH = 4;

const SMALLEST_WINDOW = 9;
const SMALLEST_CHUNK = 256;
const LARGEST_CHUNK = 256 * 1024;

/** How one side compresses. */
export interface DeflateSettings {
  readonly level: number;
  /** Logarithm of the window that the peer keeps, at least 9. */
  readonly windowBits: number;
}

/** The compressed form of `data` behind `history`; `data` itself when that is not larger. */
export function deflateNow(
  data: Uint8Array,
  settings: DeflateSettings,
  history: DeflateHistory,
): Uint8Array {
  try {
    return finish(data, deflateRawSync(data, optionsFor(data, settings, history)), history);
  } catch {
    // There is no memory for it. What is not compressed concerns no other message.
    return data;
  }
}

/** The same on another thread; `listener` is told unless the job is {@link drop | dropped}. */
export class DeflateJob implements Job {
  readonly #settings: DeflateSettings;
  readonly #history: DeflateHistory;
  readonly #listener: DeflateListener;
  #data: Uint8Array | undefined;

  constructor(
    data: Uint8Array,
    settings: DeflateSettings,
    history: DeflateHistory,
    listener: DeflateListener,
  ) {
    this.#data = data;
    this.#settings = settings;
    this.#history = history;
    this.#listener = listener;
  }

  get isDropped(): boolean {
    return this.#data === undefined;
  }

  /** Tells nothing any more. */
  drop(): void {
    this.#data = undefined;
  }

  begin(done: () => void): void {
    const data = this.#data!;
    const tell = (error: Error | null, compressed?: Buffer): void => {
      done();
      if (this.isDropped) return;
      this.drop();
      const isDone = !error && compressed !== undefined;
      this.#listener.deflated(isDone ? finish(data, compressed, this.#history) : data);
    };
    try {
      deflateRaw(data, optionsFor(data, this.#settings, this.#history), tell);
    } catch (error) {
      // There is no memory to begin with.
      setImmediate(tell, error as Error);
    }
  }
}

function finish(data: Uint8Array, compressed: Buffer, history: DeflateHistory): Uint8Array {
  const length = compressed.length - TAIL_LENGTH;
  // What goes out as it is does not enter the peer's window either (RFC 7692 §7.2.3.2).
  if (length >= data.length) return data;
  history.add(data);
  return compressed.subarray(0, length);
}

function optionsFor(
  data: Uint8Array,
  { level, windowBits }: DeflateSettings,
  history: DeflateHistory,
): ZlibOptions {
  const dictionary = history.view();
  return {
    level,
    // zlib clears twice the window before it begins: 125 bytes take 8 µs with 15 bits, 6 with 9.
    windowBits: windowBitsFor(history.length + data.length, windowBits),
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(Math.max(SMALLEST_CHUNK, data.length >> 1), LARGEST_CHUNK),
    ...(dictionary === undefined ? {} : { dictionary }),
  };
}

/** The logarithm of the smallest window that holds `length` bytes, within the limits. */
export function windowBitsFor(length: number, most: number): number {
  return Math.min(Math.max(SMALLEST_WINDOW, 32 - Math.clz32(length - 1)), most);
}
