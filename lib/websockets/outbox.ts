import { ConnectionType } from '../core/connection-type.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import { hand, type QWebSocketBase } from './qwebsocket-base.ts';
import { contentOf, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import type { PreparedContent } from './socket-backend.ts';

/** How much may wait in an {@link Outbox}. */
export interface OutboxLimits {
  readonly maxUnsentMessages: number;
  readonly maxUnsentBytes: number;
}

/** Messages that wait for a connection of one socket, in their order and within limits. */
export class Outbox {
  readonly #socket: QWebSocketBase;
  readonly #limits: OutboxLimits;
  readonly #refused: (message: string | Uint8Array) => void;
  #messages: PreparedContent[] = [];
  #sent = 0;
  #size = 0;
  #isOpen = false;

  /** @param refused learns of a message that is thrown away: the socket takes it in no case. */
  constructor(
    socket: QWebSocketBase,
    limits: OutboxLimits,
    refused: (message: string | Uint8Array) => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#refused = refused;
  }

  /** Whether there is a connection that is ready for messages. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the socket can have a message at once: none waits that came before. */
  get isPassing(): boolean {
    const isConnected = this.#socket.state() === SocketState.ConnectedState;
    return isConnected && this.#isOpen && this.count === 0;
  }

  /** How many messages wait. */
  get count(): number {
    return this.#messages.length - this.#sent;
  }

  /** Their bytes; of text, in UTF-8. */
  get size(): number {
    return this.#size;
  }

  /** Keeps a message; returns the number of its bytes, 0 when there is no room for it. */
  keep(message: QWebSocketPreparedMessage): number {
    const { maxUnsentMessages, maxUnsentBytes } = this.#limits;
    const size = this.#size + message.size();
    if (this.count >= maxUnsentMessages || size > maxUnsentBytes) return 0;
    this.#messages.push(contentOf(message));
    this.#size = size;
    return message.size();
  }

  /** Sends what waits; to be called when the connection is ready for it. */
  open(): void {
    this.#isOpen = true;
    this.#flush();
  }

  /** Sends nothing more; to be called when the connection ends. */
  close(): void {
    this.#isOpen = false;
    this.#socket.bytesWritten.disconnect(this);
  }

  /** Gives all that waits away, the oldest first. */
  take(): (string | Uint8Array)[] {
    const messages = this.#messages.slice(this.#sent);
    this.#messages = [];
    this.#sent = 0;
    this.#size = 0;
    return messages.map(({ text, data }) => text ?? data);
  }

  readonly #flush = (): void => {
    const socket = this.#socket;
    while (this.#isOpen) {
      const message = this.#messages[this.#sent];
      if (message === undefined) return;
      const isTaken = hand(socket, message);
      if (!isTaken && !this.#isOpen) return;
      if (!isTaken && socket.bytesToWrite() > 0) {
        const type = ConnectionType.UniqueConnection | ConnectionType.SingleShotConnection;
        socket.bytesWritten.connect(this, this.#flush, type);
        return;
      }
      this.#drop(message);
      // Nothing waits before it, so that it would never be taken.
      if (!isTaken) this.#refused(message.text ?? message.data);
    }
  };

  /** Forgets `message`, if a slot has not taken it away. */
  #drop(message: PreparedContent): void {
    if (this.#messages[this.#sent] !== message) return;
    this.#sent++;
    this.#size -= message.data.length;
    // With each of them removed, all that follow would move.
    if (this.#sent * 2 < this.#messages.length) return;
    this.#messages = this.#messages.slice(this.#sent);
    this.#sent = 0;
  }
}
