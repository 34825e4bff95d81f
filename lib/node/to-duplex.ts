import { addAbortSignal, Duplex, type DuplexOptions } from 'node:stream';
import type { Connection } from '../core/connection.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import { ConnectionError, failureOf } from '../websockets/connection-error.ts';
import { holdBack, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { CloseCode } from '../websockets/qwebsocketprotocol.ts';

/** As for every stream of Node; `signal` destroys it. */
export type SocketStreamOptions = Pick<
  DuplexOptions,
  'readableHighWaterMark' | 'writableHighWaterMark' | 'signal'
>;

/**
 * Makes a stream of bytes of a socket that is connected, or will be when `open()` is through (not in Qt).
 *
 * Each write is sent as one binary message; what comes is read without the borders of messages, text as
 * UTF-8. Both sides make the other one wait: writes while more than the `writableHighWaterMark` waits for
 * the system, the peer while nobody reads.
 *
 * `end()` closes with 1000 behind what was written, and the stream has finished when the socket is
 * disconnected; what the peer sends until then can be read. The stream ends when the peer closes with
 * 1000, or without a code. Any other end destroys it with a {@link ConnectionError}, for what has come may
 * not be all; so does an attempt that fails. `destroy()` aborts the socket.
 *
 * The socket must not be opened again while the stream is in use, and others should not send by it.
 */
export function toDuplex(socket: QWebSocketBase, options: SocketStreamOptions = {}): Duplex {
  return new SocketStream(socket, options);
}

class SocketStream extends Duplex {
  readonly #socket: QWebSocketBase;
  readonly #connections: readonly Connection[];
  // What is to be sent, and whom to tell when that has been done, or the end.
  #chunk: Buffer | undefined;
  #done: ((error?: Error | null) => void) | undefined;
  #isEnding = false;
  #letGo: (() => void) | undefined;
  #wasConnected: boolean;
  #wasClosing: boolean;
  // Whether the connection is still there to be given up.
  #isOurs = true;

  constructor(
    socket: QWebSocketBase,
    { readableHighWaterMark, writableHighWaterMark, signal }: SocketStreamOptions,
  ) {
    // When the peer has closed, nothing can be sent any more.
    super({ readableHighWaterMark, writableHighWaterMark, allowHalfOpen: false });
    this.#socket = socket;
    this.#wasConnected = socket.isValid();
    this.#wasClosing = socket.state() === SocketState.ClosingState;
    this.#connections = [
      socket.binaryMessageReceived.connect((bytes) => {
        this.#take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      }),
      socket.textMessageReceived.connect((text) => this.#take(Buffer.from(text))),
      socket.connected.connect(() => {
        this.#wasConnected = true;
        this.#goOn();
      }),
      socket.bytesWritten.connect(() => this.#goOn()),
      socket.disconnected.connect(() => this.#over()),
      socket.stateChanged.connect((state) => {
        if (state === SocketState.ClosingState) this.#wasClosing = true;
        if (state === SocketState.ConnectingState && this.#wasConnected) this.#lose();
      }),
      socket.destroyed.connect(() => this.#lose()),
    ];
    if (signal) addAbortSignal(signal, this);
    process.nextTick(() => {
      if (this.#isOurs && socket.state() === SocketState.UnconnectedState) this.#lose();
    });
  }

  override _read(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    this.#chunk = chunk;
    this.#done = done;
    this.#goOn();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#isEnding = true;
    this.#done = done;
    this.#goOn();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stop();
    if (this.#isOurs) this.#socket.abort();
    done(error);
  }

  #take(bytes: Buffer): void {
    if (bytes.length === 0 || this.push(bytes)) return;
    // It may be held back already: a message that was being inflated still comes.
    const before = this.#letGo;
    this.#letGo = holdBack(this.#socket);
    before?.();
  }

  /** Does what there is to do, as far as that is possible now. */
  #goOn(): void {
    const state = this.#socket.state();
    if (this.#done === undefined || state === SocketState.ConnectingState) return;
    if (this.#isEnding) {
      if (state === SocketState.UnconnectedState) this.#settle();
      else this.#socket.close();
      return;
    }
    if (!this.#sendChunk()) return;
    if (this.#socket.bytesToWrite() <= this.writableHighWaterMark) this.#settle();
  }

  /** Returns whether the chunk has been sent, now or before. */
  #sendChunk(): boolean {
    const chunk = this.#chunk;
    if (chunk === undefined) return true;
    this.#chunk = undefined;
    // Of no message at all nobody would ever read something.
    if (chunk.length === 0 || this.#socket.sendBinaryMessage(chunk) > 0) return true;
    // With a limit to the backlog it is to be tried again when the system has taken some of that.
    if (this.#socket.isValid()) this.#chunk = chunk;
    else this.#settle(new ConnectionError(this.#socket));
    return false;
  }

  #settle(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  /** The socket is disconnected. */
  #over(): void {
    this.#stop();
    this.#isOurs = false;
    // What is aborted is disconnected without closing.
    if (!this.#wasClosing || !hasClosedInOrder(this.#socket)) {
      this.destroy(new ConnectionError(this.#socket));
      return;
    }
    this.push(null);
    if (this.#isEnding) this.#settle();
    else if (this.#done !== undefined) this.#settle(new ConnectionError(this.#socket));
  }

  /** The connection is gone without a word, or has never been. */
  #lose(): void {
    this.#isOurs = false;
    this.destroy(new ConnectionError(this.#socket));
  }

  #stop(): void {
    for (const connection of this.#connections) connection.disconnect();
    this.#letGo?.();
    this.#letGo = undefined;
  }
}

function hasClosedInOrder(socket: QWebSocketBase): boolean {
  const code = socket.closeCode();
  const isOrder =
    code === CloseCode.CloseCodeNormal || code === CloseCode.CloseCodeMissingStatusCode;
  return isOrder && failureOf(socket) === '';
}
