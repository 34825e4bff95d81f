import type { SharedMessage } from '../../lib/session/shared-message.ts';
import type {
  DeflateListener,
  InflateFailure,
  InflateListener,
  MessageCoder,
} from '../../lib/session/wire.ts';

/**
 * A coder in the hands of a spec: "compressed" is what begins with `~`, and long messages take
 * until the spec says so.
 */
export class SlowCoder implements MessageCoder {
  threshold = 4;
  /** Messages of more bytes take time. */
  atOnceUpTo = 6;
  isStopped = false;
  /** How many messages were said to be others' as well. */
  shared = 0;
  /** The limits that came with the payloads. */
  readonly limits: number[] = [];
  #deflating: (() => void) | undefined;
  #inflating: ((failure?: InflateFailure) => void) | undefined;

  deflate(data: Uint8Array, listener: DeflateListener): Uint8Array | undefined {
    const payload = Buffer.concat([Buffer.from('~'), data]);
    if (data.length <= this.atOnceUpTo) return payload;
    this.#deflating = () => listener.deflated(payload);
    return undefined;
  }

  deflateShared(message: SharedMessage, listener: DeflateListener): Uint8Array | undefined {
    this.shared++;
    return this.deflate(message.data, listener);
  }

  inflate(
    payload: Buffer,
    limit: number,
    listener: InflateListener,
  ): Buffer | InflateFailure | undefined {
    this.limits.push(limit);
    const message = Buffer.from(payload.subarray(1));
    if (payload[0] !== 0x7e) return { code: 1007, reason: 'Not compressed.' };
    if (message.length <= this.atOnceUpTo) return message;
    this.#inflating = (failure) => listener.inflated(failure ?? message);
    return undefined;
  }

  stop(): void {
    this.isStopped = true;
    this.#deflating = undefined;
    this.#inflating = undefined;
  }

  get isDeflating(): boolean {
    return this.#deflating !== undefined;
  }

  get isInflating(): boolean {
    return this.#inflating !== undefined;
  }

  /** Ends what takes time. */
  finishDeflating(): void {
    const finish = this.#deflating!;
    this.#deflating = undefined;
    finish();
  }

  finishInflating(failure?: InflateFailure): void {
    const finish = this.#inflating!;
    this.#inflating = undefined;
    finish(failure);
  }
}
