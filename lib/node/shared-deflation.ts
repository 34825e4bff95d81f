import { reportUncaught } from '../core/emission.ts';
import type { SharedMessage } from '../session/shared-message.ts';
import type { DeflateListener } from '../session/wire.ts';
import { DeflateHistory } from './deflate-history.ts';
import { DeflateJob, deflateNow, windowBitsFor, type DeflateSettings } from './deflation.ts';
import type { Limiter } from './limiter.ts';

const NO_HISTORY = new DeflateHistory(0);

/**
 * One message, compressed once for all connections that agree on how: without what went over any
 * of them before, so that each of their peers can inflate it (RFC 7692 §7.2.1).
 */
export class SharedDeflation implements DeflateListener {
  // They live as long as their messages.
  static readonly #all = new WeakMap<SharedMessage, Map<number, SharedDeflation>>();

  readonly #data: Uint8Array;
  readonly #settings: DeflateSettings;
  readonly #waiting = new Set<DeflateListener>();
  #isUnderWay = false;
  #payload: Uint8Array | undefined;

  private constructor(data: Uint8Array, settings: DeflateSettings) {
    this.#data = data;
    this.#settings = settings;
  }

  /** The one of `message` for connections with `settings`. */
  static of(message: SharedMessage, { level, windowBits }: DeflateSettings): SharedDeflation {
    const { data } = message;
    let known = SharedDeflation.#all.get(message);
    if (known === undefined) {
      known = new Map();
      SharedDeflation.#all.set(message, known);
    }
    // What fits into a small window is the same for all larger ones.
    const bits = windowBitsFor(data.length, windowBits);
    const key = 16 * level + bits;
    let deflation = known.get(key);
    if (deflation === undefined) {
      deflation = new SharedDeflation(data, { level, windowBits: bits });
      known.set(key, deflation);
    }
    return deflation;
  }

  /** The payload, which is the data where that is not larger; undefined while there is none. */
  get payload(): Uint8Array | undefined {
    return this.#payload;
  }

  /** Compresses on this thread, unless that is done. */
  run(): Uint8Array {
    this.#payload ??= deflateNow(this.#data, this.#settings, NO_HISTORY);
    return this.#payload;
  }

  /** Tells `listener` when it is done on another thread, for which `limiter` has to have room. */
  wait(listener: DeflateListener, limiter: Limiter): void {
    this.#waiting.add(listener);
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    limiter.run(new DeflateJob(this.#data, this.#settings, NO_HISTORY, this));
  }

  /** Tells `listener` nothing any more. */
  forget(listener: DeflateListener): void {
    this.#waiting.delete(listener);
  }

  deflated(payload: Uint8Array): void {
    this.#payload = payload;
    for (const listener of this.#waiting) {
      this.#waiting.delete(listener);
      try {
        listener.deflated(payload);
      } catch (error) {
        // A stream of the application's own has thrown: the other sockets have no part in that.
        reportUncaught(error);
      }
    }
  }
}
