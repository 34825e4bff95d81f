import { decodeUtf8, LONGEST_TEXT } from '../codec/utf8.ts';
import type { InflateFailure, InflateListener, MessageCoder } from './wire.ts';

/** Where an {@link Inbox} delivers. */
export interface InboxOwner {
  /** Takes the text of a message that was compressed, and how many bytes that has in UTF-8. */
  inflatedText(message: string, size: number): void;
  /** Takes the bytes of one, which are its own. */
  inflatedBinary(message: Buffer): void;
  /** Learns that what came is no message. */
  violation(code: 1007 | 1009, reason: string): void;
  /** Learns that a message takes time: nothing else may be delivered before it. */
  inboxBusy(): void;
  /** Learns that it was delivered. */
  inboxEmpty(): void;
}

/** Inflates what comes compressed. */
export class Inbox implements InflateListener {
  readonly #coder: MessageCoder;
  readonly #owner: InboxOwner;
  #isBusy = false;
  #isText = false;

  constructor(coder: MessageCoder, owner: InboxOwner) {
    this.#coder = coder;
    this.#owner = owner;
  }

  /** Whether a message is under way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Takes the payload of a compressed message, which may have `limit` bytes. */
  message(isText: boolean, payload: Buffer, limit: number): void {
    this.#isText = isText;
    const most = isText ? Math.min(limit, LONGEST_TEXT) : limit;
    const outcome = this.#coder.inflate(payload, most, this);
    if (outcome !== undefined) {
      this.#deliver(outcome);
    } else {
      this.#isBusy = true;
      this.#owner.inboxBusy();
    }
  }

  inflated(message: Buffer | InflateFailure): void {
    this.#isBusy = false;
    this.#deliver(message);
    this.#owner.inboxEmpty();
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#isBusy = false;
  }

  #deliver(outcome: Buffer | InflateFailure): void {
    if ('code' in outcome) {
      this.#owner.violation(outcome.code, outcome.reason);
    } else if (this.#isText) {
      const text = decodeUtf8(outcome, 0, outcome.length);
      if (text === undefined) this.#owner.violation(1007, 'Invalid UTF-8 code encountered.');
      else this.#owner.inflatedText(text, outcome.length);
    } else {
      this.#owner.inflatedBinary(outcome);
    }
  }
}
