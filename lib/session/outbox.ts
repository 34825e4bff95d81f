import { CompressedCode, OpCode } from '../codec/opcode.ts';
import { Queue } from './queue.ts';
import type { DeflateListener, MessageCoder } from './wire.ts';

/** Where an {@link Outbox} hands its messages on. */
export interface OutboxOwner {
  /** Takes the next message; with a {@link CompressedCode} one that is compressed. */
  outgoing(opcode: OpCode, payload: Uint8Array): void;
  /** Learns that nothing waits any more, after there was something. */
  outboxEmpty(): void;
}

interface Waiting {
  readonly isText: boolean;
  readonly data: Uint8Array;
  readonly compress: boolean;
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
    const message = { isText, data, compress: compress ?? data.length >= this.#coder.threshold };
    this.#bytes += data.length;
    if (this.#current !== undefined) this.#waiting.push(message);
    else this.#begin(message);
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

  #begin(message: Waiting): void {
    const { data } = message;
    const payload = message.compress ? this.#coder.deflate(data, this) : data;
    if (payload === undefined) this.#current = message;
    else this.#hand(message, payload);
  }

  #hand({ isText, data }: Waiting, payload: Uint8Array): void {
    this.#bytes -= data.length;
    if (payload !== data) {
      this.#owner.outgoing(isText ? CompressedCode.Text : CompressedCode.Binary, payload);
    } else {
      this.#owner.outgoing(isText ? OpCode.Text : OpCode.Binary, payload);
    }
  }
}
