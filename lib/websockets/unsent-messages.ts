import { contentOf, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import type { PreparedContent } from './socket-backend.ts';

/** Messages that wait for a connection, in their order and within limits. */
export class UnsentMessages {
  readonly #mostMessages: number;
  readonly #mostBytes: number;
  #messages: PreparedContent[] = [];
  #size = 0;

  constructor(mostMessages: number, mostBytes: number) {
    this.#mostMessages = mostMessages;
    this.#mostBytes = mostBytes;
  }

  /** How many there are. */
  get count(): number {
    return this.#messages.length;
  }

  /** Their bytes; of text, in UTF-8. */
  get size(): number {
    return this.#size;
  }

  /** Takes a message, if there is room for it; returns whether there was. */
  add(message: QWebSocketPreparedMessage): boolean {
    const size = this.#size + message.size();
    if (this.#messages.length >= this.#mostMessages || size > this.#mostBytes) return false;
    this.#messages.push(contentOf(message));
    this.#size = size;
    return true;
  }

  /** Hands them to `send`, the oldest first, until one is not taken; returns that one. */
  hand(send: (message: PreparedContent) => boolean): PreparedContent | undefined {
    for (;;) {
      const [message] = this.#messages;
      if (message === undefined || !send(message)) return message;
      this.drop(message);
    }
  }

  /** Forgets `message`, if it is the oldest one. */
  drop(message: PreparedContent): void {
    if (this.#messages[0] !== message) return;
    this.#messages.shift();
    this.#size -= message.data.length;
  }

  /** Gives all of them away. */
  take(): (string | Uint8Array)[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#size = 0;
    return messages.map(({ text, data }) => text ?? data);
  }
}
