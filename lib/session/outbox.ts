import { CompressedCode, OpCode } from '../codec/opcode.ts';
import { Queue } from './queue.ts';
import type { SharedMessage } from './shared-message.ts';
import type { DeflateListener, MessageCoder } from './wire.ts';

/** Where an {@link Outbox} hands its messages on. */
export interface OutboxOwner {
  /** Takes the next message; with a {@link CompressedCode} one that is compressed. */
  outgoing(opcode: OpCode, payload: Uint8Array): void;
  /** Takes the next message, which others send as well; `payload` is its data or a compressed form. */
  outgoingShared(message: SharedMessage, payload: Uint8Array): void;
  /** Learns that nothing waits any more, after there was something. */
  outboxEmpty(): void;
}

interface Waiting {
  readonly isText: boolean;
  readonly data: Uint8Array;
  readonly compress: boolean;
  /** What it is a part of, when others send it as well. */
  readonly shared: SharedMessage | undefined;
}

/** Compresses what is sent, and keeps its order: what follows a message that takes time waits for it. */
export class Outbox implements DeflateListener {
  readonly #coder: MessageCoder;
  readonly #owner: OutboxOwner;
  #waiting = new Queue<Waiting>();
  // The message under way.
  #current: Waiting | undefined;
  #bytes = 0;

  constructor(coder: MessageCoder, owner: OutboxOwner) {
    this.#coder = coder;
    this.#owner = owner;
  }

  /** Whether a message is under way; whatever is to follow it has to wait. */
  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** The bytes of the messages that are under way or wait, before they are compressed. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends a message, now if nothing is under way.
   *
   * @param data must not change any more.
   */
  send(isText: boolean, data: Uint8Array, compress: boolean | undefined): void {
    this.#send(isText, data, compress, undefined);
  }

  /** The same for a message that others send as well: it is compressed once for all of them. */
  sendShared(message: SharedMessage): void {
    this.#send(message.isText, message.data, message.compress, message);
  }

  deflated(payload: Uint8Array): void {
    const message = this.#current!;
    this.#current = undefined;
    this.#hand(message, payload);
    while (this.#current === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#owner.outboxEmpty();
        return;
      }
      this.#begin(next);
    }
  }

  /** Lets go of everything. */
  stop(): void {
    this.#current = undefined;
    this.#waiting = new Queue();
    this.#bytes = 0;
  }

  #send(
    isText: boolean,
    data: Uint8Array,
    choice: boolean | undefined,
    shared: SharedMessage | undefined,
  ): void {
    const compress = choice ?? data.length >= this.#coder.threshold;
    const message = { isText, data, compress, shared };
    this.#bytes += data.length;
    if (this.#current !== undefined) this.#waiting.push(message);
    else this.#begin(message);
  }

  #begin(message: Waiting): void {
    const payload = message.compress ? this.#deflate(message) : message.data;
    if (payload === undefined) this.#current = message;
    else this.#hand(message, payload);
  }

  #deflate({ data, shared }: Waiting): Uint8Array | undefined {
    if (shared !== undefined) return this.#coder.deflateShared(shared, this);
    return this.#coder.deflate(data, this);
  }

  #hand({ isText, data, shared }: Waiting, payload: Uint8Array): void {
    this.#bytes -= data.length;
    if (shared !== undefined) {
      this.#owner.outgoingShared(shared, payload);
    } else if (payload !== data) {
      this.#owner.outgoing(isText ? CompressedCode.Text : CompressedCode.Binary, payload);
    } else {
      this.#owner.outgoing(isText ? OpCode.Text : OpCode.Binary, payload);
    }
  }
}
