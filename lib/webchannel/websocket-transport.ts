import { BacklogPolicy } from '../network/backlog-policy.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import { holdBack, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { QWebChannelAbstractTransport } from './qwebchannelabstracttransport.ts';

/** With more bytes than that waiting, the client has to take some before it is heard again. */
export const HIGH_WATER: number = 64 * 1024;

/** What may wait for a client that reads nothing, unless the socket has a limit of its own. */
export const BACKLOG_LIMIT: number = 16 * 1024 * 1024;

/** How often it is looked whether a client that is not heard is still there, in milliseconds. */
export const LOOK_INTERVAL = 1_000;

/** After so many looks in which the client has taken nothing it is given up. */
export const PATIENCE = 60;

/** A message for many is written once. */
const texts = new WeakMap<object, string>();

/**
 * Takes the messages of a QWebChannel over a socket, as the class of this name in Qt's examples.
 *
 * It ends with the connection and takes the socket with it. While 64 KiB wait for the client, nothing
 * more is read from it; when it takes none of that for a minute it is cut off. So is one for which
 * 16 MiB wait, unless `setBacklogLimit()` says something else. What the client sends is limited by
 * `setMaxAllowedIncomingMessageSize()` of the socket.
 */
export class WebSocketTransport extends QWebChannelAbstractTransport {
  readonly #socket: QWebSocketBase;
  #letGo: (() => void) | undefined;
  #look: ReturnType<typeof setInterval> | undefined;
  #looksInVain = 0;

  /** @param socket a connected one; it destroys the transport when it is destroyed itself. */
  constructor(socket: QWebSocketBase) {
    // A peer that leaves while the application makes up its mind must not make this throw.
    const isDestroyed = socket['~connections'].isClosed;
    super(isDestroyed ? null : socket);
    this.#socket = socket;
    if (socket.backlogLimit() < 0) socket.setBacklogLimit(BACKLOG_LIMIT, BacklogPolicy.Disconnect);
    socket.textMessageReceived.connect(this, (text) => this.#receive(text));
    socket.bytesWritten.connect(this, () => this.#goOn());
    socket.disconnected.connect(this, () => this.deleteLater());
    if (isDestroyed || socket.state() === SocketState.UnconnectedState) this.deleteLater();
  }

  sendMessage(message: object): void {
    const text = texts.get(message) ?? JSON.stringify(message);
    texts.set(message, text);
    this.#socket.sendTextMessage(text);
    if (this.#socket.bytesToWrite() > HIGH_WATER) this.#holdBack();
  }

  protected override destroy(): void {
    this.#stopHolding();
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

  #holdBack(): void {
    if (this.#letGo !== undefined) return;
    this.#letGo = holdBack(this.#socket);
    this.#looksInVain = 0;
    this.#look = setInterval(() => this.#examine(), LOOK_INTERVAL);
  }

  #goOn(): void {
    this.#looksInVain = 0;
    if (this.#socket.bytesToWrite() <= HIGH_WATER) this.#stopHolding();
  }

  /**
   * The end of a connection is told behind what is still to be read, so it is not told now; but what
   * waits to be written is gone then. And for KeepAlive, it is our own affair that we do not read.
   */
  #examine(): void {
    this.#looksInVain++;
    const isGone = this.#socket.bytesToWrite() === 0 || this.#looksInVain === PATIENCE;
    if (isGone) this.#socket.abort();
  }

  #stopHolding(): void {
    clearInterval(this.#look);
    this.#letGo?.();
    this.#letGo = undefined;
  }
}
