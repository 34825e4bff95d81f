import type { AnyQObject } from '../core/any-qobject.ts';
import type { Signal } from '../core/signal.ts';
import { QUrl } from '../network/qurl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { Bytes } from '../websockets/bytes.ts';
import type { KeepAlive, KeepAliveOptions } from '../websockets/keep-alive.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { QWebSocketServerBase, SocketFilter } from '../websockets/qwebsocketserver-base.ts';
import { Element, type Init, type Writers } from './element.ts';
import { replaceKeeper, type KeeperParts } from './keeper.ts';
import { adopt, bytesOf, isSameList, Status, type WebSocketBase } from './websocket-base.ts';

/** The signals of a WebSocketServer and what they carry. */
export interface WebSocketServerSignals {
  acceptChanged: [accept: boolean];
  clientConnected: [webSocket: WebSocketBase];
  errorStringChanged: [errorString: string];
  hostChanged: [host: string];
  keepAliveChanged: [];
  listenChanged: [listen: boolean];
  nameChanged: [name: string];
  originCheckEnabledChanged: [originCheckEnabled: boolean];
  portChanged: [port: number];
  secureChanged: [secure: boolean];
  sslConfigurationChanged: [sslConfiguration: QSslConfiguration | null];
  supportedSubprotocolsChanged: [supportedProtocols: readonly string[]];
  urlChanged: [url: string];
}

/** The properties of a WebSocketServer that can be assigned. */
export interface WebSocketServerProperties {
  accept: boolean;
  host: string;
  keepAlive: KeepAliveOptions | null;
  listen: boolean;
  name: string;
  originCheckEnabled: boolean;
  port: number;
  secure: boolean;
  sslConfiguration: QSslConfiguration | null;
  supportedSubprotocols: readonly string[];
}

/** What a WebSocketServer is made from: values or bindings of its properties, and handlers. */
export type WebSocketServerInit = Init<
  WebSocketServerBase,
  WebSocketServerSignals,
  WebSocketServerProperties
>;

/** Whether a client is to get what is broadcast. */
export type ClientFilter = (webSocket: WebSocketBase) => boolean;

/** What a platform has to offer. */
export interface ServerParts extends KeeperParts {
  createServer(name: string, secure: boolean): QWebSocketServerBase;
  /** Makes a WebSocket that is not active. */
  createClient(): WebSocketBase;
}

/**
 * The part of the QML type WebSocketServer that is the same on every platform.
 *
 * Each door derives its own WebSocketServer from it, which only says which QWebSocketServer it
 * uses. What a handler throws is reported as an uncaught exception and leaves the server as it is.
 *
 * Other than in Qt it speaks wss as well: {@link secure} and {@link sslConfiguration}.
 *
 * When it is destroyed, the connections that it has accepted are cut.
 *
 * @see https://doc.qt.io/qt-6/qml-qtwebsockets-websocketserver.html
 */
export abstract class WebSocketServerBase extends Element<
  WebSocketServerSignals,
  WebSocketServerProperties
> {
  readonly #parts: ServerParts;
  readonly #clients = new WeakMap<QWebSocketBase, WebSocketBase>();
  #server: QWebSocketServerBase | undefined;
  #keeper: KeepAlive | undefined;
  #accept = true;
  #host = '127.0.0.1';
  #keepAlive: KeepAliveOptions | null = null;
  #listen = false;
  #name = '';
  #originCheckEnabled = true;
  #port = 0;
  #secure = false;
  #sslConfiguration: QSslConfiguration | null = null;
  #supportedSubprotocols: readonly string[] = Object.freeze([]);

  protected constructor(init: WebSocketServerInit, parent: AnyQObject | null, parts: ServerParts) {
    super(parent);
    this.#parts = parts;
    this.create(init);
  }

  /** Emitted when {@link accept} has changed. */
  get acceptChanged(): Signal<WebSocketServerSignals['acceptChanged']> {
    return this.signal('acceptChanged');
  }

  /**
   * Emitted when a client has connected.
   *
   * `webSocket` is Open and active, and a child of the server until its connection ends. Connect
   * its signals at once: it begins to deliver when the slots have run.
   */
  get clientConnected(): Signal<WebSocketServerSignals['clientConnected']> {
    return this.signal('clientConnected');
  }

  /** Emitted when something went wrong; {@link errorString} has the words. */
  get errorStringChanged(): Signal<WebSocketServerSignals['errorStringChanged']> {
    return this.signal('errorStringChanged');
  }

  /** Emitted when {@link host} has changed, also by listening. */
  get hostChanged(): Signal<WebSocketServerSignals['hostChanged']> {
    return this.signal('hostChanged');
  }

  /** Emitted when {@link keepAlive} has changed (not in Qt). */
  get keepAliveChanged(): Signal<WebSocketServerSignals['keepAliveChanged']> {
    return this.signal('keepAliveChanged');
  }

  /** Emitted when {@link listen} has changed, before it has an effect. */
  get listenChanged(): Signal<WebSocketServerSignals['listenChanged']> {
    return this.signal('listenChanged');
  }

  /** Emitted when {@link name} has changed, before it has an effect. */
  get nameChanged(): Signal<WebSocketServerSignals['nameChanged']> {
    return this.signal('nameChanged');
  }

  /** Emitted when {@link originCheckEnabled} has changed. */
  get originCheckEnabledChanged(): Signal<WebSocketServerSignals['originCheckEnabledChanged']> {
    return this.signal('originCheckEnabledChanged');
  }

  /** Emitted when {@link port} has changed, also by listening. */
  get portChanged(): Signal<WebSocketServerSignals['portChanged']> {
    return this.signal('portChanged');
  }

  /** Emitted when {@link secure} has changed, before it has an effect. */
  get secureChanged(): Signal<WebSocketServerSignals['secureChanged']> {
    return this.signal('secureChanged');
  }

  /** Emitted when {@link sslConfiguration} has changed. */
  get sslConfigurationChanged(): Signal<WebSocketServerSignals['sslConfigurationChanged']> {
    return this.signal('sslConfigurationChanged');
  }

  /** Emitted when {@link supportedSubprotocols} has changed. */
  get supportedSubprotocolsChanged(): Signal<
    WebSocketServerSignals['supportedSubprotocolsChanged']
  > {
    return this.signal('supportedSubprotocolsChanged');
  }

  /** Emitted when {@link url} has changed, after the change of what it consists of. */
  get urlChanged(): Signal<WebSocketServerSignals['urlChanged']> {
    return this.signal('urlChanged');
  }

  /**
   * Whether clients are let in; true by default. While it is false, they wait without an answer, at
   * most 128 of them.
   */
  get accept(): boolean {
    return this.read('acceptChanged', this.#accept);
  }

  set accept(accept: boolean) {
    this.assign('accept', accept);
  }

  /**
   * The numeric address to listen on, 127.0.0.1 by default; `localhost` stands for it.
   *
   * While the server listens, it is the address that it has got, and assigning another one goes on
   * to listen there. Open connections stay.
   */
  get host(): string {
    return this.read('hostChanged', this.#host);
  }

  set host(host: string) {
    this.assign('host', host);
  }

  /**
   * How often to ping the clients, and how long to wait for them; `null`, as by default, pings nobody
   * (not in Qt). `{}` does it with the defaults of a `KeepAlive`; all clients share its timer.
   *
   * A client that shows no sign of life is given up as a connection that is lost: its status becomes
   * Error, then Closed. Its `roundTripTime` tells how fast it answers.
   *
   * @throws RangeError for times that are no number of milliseconds above 0, when it is assigned;
   *   not in pages, which have no servers.
   */
  get keepAlive(): KeepAliveOptions | null {
    return this.read('keepAliveChanged', this.#keepAlive);
  }

  set keepAlive(keepAlive: KeepAliveOptions | null) {
    this.assign('keepAlive', keepAlive);
  }

  /**
   * Whether to listen for clients; false by default. It is a wish and stays true when that fails.
   * Open connections stay when it becomes false.
   */
  get listen(): boolean {
    return this.read('listenChanged', this.#listen);
  }

  set listen(listen: boolean) {
    this.assign('listen', listen);
  }

  /**
   * The name that is sent as `Server`; none when it is empty, as by default.
   *
   * Another one cuts all connections that the server has accepted, as in Qt.
   */
  get name(): string {
    return this.read('nameChanged', this.#name);
  }

  set name(name: string) {
    this.assign('name', name);
  }

  /**
   * Whether pages from other hosts are refused while the server listens on a loopback address; true
   * by default (not in Qt). Clients that are no browsers are not concerned.
   */
  get originCheckEnabled(): boolean {
    return this.read('originCheckEnabledChanged', this.#originCheckEnabled);
  }

  set originCheckEnabled(enabled: boolean) {
    this.assign('originCheckEnabled', enabled);
  }

  /**
   * The port to listen on, 0 to 65535; other values are ignored with a warning on the console. 0,
   * the default, lets the system choose.
   *
   * While the server listens, it is the port that it has got, and assigning another one goes on to
   * listen there. Open connections stay.
   */
  get port(): number {
    return this.read('portChanged', this.#port);
  }

  set port(port: number) {
    this.assign('port', port);
  }

  /**
   * Whether to speak TLS, with {@link sslConfiguration}; false by default (not in Qt).
   *
   * Another value cuts all connections that the server has accepted, as another {@link name} does.
   */
  get secure(): boolean {
    return this.read('secureChanged', this.#secure);
  }

  set secure(secure: boolean) {
    this.assign('secure', secure);
  }

  /**
   * What TLS goes by, at least a certificate and its key; null by default (not in Qt). What is
   * returned is a copy; assign it to have its changes taken.
   *
   * Later clients get the new one, and open connections stay. What OpenSSL refuses sets
   * {@link errorString}.
   */
  get sslConfiguration(): QSslConfiguration | null {
    return this.read('sslConfigurationChanged', this.#sslConfiguration?.clone() ?? null);
  }

  set sslConfiguration(configuration: QSslConfiguration | null) {
    this.assign('sslConfiguration', configuration);
  }

  /**
   * The subprotocols that the server supports; none by default. Assigning others has its effect
   * with the next client. The list itself cannot be changed.
   */
  get supportedSubprotocols(): readonly string[] {
    return this.read('supportedSubprotocolsChanged', this.#supportedSubprotocols);
  }

  set supportedSubprotocols(protocols: readonly string[]) {
    this.assign('supportedSubprotocols', protocols);
  }

  /**
   * The URL of {@link host} and {@link port} as text, whether the server listens or not: wss when
   * it is {@link secure}.
   */
  get url(): string {
    return this.read('urlChanged', this.#urlText());
  }

  /** What went wrong last, if anything. */
  get errorString(): string {
    const errorString = this.#server?.errorString() ?? 'QQmlWebSocketServer is not ready.';
    return this.read('errorStringChanged', errorString);
  }

  /**
   * Sends `message` as one text message to every client that is Open (not in Qt).
   *
   * @param filter says for each of them whether it is to get the message, before the first one gets
   *   it; if it throws, none does, and the exception is the caller's.
   * @returns to how many clients it was given.
   */
  broadcastTextMessage(message: string, filter?: ClientFilter): number {
    return this.#server?.broadcastTextMessage(message, this.#socketFilter(filter)) ?? 0;
  }

  /**
   * Sends `message` as one binary message, a text as its UTF-8 form; otherwise as
   * {@link broadcastTextMessage}.
   */
  broadcastBinaryMessage(message: Bytes | string, filter?: ClientFilter): number {
    return this.#server?.broadcastBinaryMessage(bytesOf(message), this.#socketFilter(filter)) ?? 0;
  }

  /** @internal */
  protected override get writers(): Writers<WebSocketServerBase, WebSocketServerProperties> {
    return WebSocketServerBase.#writers;
  }

  /** @internal */
  protected override componentComplete(): void {
    const before = this.#server;
    const server = this.#parts.createServer(this.#name, this.#secure);
    this.#server = server;
    before?.[Symbol.dispose]();
    this.#keeper?.add(server);
    server.setSupportedSubprotocols(this.#supportedSubprotocols);
    server.setOriginCheckEnabled(this.#originCheckEnabled);
    if (!this.#accept) server.pauseAccepting();
    server.newConnection.connect(this, () => this.#takeClient(server));
    server.serverError.connect(this, () => this.announce('errorStringChanged', this.errorString));
    if (this.#sslConfiguration !== null) server.setSslConfiguration(this.#sslConfiguration);
    this.#updateListening();
  }

  /** Cuts the connections that it has accepted. */
  protected override destroy(): void {
    super.destroy();
    this.#keeper?.[Symbol.dispose]();
    const server = this.#server;
    this.#server = undefined;
    server?.[Symbol.dispose]();
  }

  #setAccept(accept: boolean): void {
    if (this.#accept === accept) return;
    this.#accept = accept;
    this.announce('acceptChanged', accept);
    if (this.#accept) this.#server?.resumeAccepting();
    else this.#server?.pauseAccepting();
  }

  #setKeepAlive(keepAlive: KeepAliveOptions | null): void {
    if (this.#keepAlive === keepAlive) return;
    this.#keeper = replaceKeeper(this.#keeper, keepAlive, this.#parts, this.#server);
    this.#keepAlive = keepAlive;
    this.announce('keepAliveChanged');
  }

  #setListen(listen: boolean): void {
    if (this.#listen === listen) return;
    this.#listen = listen;
    this.announce('listenChanged', listen);
    this.#updateListening();
  }

  #setName(name: string): void {
    if (this.#name === name) return;
    this.#name = name;
    this.announce('nameChanged', name);
    if (this.isComplete) this.componentComplete();
  }

  #setOriginCheckEnabled(enabled: boolean): void {
    if (this.#originCheckEnabled === enabled) return;
    this.#originCheckEnabled = enabled;
    this.#server?.setOriginCheckEnabled(enabled);
    this.announce('originCheckEnabledChanged', enabled);
  }

  #setSecure(secure: boolean): void {
    if (this.#secure === secure) return;
    this.#secure = secure;
    this.announce('secureChanged', secure);
    this.announce('urlChanged', this.#urlText());
    if (this.isComplete) this.componentComplete();
  }

  #setSslConfiguration(configuration: QSslConfiguration | null): void {
    const before = this.#sslConfiguration;
    if (configuration === null ? before === null : before?.equals(configuration) === true) return;
    this.#sslConfiguration = configuration?.clone() ?? null;
    this.announce('sslConfigurationChanged', this.sslConfiguration);
    // Without one it is as it was at first, which takes a new server.
    if (this.#sslConfiguration !== null) this.#server?.setSslConfiguration(this.#sslConfiguration);
    else if (this.#secure && this.isComplete) this.componentComplete();
  }

  #setSupportedSubprotocols(protocols: readonly string[]): void {
    if (isSameList(this.#supportedSubprotocols, protocols)) return;
    this.#supportedSubprotocols = Object.freeze([...protocols]);
    this.#server?.setSupportedSubprotocols(protocols);
    this.announce('supportedSubprotocolsChanged', this.#supportedSubprotocols);
  }

  /** @returns whether it was another one. */
  #changeHost(host: string): boolean {
    if (this.#host === host) return false;
    this.#host = host;
    this.announce('hostChanged', host);
    this.announce('urlChanged', this.#urlText());
    return true;
  }

  /** @returns whether it was another one. */
  #changePort(port: number): boolean {
    if (this.#port === port) return false;
    this.#port = port;
    this.announce('portChanged', port);
    this.announce('urlChanged', this.#urlText());
    return true;
  }

  #updateListening(): void {
    const server = this.#server;
    if (server === undefined) return;
    if (server.isListening()) server.close();
    if (!this.#listen || !server.listen(this.#host, this.#port)) return;
    this.#changePort(server.serverPort());
    // A slot may have had it listen somewhere else, or not at all.
    if (server.isListening()) this.#changeHost(server.serverAddress().toString());
  }

  #urlText(): string {
    const url = new QUrl();
    url.setScheme(this.#secure ? 'wss' : 'ws');
    url.setHost(this.#host);
    url.setPort(this.#port);
    return url.toString();
  }

  #socketFilter(filter: ClientFilter | undefined): SocketFilter | undefined {
    if (filter === undefined) return undefined;
    return (socket) => filter(this.#clients.get(socket)!);
  }

  #takeClient(server: QWebSocketServerBase): void {
    const socket = server.nextPendingConnection();
    if (socket === null) return;
    const client = this.#parts.createClient();
    adopt(client, socket, () => this.#keeper);
    this.#clients.set(socket, client);
    client.setParent(this);
    client.statusChanged.connect((status) => {
      // A server that runs for long must not keep all the clients it has ever had. Those that it
      // takes with it stay its own.
      const isOurs = client.parent() === this && this.#server !== undefined;
      if (status === Status.Closed && isOurs) client.setParent(null);
    });
    this.announce('clientConnected', client);
  }

  static readonly #writers: Writers<WebSocketServerBase, WebSocketServerProperties> = {
    accept(value) {
      this.#setAccept(value);
    },
    host(value) {
      if (this.#changeHost(value)) this.#updateListening();
    },
    keepAlive(value) {
      this.#setKeepAlive(value);
    },
    listen(value) {
      this.#setListen(value);
    },
    name(value) {
      this.#setName(value);
    },
    originCheckEnabled(value) {
      this.#setOriginCheckEnabled(value);
    },
    port(value) {
      if (!Number.isInteger(value) || value < 0 || value > 65535) {
        console.warn(`The port ${value} is invalid. It must be in the range 0-65535.`);
        return;
      }
      if (this.#changePort(value)) this.#updateListening();
    },
    secure(value) {
      this.#setSecure(value);
    },
    sslConfiguration(value) {
      this.#setSslConfiguration(value);
    },
    supportedSubprotocols(value) {
      this.#setSupportedSubprotocols(value);
    },
  };
}
