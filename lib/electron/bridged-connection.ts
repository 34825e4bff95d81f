import { onLaterTurn } from '../core/later-turn.ts';
import { isCloseCodeValid } from '../network/close-code.ts';
import { explained } from '../network/failure-text.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import { QNetworkRequest } from '../network/qnetworkrequest.ts';
import {
  clientOf,
  holdBack,
  lose,
  pulseOf,
  type QWebSocketBase,
} from '../websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../websockets/qwebsockethandshakeoptions.ts';
import { CloseCode } from '../websockets/qwebsocketprotocol.ts';
import { alone, costOf, type Ask, type BridgeRequest, type Tell } from './bridge-messages.ts';
import type { MainPort } from './ports.ts';

/** What a page may take of the main process's memory. */
export interface ConnectionLimits {
  /** The largest message that the page may send, in bytes. */
  readonly maxMessageSize: number;
  /** How many bytes of the page may wait for the server. */
  readonly maxBacklog: number;
  /** How many bytes of the server may wait for the page. */
  readonly maxUnread: number;
}

// Each report of a page costs a message.
const LONGEST_SILENCE = 256 * 1024;

// So many bytes may be on their way to a page before its server has to wait, if no lower limit is set.
const MUCH_UNREAD = 4 * 1024 * 1024;

/** What a socket answers that has nothing to say; Qt's. */
const NO_TEXT = 'Unknown error';

/**
 * The main process's end of one connection of a page: does with the socket what the page asks for,
 * and tells the page what the socket emits.
 *
 * The socket is destroyed at the end.
 */
export class BridgedConnection {
  readonly #port: MainPort;
  readonly #socket: QWebSocketBase;
  readonly #limits: ConnectionLimits;
  #phase: 'opening' | 'open' | 'over' = 'opening';
  #isClosedByPage = false;
  // Of the message under way.
  #hasFrames = false;
  #taken = 0;
  #unread = 0;
  #letGo: (() => void) | undefined;

  constructor(port: MainPort, socket: QWebSocketBase, limits: ConnectionLimits) {
    this.#port = port;
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Opens what `request` asks for, with `headers` instead of its own. */
  open(request: BridgeRequest, headers: QHttpHeaders): void {
    const socket = this.#socket;
    tighten(socket, request);
    this.#listen();
    const target = new QNetworkRequest(request.url);
    target.setHeaders(headers);
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols([...request.subprotocols]);
    socket.open(target, options);
  }

  /** Does what the page asks for; returns false for what no page of ours says. */
  take(ask: Ask): boolean {
    // What was sent before the page heard of the end.
    if (this.#phase !== 'open') return true;
    return this.#do(ask);
  }

  /** Has the page told that it is cut off, before its port is closed. */
  cutOff(detail: string): void {
    const text = explained('The remote host closed the connection', { layer: 'bridge', detail });
    const error = SocketError.RemoteHostClosedError;
    this.#tell({ tell: this.#phase === 'open' ? 'lost' : 'unreachable', error, text });
    if (this.#phase === 'open') this.#tell({ tell: 'closed', text: '' });
  }

  /** Ends the connection of a page that is gone: 1001 once it was open. */
  end(): void {
    this.#phase = 'over';
    this.#socket.deleteLater();
  }

  /** Has the server told that we go away, and the page what comes of it. */
  close(): void {
    if (this.#phase === 'opening') this.#socket.abort();
    else this.#socket.close(CloseCode.CloseCodeGoingAway);
  }

  #do(ask: Ask): boolean {
    const socket = this.#socket;
    switch (ask.ask) {
      case 'text': {
        const size = utf8Length(ask.text);
        if (size > this.#limits.maxMessageSize) return false;
        this.#send(size, () => socket.sendTextMessage(ask.text, withCompression(ask)));
        break;
      }
      case 'binary': {
        const { bytes } = ask;
        this.#send(bytes.length, () => socket.sendBinaryMessage(bytes, withCompression(ask)));
        break;
      }
      case 'ping':
        if (this.#hasRoom()) socket.ping(ask.bytes);
        break;
      case 'close':
        if (!isCloseCodeValid(ask.code)) return false;
        this.#isClosedByPage = true;
        // The server's answer has to be read.
        this.#readOn();
        socket.close(ask.code, ask.reason);
        break;
      case 'more':
        if (ask.cost > this.#unread) return false;
        this.#unread -= ask.cost;
        if (this.#unread <= this.#muchUnread / 2) this.#readOn();
        break;
      case 'leave':
        break;
    }
    return true;
  }

  #send(size: number, send: () => number): void {
    if (!this.#hasRoom()) return;
    this.#taken += size;
    // Of what the socket has refused, the system will never report anything.
    if (send() < size) this.#written(0);
  }

  /** Whether more may wait for the server; a page that does not care is cut off. */
  #hasRoom(): boolean {
    const waiting = this.#socket.bytesToWrite();
    if (waiting <= this.#limits.maxBacklog) return true;
    this.#giveUp(`The peer does not read: ${waiting} bytes wait to be sent.`, 'maxBacklog');
    return false;
  }

  #giveUp(words: string, limit: keyof ConnectionLimits): void {
    // A connection that is being closed has no error any more, but an end.
    if (this.#socket.state() === SocketState.ClosingState) this.#socket.abort();
    const cause = { layer: 'bridge', detail: `cut off by ${limit} of the SocketBridge` } as const;
    lose(this.#socket, SocketError.SocketResourceError, explained(words, cause));
  }

  #listen(): void {
    const socket = this.#socket;
    socket.connected.connect(() => this.#opened());
    socket.textFrameReceived.connect((text, isLast) => {
      this.#hasFrames = true;
      this.#deliver({ tell: 'textFrame', text, isLast }, text);
    });
    socket.binaryFrameReceived.connect((frame, isLast) => {
      this.#hasFrames = true;
      this.#deliver({ tell: 'binaryFrame', bytes: alone(frame), isLast }, frame);
    });
    // Sockets over Chromium tell of no frames; a page puts the others together itself.
    socket.textMessageReceived.connect((text) => {
      if (!this.#hasFrames) this.#deliver({ tell: 'textMessage', text }, text);
      this.#hasFrames = false;
    });
    socket.binaryMessageReceived.connect((message) => {
      if (!this.#hasFrames) {
        this.#deliver({ tell: 'binaryMessage', bytes: alone(message) }, message);
      }
      this.#hasFrames = false;
    });
    socket.pong.connect((_elapsed, payload) => {
      this.#deliver({ tell: 'pong', bytes: alone(payload) }, payload);
    });
    socket.bytesWritten.connect((count) => this.#written(count));
    socket.errorOccurred.connect((error) => this.#failed(error));
    socket.aboutToClose.connect(() => this.#closing());
    socket.disconnected.connect(() => this.#disconnected());
  }

  #opened(): void {
    const socket = this.#socket;
    this.#phase = 'open';
    this.#tell({
      tell: 'opened',
      subprotocol: socket.subprotocol(),
      extensions: socket.extensions(),
      local: { address: socket.localAddress().toString(), port: socket.localPort() },
      peer: { address: socket.peerAddress().toString(), port: socket.peerPort() },
      maxMessageSize: this.#limits.maxMessageSize,
      reportEvery: Math.min(LONGEST_SILENCE, Math.floor(this.#limits.maxUnread / 4)),
      canPing: pulseOf(socket) !== undefined,
    });
  }

  #deliver(tell: Tell, { length }: { readonly length: number }): void {
    this.#tell(tell);
    this.#unread += costOf(length);
    if (this.#phase !== 'open') return;
    if (this.#unread > this.#muchUnread && !this.#isClosedByPage) {
      this.#letGo ??= holdBack(this.#socket);
    }
    if (this.#unread <= this.#limits.maxUnread) return;
    this.#giveUp(`The page does not read: ${this.#unread} bytes wait for it.`, 'maxUnread');
  }

  get #muchUnread(): number {
    return Math.min(MUCH_UNREAD, this.#limits.maxUnread / 2);
  }

  #readOn(): void {
    this.#letGo?.();
    this.#letGo = undefined;
  }

  #written(count: number): void {
    const waiting = this.#socket.bytesToWrite();
    this.#tell({ tell: 'written', count, taken: this.#taken, waiting });
  }

  #failed(error: SocketError): void {
    const text = this.#socket.errorString();
    if (this.#phase === 'open') {
      this.#tell({ tell: 'lost', error, text });
      return;
    }
    // As in Qt: what never found its peer is unconnected before it says so.
    const isUnreachable = this.#socket.state() === SocketState.UnconnectedState;
    const { refusal } = clientOf(this.#socket);
    this.#finish(
      isUnreachable
        ? { tell: 'unreachable', error, text }
        : { tell: 'handshakeFailed', error, text, refusal },
    );
  }

  #closing(): void {
    if (this.#phase !== 'open' || this.#isClosedByPage) return;
    const socket = this.#socket;
    this.#tell({ tell: 'closing', code: socket.closeCode(), reason: socket.closeReason() });
  }

  #disconnected(): void {
    const socket = this.#socket;
    if (this.#phase === 'open') {
      const text = socket.errorString();
      this.#finish({ tell: 'closed', text: text === NO_TEXT ? '' : text });
      return;
    }
    // The error comes behind it, if there is one: the main process may have given it up itself.
    onLaterTurn(() => {
      if (this.#phase !== 'opening') return;
      const text = explained('Operation aborted', {
        layer: 'bridge',
        detail: 'the main process has given the attempt up',
      });
      this.#finish({ tell: 'unreachable', error: SocketError.OperationError, text });
    });
  }

  #finish(tell: Tell): void {
    this.#tell(tell);
    this.end();
  }

  #tell(tell: Tell): void {
    if (this.#phase !== 'over') this.#port.postMessage(tell);
  }
}

/** Applies what the page has set where it is stricter than what the main process has. */
function tighten(socket: QWebSocketBase, { limits, isCompressionWanted }: BridgeRequest): void {
  const { maxIncomingFrameSize: frame, maxIncomingMessageSize: message } = limits;
  socket.setMaxAllowedIncomingFrameSize(Math.min(socket.maxAllowedIncomingFrameSize(), frame));
  socket.setMaxAllowedIncomingMessageSize(
    Math.min(socket.maxAllowedIncomingMessageSize(), message),
  );
  socket.setCloseTimeout(shorter(socket.closeTimeout(), limits.closeTimeout));
  socket.setIncompleteMessageTimeout(
    shorter(socket.incompleteMessageTimeout(), limits.incompleteMessageTimeout),
  );
  if (isCompressionWanted) socket.setCompressionEnabled(true);
}

/** Negative ones are endless. */
function shorter(one: number, other: number): number {
  if (one < 0) return other;
  return other < 0 ? one : Math.min(one, other);
}

function withCompression({ compress }: { readonly compress?: boolean | undefined }): {
  compress?: boolean;
} {
  return compress === undefined ? {} : { compress };
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
