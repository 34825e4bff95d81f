import type { Connection } from '../core/connection.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import { ConnectionError } from './connection-error.ts';
import { holdBack, type QWebSocketBase } from './qwebsocket-base.ts';

/** With more bytes than that waiting, the peer has to wait; UTF-16 code units count as bytes. */
const HIGH_WATER = 64 * 1024;

/** What a message counts beside its content. */
const OVERHEAD = 64;

type Message = string | Uint8Array;
type Result = IteratorResult<Message, undefined>;

/** Somebody who has asked for a message that has not come yet. */
interface Asker {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: ConnectionError) => void;
}

const DONE: Result = { done: true, value: undefined };

/**
 * The messages of a socket, text as strings and binary ones as bytes, in their order (not in Qt).
 *
 * It listens from this call on, and until the loop is left. The loop ends when the socket is
 * disconnected, or is found to be; it throws a {@link ConnectionError} when `error()` says that the
 * connection was lost, or the attempt came to nothing. What has come before that is delivered first. A
 * closing handshake is no error: `closeCode()` tells how it ended.
 *
 * While 64 KiB wait for the loop, the socket reads no further and its peer has to wait. Nor does the
 * socket answer pings then, or notice that the connection ends. Where the platform reads by itself, in
 * pages, it goes on and all that comes waits in memory.
 */
export function messages(socket: QWebSocketBase): AsyncIterableIterator<string | Uint8Array> {
  return new MessageIterator(socket);
}

class MessageIterator implements AsyncIterableIterator<Message> {
  readonly #socket: QWebSocketBase;
  readonly #connections: readonly Connection[];
  #waiting: Message[] = [];
  #size = 0;
  #letGo: (() => void) | undefined;
  #askers: Asker[] = [];
  #isOver = false;
  #failure: ConnectionError | undefined;

  constructor(socket: QWebSocketBase) {
    const take = (message: Message): void => this.#take(message);
    const end = (): void => this.#end();
    this.#socket = socket;
    this.#connections = [
      socket.textMessageReceived.connect(take),
      socket.binaryMessageReceived.connect(take),
      socket.disconnected.connect(end),
      socket.destroyed.connect(end),
    ];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const message = this.#waiting.shift();
    if (message !== undefined) {
      this.#size -= message.length + OVERHEAD;
      if (this.#size === 0) this.#goOn();
      return Promise.resolve({ done: false, value: message });
    }

    if (this.#socket.state() === SocketState.UnconnectedState) this.#end();
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      if (this.#isOver) this.#answerAll();
    });
  }

  return(): Promise<Result> {
    this.#isOver = true;
    this.#failure = undefined;
    this.#waiting = [];
    this.#size = 0;
    this.#stop();
    return Promise.resolve(DONE);
  }

  #take(message: Message): void {
    const asker = this.#askers.shift();
    if (asker !== undefined) {
      asker.resolve({ done: false, value: message });
      return;
    }
    this.#waiting.push(message);
    this.#size += message.length + OVERHEAD;
    if (this.#size < HIGH_WATER) return;
    // It may be another connection than the one that was held back.
    const before = this.#letGo;
    this.#letGo = holdBack(this.#socket);
    before?.();
  }

  #goOn(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const isLost = this.#socket.error() !== SocketError.UnknownSocketError;
    if (isLost) this.#failure = new ConnectionError(this.#socket);
    this.#stop();
  }

  #stop(): void {
    for (const connection of this.#connections) connection.disconnect();
    this.#goOn();
    this.#answerAll();
  }

  /** Answers those who wait for what does not come any more; the first one learns why. */
  #answerAll(): void {
    for (const { resolve, reject } of this.#askers.splice(0)) {
      const failure = this.#failure;
      this.#failure = undefined;
      if (failure === undefined) resolve(DONE);
      else reject(failure);
    }
  }
}
