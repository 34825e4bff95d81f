import { BacklogPolicy } from '../network/backlog-policy.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import { holdBack, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { QWebChannelAbstractTransport } from './qwebchannelabstracttransport.ts';

/** With more bytes than that waiting, the client has to take some before it is heard again. */
const HIGH_WATER = 64 * 1024;

/** What may wait for a client that reads nothing, unless the socket has a limit of its own. */
const BACKLOG_LIMIT = 16 * 1024 * 1024;

/** A message for many is written once. */
const texts = new WeakMap<object, string>();

/**
 * Takes the messages of a QWebChannel over a socket, as the class of this name in Qt's examples.
 *
 * It ends with the connection and takes the socket with it. While 64 KiB wait for the client, nothing
 * more is read from it. One for which 16 MiB wait is cut off, unless `setBacklogLimit()` says something
 * else. What the client sends is limited by `setMaxAllowedIncomingMessageSize()` of the socket.
 */
export class WebSocketTransport extends QWebChannelAbstractTransport {
  readonly #socket: QWebSocketBase;
  #letGo: (() => void) | undefined;

  /** @param socket a connected one; it destroys the transport when it is destroyed itself. */
  constructor(socket: QWebSocketBase) {
    super(socket);
    this.#socket = socket;
    if (socket.backlogLimit() < 0) socket.setBacklogLimit(BACKLOG_LIMIT, BacklogPolicy.Disconnect);
    socket.textMessageReceived.connect(this, (text) => this.#receive(text));
    socket.bytesWritten.connect(this, () => this.#goOn());
    socket.disconnected.connect(this, () => this.deleteLater());
    if (socket.state() === SocketState.UnconnectedState) this.deleteLater();
  }

  sendMessage(message: object): void {
    const text = texts.get(message) ?? JSON.stringify(message);
    texts.set(message, text);
    this.#socket.sendTextMessage(text);
    if (this.#socket.bytesToWrite() > HIGH_WATER) this.#letGo ??= holdBack(this.#socket);
  }

  protected override destroy(): void {
    this.#letGo?.();
    this.#socket.deleteLater();
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      message = undefined;
    }
    this.announce('messageReceived', message, this);
  }

  #goOn(): void {
    if (this.#socket.bytesToWrite() > HIGH_WATER) return;
    this.#letGo?.();
    this.#letGo = undefined;
  }
}
