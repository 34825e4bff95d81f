import type { AnyQObject } from '../core/any-qobject.ts';
import type { Signal } from '../core/signal.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import { QUrl } from '../network/qurl.ts';
import type { Bytes } from '../websockets/bytes.ts';
import type { KeepAlive, KeepAliveOptions } from '../websockets/keep-alive.ts';
import { isServerSide, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../websockets/qwebsockethandshakeoptions.ts';
import {
  toReconnectSettings,
  type Destination,
  type ReconnectOptions,
} from '../websockets/reconnect-options.ts';
import type { ReconnectorBase } from '../websockets/reconnector-base.ts';
import { Element, type Init, type Writers } from './element.ts';
import { replaceKeeper, type KeeperParts } from './keeper.ts';

/** Where a WebSocket is on its way, as WebSocket.Status in QML. @enum */
export const Status = {
  /** The connection is being opened. */
  Connecting: 0,
  /** Messages can be sent and received. */
  Open: 1,
  /** The closing handshake is under way. */
  Closing: 2,
  /** There is no connection. */
  Closed: 3,
  /** Something went wrong: see `errorString`. */
  Error: 4,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

/** The signals of a WebSocket and what they carry. */
export interface WebSocketSignals {
  activeChanged: [isActive: boolean];
  binaryMessageReceived: [message: ArrayBuffer];
  errorStringChanged: [errorString: string];
  gaveUp: [reason: string];
  keepAliveChanged: [];
  negotiatedSubprotocolChanged: [];
  reconnectChanged: [];
  reconnected: [];
  reconnecting: [attempt: number, delay: number];
  requestedSubprotocolsChanged: [];
  roundTripTimeChanged: [];
  statusChanged: [status: Status];
  textMessageReceived: [message: string];
  urlChanged: [];
}

/** The properties of a WebSocket that can be assigned. */
export interface WebSocketProperties {
  active: boolean;
  keepAlive: KeepAliveOptions | null;
  reconnect: ReconnectOptions | null;
  requestedSubprotocols: readonly string[];
  url: string | URL | QUrl;
}

/** What a WebSocket is made from: values or bindings of its properties, and handlers. */
export type WebSocketInit = Init<WebSocketBase, WebSocketSignals, WebSocketProperties>;

/**
 * Makes a new WebSocket the element for a connection that a server has accepted and that `keeper`
 * keeps alive; a friend of the class, for the server.
 */
export let adopt: (
  element: WebSocketBase,
  socket: QWebSocketBase,
  keeper: () => KeepAlive | undefined,
) => void;

/** What a WebSocket is made of on one platform. */
export interface WebSocketParts extends KeeperParts {
  createSocket(): QWebSocketBase;
  createReconnector(socket: QWebSocketBase, options: ReconnectOptions): ReconnectorBase;
}

/** What QML makes of the states of a QWebSocket. */
const STATUS_OF: Readonly<Record<SocketState, Status>> = {
  [SocketState.UnconnectedState]: Status.Closed,
  [SocketState.HostLookupState]: Status.Connecting,
  [SocketState.ConnectingState]: Status.Connecting,
  [SocketState.ConnectedState]: Status.Open,
  [SocketState.BoundState]: Status.Connecting,
  [SocketState.ListeningState]: Status.Connecting,
  [SocketState.ClosingState]: Status.Closing,
};

const NOT_OPEN = 'Messages can only be sent when the socket is open.';

/**
 * The part of the QML type WebSocket that is the same on every platform.
 *
 * Each door derives its own WebSocket from it, which only says which QWebSocket it uses. What a
 * handler throws is reported as an uncaught exception and leaves the WebSocket as it is.
 *
 * When it is destroyed, an open connection is closed with 1001, without further signals.
 *
 * @see https://doc.qt.io/qt-6/qml-qtwebsockets-websocket.html
 */
export abstract class WebSocketBase extends Element<WebSocketSignals, WebSocketProperties> {
  static readonly Status: typeof Status = Status;
  static readonly Connecting: 0 = Status.Connecting;
  static readonly Open: 1 = Status.Open;
  static readonly Closing: 2 = Status.Closing;
  static readonly Closed: 3 = Status.Closed;
  static readonly Error: 4 = Status.Error;

  readonly #parts: WebSocketParts;
  #socket: QWebSocketBase | undefined;
  #reconnector: ReconnectorBase | undefined;
  #keeper: KeepAlive | undefined;
  // Of the server that has accepted the connection.
  #serverKeeper: (() => KeepAlive | undefined) | undefined;
  #active = false;
  #keepAlive: KeepAliveOptions | null = null;
  #reconnect: ReconnectOptions | null = null;
  #requestedSubprotocols: readonly string[] = Object.freeze([]);
  #roundTripTime = -1;
  #url = new QUrl();
  #status: Status = Status.Closed;
  #announcedStatus: Status = Status.Closed;
  #errorString = 'QQmlWebSocket is not ready.';
  #negotiatedSubprotocol = '';

  protected constructor(init: WebSocketInit, parent: AnyQObject | null, parts: WebSocketParts) {
    super(parent);
    this.#parts = parts;
    this.create(init);
  }

  /** Emitted when {@link active} has changed, before it has an effect. */
  get activeChanged(): Signal<WebSocketSignals['activeChanged']> {
    return this.signal('activeChanged');
  }

  /** Emitted for each complete binary message; as in QML, with an ArrayBuffer. */
  get binaryMessageReceived(): Signal<WebSocketSignals['binaryMessageReceived']> {
    return this.signal('binaryMessageReceived');
  }

  /** Emitted when {@link errorString} has changed; before {@link statusChanged} where both do. */
  get errorStringChanged(): Signal<WebSocketSignals['errorStringChanged']> {
    return this.signal('errorStringChanged');
  }

  /**
   * Emitted when there will be no further attempt to {@link reconnect}, with the reason (not in Qt).
   * {@link active} stays true.
   */
  get gaveUp(): Signal<WebSocketSignals['gaveUp']> {
    return this.signal('gaveUp');
  }

  /** Emitted when {@link keepAlive} has changed (not in Qt). */
  get keepAliveChanged(): Signal<WebSocketSignals['keepAliveChanged']> {
    return this.signal('keepAliveChanged');
  }

  /** Emitted when {@link negotiatedSubprotocol} has changed, before {@link statusChanged}. */
  get negotiatedSubprotocolChanged(): Signal<WebSocketSignals['negotiatedSubprotocolChanged']> {
    return this.signal('negotiatedSubprotocolChanged');
  }

  /** Emitted when {@link reconnect} has changed (not in Qt). */
  get reconnectChanged(): Signal<WebSocketSignals['reconnectChanged']> {
    return this.signal('reconnectChanged');
  }

  /** Emitted when there is a connection again, and what has waited for it was sent (not in Qt). */
  get reconnected(): Signal<WebSocketSignals['reconnected']> {
    return this.signal('reconnected');
  }

  /**
   * Emitted when it has begun to wait, for `delay` milliseconds, before it connects again (not in Qt).
   * `attempt` counts from 1 since the last connection that has lasted.
   */
  get reconnecting(): Signal<WebSocketSignals['reconnecting']> {
    return this.signal('reconnecting');
  }

  /** Emitted when {@link requestedSubprotocols} has changed. */
  get requestedSubprotocolsChanged(): Signal<WebSocketSignals['requestedSubprotocolsChanged']> {
    return this.signal('requestedSubprotocolsChanged');
  }

  /** Emitted when {@link roundTripTime} has changed (not in Qt). */
  get roundTripTimeChanged(): Signal<WebSocketSignals['roundTripTimeChanged']> {
    return this.signal('roundTripTimeChanged');
  }

  /** Emitted when {@link status} has changed. */
  get statusChanged(): Signal<WebSocketSignals['statusChanged']> {
    return this.signal('statusChanged');
  }

  /** Emitted for each complete text message. */
  get textMessageReceived(): Signal<WebSocketSignals['textMessageReceived']> {
    return this.signal('textMessageReceived');
  }

  /** Emitted when {@link url} has changed, before it is opened. */
  get urlChanged(): Signal<WebSocketSignals['urlChanged']> {
    return this.signal('urlChanged');
  }

  /**
   * Whether there should be a connection; false by default.
   *
   * True opens {@link url} as soon as it is valid; false closes the connection with 1000 or gives
   * the attempt up. It is a wish and stays true when the connection fails or the peer closes it: to
   * connect again, set {@link reconnect}, or assign false and then true. A connection that is still closing then goes on to
   * close by itself.
   */
  get active(): boolean {
    return this.read('activeChanged', this.#active);
  }

  set active(active: boolean) {
    this.assign('active', active);
  }

  /**
   * How often to ping the peer, and how long to wait for it; `null`, as by default, pings nobody (not
   * in Qt). `{}` does it with the defaults of a `KeepAlive`.
   *
   * A peer that shows no sign of life is given up as a connection that is lost: the status becomes
   * Error, and {@link errorString} says why. With {@link reconnect} the next attempt follows.
   *
   * Has no effect in pages: browsers answer pings and send none.
   *
   * @throws RangeError for times that are no number of milliseconds above 0, when it is assigned;
   *   not in pages.
   */
  get keepAlive(): KeepAliveOptions | null {
    return this.read('keepAliveChanged', this.#keepAlive);
  }

  set keepAlive(keepAlive: KeepAliveOptions | null) {
    this.assign('keepAlive', keepAlive);
  }

  /**
   * How to connect again when the connection is lost or cannot be made; `null`, as by default, does
   * not (not in Qt). `{}` does it with the defaults of a `Reconnector`.
   *
   * While it waits, the status is Closed, as it is without. Each attempt goes to the {@link url} and asks
   * for the {@link requestedSubprotocols} of that moment, unless the hook `destination` says something
   * else, which then is asked for the first one as well. Messages that are sent meanwhile wait for the
   * connection; sending returns 0 when they have no room, and the status stays.
   *
   * Has no effect for a connection that a server has accepted.
   *
   * @throws RangeError for numbers out of their ranges, when it is assigned.
   */
  get reconnect(): ReconnectOptions | null {
    return this.read('reconnectChanged', this.#reconnect);
  }

  set reconnect(reconnect: ReconnectOptions | null) {
    this.assign('reconnect', reconnect);
  }

  /**
   * The subprotocols to ask for, the best first; none by default.
   *
   * Assigning others has its effect with the next connection. The list itself cannot be changed.
   */
  get requestedSubprotocols(): readonly string[] {
    return this.read('requestedSubprotocolsChanged', this.#requestedSubprotocols);
  }

  set requestedSubprotocols(protocols: readonly string[]) {
    this.assign('requestedSubprotocols', protocols);
  }

  /**
   * How long the peer took for its last answer to a ping, in milliseconds; −1 before the first one,
   * and unless Open and kept alive: by {@link keepAlive}, or by that of the server (not in Qt).
   */
  get roundTripTime(): number {
    return this.read('roundTripTimeChanged', this.#roundTripTime);
  }

  /**
   * The URL of the server as text, which must begin with `ws://` or `wss://`; '' while there is
   * none, and when what was assigned is no valid URL.
   *
   * Another one closes an open connection with 1000, which goes on to close by itself, and is
   * opened when the WebSocket is {@link active}.
   */
  get url(): string {
    return this.read('urlChanged', this.#url.toString());
  }

  set url(url: string | URL | QUrl) {
    this.assign('url', url);
  }

  /** Where the WebSocket is on its way; Closed at first. */
  get status(): Status {
    return this.read('statusChanged', this.#status);
  }

  /**
   * What went wrong, while {@link status} is Error; otherwise empty, apart from "QQmlWebSocket is
   * not ready." before the first connection.
   */
  get errorString(): string {
    return this.read('errorStringChanged', this.#errorString);
  }

  /** The subprotocol that both sides have agreed on; empty for none, and unless Open. */
  get negotiatedSubprotocol(): string {
    return this.read('negotiatedSubprotocolChanged', this.#negotiatedSubprotocol);
  }

  /**
   * Sends `message` as one text message.
   *
   * @returns the number of bytes of its UTF-8 form. Unless the WebSocket is Open, 0: its status is
   * then Error, and a connection under way is not affected.
   */
  sendTextMessage(message: string): number {
    return this.#sender()?.sendTextMessage(message) ?? 0;
  }

  /**
   * Sends `message` as one binary message; as in QML, a text as its UTF-8 form.
   *
   * @returns the number of bytes. Unless the WebSocket is Open, 0: its status is then Error, and a
   * connection under way is not affected.
   */
  sendBinaryMessage(message: Bytes | string): number {
    return this.#sender()?.sendBinaryMessage(bytesOf(message)) ?? 0;
  }

  /** @internal */
  protected override get writers(): Writers<WebSocketBase, WebSocketProperties> {
    return WebSocketBase.#writers;
  }

  /** @internal */
  protected override componentComplete(): void {
    this.#open();
  }

  /** Closes an open connection with 1001, without further signals. */
  protected override destroy(): void {
    super.destroy();
    this.#stopReconnecting();
    this.#keeper?.[Symbol.dispose]();
    const socket = this.#socket;
    socket?.disconnect(this);
    this.#socket = undefined;
    this.#status = Status.Closed;
    socket?.[Symbol.dispose]();
  }

  #setActive(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    this.announce('activeChanged', active);
    if (this.#active) this.#open();
    else this.#socket?.close();
  }

  #setKeepAlive(keepAlive: KeepAliveOptions | null): void {
    if (this.#keepAlive === keepAlive) return;
    this.#keeper = replaceKeeper(this.#keeper, keepAlive, this.#parts, this.#socket);
    this.#keepAlive = keepAlive;
    this.announce('keepAliveChanged');
    this.#updateRoundTripTime();
  }

  #setReconnect(reconnect: ReconnectOptions | null): void {
    if (this.#reconnect === reconnect) return;
    if (reconnect !== null) toReconnectSettings(reconnect);
    this.#reconnect = reconnect;
    this.announce('reconnectChanged');
    // A slot may have assigned another one.
    if (this.#reconnect !== reconnect) return;
    this.#stopReconnecting();
    if (reconnect === null || !this.#isWanted()) return;
    if (this.#socket === undefined) this.#open();
    else this.#reconnectorOf(this.#socket)?.start();
  }

  #setRequestedSubprotocols(protocols: readonly string[]): void {
    if (isSameList(this.#requestedSubprotocols, protocols)) return;
    this.#requestedSubprotocols = Object.freeze([...protocols]);
    this.announce('requestedSubprotocolsChanged');
  }

  #setUrl(url: QUrl): void {
    if (this.#url.equals(url)) return;
    if (this.#status === Status.Open) {
      const socket = this.#socket;
      socket?.close();
      if (this.#socket === socket) this.#release();
    }
    this.#url = url;
    this.announce('urlChanged');
    this.#open();
  }

  #open(): void {
    if (!this.#isWanted()) return;
    if (this.#socket?.state() === SocketState.ClosingState) {
      this.#release();
      // A slot may have made up its mind, or opened already.
      if (!this.#isWanted() || this.#socket !== undefined) return;
    }
    const socket = (this.#socket ??= this.#listenTo(this.#parts.createSocket()));
    const reconnector = this.#reconnectorOf(socket);
    if (reconnector !== undefined && socket.state() !== SocketState.ConnectingState) {
      reconnector.start();
      return;
    }
    const { target, handshakeOptions } = this.#destination();
    socket.open(target, handshakeOptions);
    if (socket !== this.#socket) return;
    // One that a server has accepted is a client from now on.
    this.#reconnectorOf(socket);
    this.#keeper?.add(socket);
  }

  #destination(): Destination {
    const handshakeOptions = new QWebSocketHandshakeOptions();
    handshakeOptions.setSubprotocols([...this.#requestedSubprotocols]);
    return { target: this.#url, handshakeOptions };
  }

  #isWanted(): boolean {
    const isKnown = this.#url.isValid() || this.#reconnect?.destination !== undefined;
    return this.isComplete && this.#active && isKnown;
  }

  #reconnectorOf(socket: QWebSocketBase): ReconnectorBase | undefined {
    const options = this.#reconnect;
    if (this.#reconnector !== undefined || options === null || isServerSide(socket)) {
      return this.#reconnector;
    }
    const destination = options.destination ?? ((): Destination => this.#destination());
    const reconnector = this.#parts.createReconnector(socket, { ...options, destination });
    reconnector.reconnecting.connect(this.reconnecting);
    reconnector.reconnected.connect(this.reconnected);
    reconnector.gaveUp.connect(this.gaveUp);
    this.#reconnector = reconnector;
    return reconnector;
  }

  #stopReconnecting(): void {
    this.#reconnector?.[Symbol.dispose]();
    this.#reconnector = undefined;
  }

  #adopt(socket: QWebSocketBase, keeper: () => KeepAlive | undefined): void {
    this.#serverKeeper = keeper;
    this.#active = true;
    this.#url = socket.requestUrl();
    this.#status = Status.Open;
    this.#announcedStatus = Status.Open;
    this.#errorString = '';
    this.#negotiatedSubprotocol = socket.subprotocol();
    this.#socket = this.#listenTo(socket);
  }

  #listenTo(socket: QWebSocketBase): QWebSocketBase {
    this.#keeper?.add(socket);
    socket.pong.connect(this, () => this.#updateRoundTripTime());
    socket.stateChanged.connect(this, (state) => this.#setStatus(STATUS_OF[state]));
    socket.errorOccurred.connect(this, () => this.#fail(socket.errorString()));
    socket.textMessageReceived.connect(this, (message) =>
      this.announce('textMessageReceived', message),
    );
    socket.binaryMessageReceived.connect(this, (message) =>
      this.announce('binaryMessageReceived', toArrayBuffer(message)),
    );
    return socket;
  }

  /** Leaves the socket to itself, which may have its closing handshake before it. */
  #release(): void {
    this.#stopReconnecting();
    if (this.#socket !== undefined) this.#keeper?.remove(this.#socket);
    this.#socket?.disconnect(this);
    this.#socket = undefined;
    this.#setStatus(Status.Closed);
  }

  #sender(): QWebSocketBase | ReconnectorBase | undefined {
    return this.#reconnector?.isActive() === true ? this.#reconnector : this.#canSend();
  }

  #canSend(): QWebSocketBase | undefined {
    if (this.#status === Status.Open) return this.#socket;
    this.#fail(NOT_OPEN);
    return undefined;
  }

  #fail(description: string): void {
    this.#setErrorString(description);
    this.#setStatus(Status.Error);
  }

  #setErrorString(errorString: string): void {
    if (this.#errorString === errorString) return;
    this.#errorString = errorString;
    this.announce('errorStringChanged', errorString);
  }

  #setStatus(status: Status): void {
    if (this.#status === status) return;
    this.#status = status;
    if (status !== Status.Error) this.#setErrorString('');
    this.#updateSubprotocol();
    if (status !== Status.Open) this.#updateRoundTripTime();
    // A slot may have gone on to the next status, even back to this one, and said so.
    if (this.#status !== status || this.#announcedStatus === status) return;
    this.#announcedStatus = status;
    this.announce('statusChanged', status);
  }

  #updateSubprotocol(): void {
    const protocol = this.#status === Status.Open ? (this.#socket?.subprotocol() ?? '') : '';
    if (this.#negotiatedSubprotocol === protocol) return;
    this.#negotiatedSubprotocol = protocol;
    this.announce('negotiatedSubprotocolChanged');
  }

  #updateRoundTripTime(): void {
    const socket = this.#status === Status.Open ? this.#socket : undefined;
    const keeper = this.#keeper ?? this.#serverKeeper?.();
    const time = (socket && keeper?.roundTripTime(socket)) ?? -1;
    if (this.#roundTripTime === time) return;
    this.#roundTripTime = time;
    this.announce('roundTripTimeChanged');
  }

  static readonly #writers: Writers<WebSocketBase, WebSocketProperties> = {
    active(value) {
      this.#setActive(value);
    },
    keepAlive(value) {
      this.#setKeepAlive(value);
    },
    reconnect(value) {
      this.#setReconnect(value);
    },
    requestedSubprotocols(value) {
      this.#setRequestedSubprotocols(value);
    },
    url(value) {
      this.#setUrl(QUrl.from(value));
    },
  };

  static {
    adopt = (
      element: WebSocketBase,
      socket: QWebSocketBase,
      keeper: () => KeepAlive | undefined,
    ): void => element.#adopt(socket, keeper);
  }
}

/** The bytes of a message that may be given as text. */
export function bytesOf(message: Bytes | string): Bytes {
  return typeof message === 'string' ? new TextEncoder().encode(message) : message;
}

/** Whether two lists hold the same texts in the same order. */
export function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

/** The bytes of a message, whose memory may be shared with other messages. */
function toArrayBuffer(message: Uint8Array): ArrayBuffer {
  const { buffer, byteLength } = message;
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return isWhole ? buffer : new Uint8Array(message).buffer;
}
