import { canDeflate, type DeflateParameters } from '../codec/deflate-parameters.ts';
import type { SharedMessage } from '../session/shared-message.ts';
import type {
  DeflateListener,
  InflateFailure,
  InflateListener,
  MessageCoder,
} from '../session/wire.ts';
import { DeflateHistory } from './deflate-history.ts';
import { DeflateJob, deflateNow, type DeflateSettings } from './deflation.ts';
import { InflateJob } from './inflate-job.ts';
import { Inflation } from './inflation.ts';
import { Limiter } from './limiter.ts';
import { SharedDeflation } from './shared-deflation.ts';

// What is larger goes to another thread: this one would stand still for more than about half a
// millisecond. For what is smaller, the way there and back costs more than the work.
const DEFLATE_HERE_UP_TO = 32 * 1024;
const INFLATE_HERE_UP_TO = 16 * 1024;
const INFLATED_HERE_UP_TO = 256 * 1024;

// After so much work one turn of the event loop is left to others: a chunk of 64 KiB may hold 9,000
// messages, or some that come to 60 MB.
const WORK_AT_ONCE = 512 * 1024;

const EMPTY = Buffer.alloc(0);

// Half of the threads of libuv: files and names need some as well.
const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4;
const limiter = new Limiter(Math.max(1, threads >> 1));

/** How a {@link DeflateCoder} goes to work. */
export interface CoderOptions {
  /** 1, the fastest, to 9. */
  readonly level: number;
  readonly threshold: number;
  /** How many bytes of earlier messages are compared with a new one, at most. */
  readonly historySize: number;
}

/**
 * Compresses with zlib, and keeps nothing of it between two messages: of each direction there are
 * only the last bytes that went over it, so that an idle connection costs no more than those.
 */
export class DeflateCoder implements MessageCoder, DeflateListener {
  readonly threshold: number;
  readonly #settings: DeflateSettings;
  readonly #sent: DeflateHistory;
  readonly #received: DeflateHistory;
  readonly #receivedBits: number;
  #deflating: DeflateJob | undefined;
  #awaited: Awaited | undefined;
  #inflating: InflateJob | undefined;
  // What was inflated here since others have had a turn.
  #work = 0;

  constructor(isClient: boolean, agreed: DeflateParameters, options: CoderOptions) {
    const server = { bits: agreed.serverMaxWindowBits, isBare: agreed.serverNoContextTakeover };
    const client = { bits: agreed.clientMaxWindowBits, isBare: agreed.clientNoContextTakeover };
    const own = isClient ? client : server;
    const other = isClient ? server : client;
    this.threshold = options.threshold;
    this.#settings = { level: options.level, windowBits: own.bits };
    this.#sent = new DeflateHistory(own.isBare ? 0 : Math.min(options.historySize, 2 ** own.bits));
    this.#received = new DeflateHistory(other.isBare ? 0 : 2 ** other.bits);
    this.#receivedBits = other.bits;
  }

  deflate(data: Uint8Array, listener: DeflateListener): Uint8Array | undefined {
    if (!canDeflate(this.#settings.windowBits)) return data;
    if (data.length <= DEFLATE_HERE_UP_TO) return deflateNow(data, this.#settings, this.#sent);
    this.#deflating = new DeflateJob(data, this.#settings, this.#sent, listener);
    limiter.run(this.#deflating);
    return undefined;
  }

  deflateShared(message: SharedMessage, listener: DeflateListener): Uint8Array | undefined {
    const { data } = message;
    if (!canDeflate(this.#settings.windowBits)) return data;
    const deflation = SharedDeflation.of(message, this.#settings);
    const payload = data.length <= DEFLATE_HERE_UP_TO ? deflation.run() : deflation.payload;
    if (payload === undefined) {
      this.#awaited = { data, deflation, listener };
      deflation.wait(this, limiter);
    } else {
      this.#note(data, payload);
    }
    return payload;
  }

  deflated(payload: Uint8Array): void {
    const { data, listener } = this.#awaited!;
    this.#awaited = undefined;
    this.#note(data, payload);
    listener.deflated(payload);
  }

  inflate(
    payload: Buffer,
    limit: number,
    listener: InflateListener,
  ): Buffer | InflateFailure | undefined {
    // No valid form of the empty message, but what some senders make of it.
    if (payload.length === 0) return EMPTY;
    const inflation = new Inflation(payload, limit, this.#receivedBits, this.#received);
    const outcome =
      payload.length <= INFLATE_HERE_UP_TO ? inflation.runNow(INFLATED_HERE_UP_TO) : undefined;
    this.#work += inflation.work;
    if (outcome !== undefined && this.#work < WORK_AT_ONCE) return outcome;

    this.#work = 0;
    const job = new InflateJob(inflation, listener);
    this.#inflating = job;
    if (outcome === undefined) limiter.run(job);
    else setImmediate(() => job.tell(outcome));
    return undefined;
  }

  stop(): void {
    this.#deflating?.drop();
    this.#inflating?.drop();
    this.#awaited?.deflation.forget(this);
    this.#awaited = undefined;
  }

  /** As everything that goes out compressed, `data` enter the peer's window (RFC 7692 §7.2.3.2). */
  #note(data: Uint8Array, payload: Uint8Array): void {
    if (payload !== data) this.#sent.add(data);
  }
}

/** A message that another thread compresses, for others as well. */
interface Awaited {
  readonly data: Uint8Array;
  readonly deflation: SharedDeflation;
  readonly listener: DeflateListener;
}
