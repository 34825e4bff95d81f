import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import { onLaterTurn } from '../core/later-turn.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { BacklogPolicy } from '../network/backlog-policy.ts';
import { explained, printable } from '../network/failure-text.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import { QHostAddress, SpecialAddress } from '../network/qhostaddress.ts';
import { ForwardedHeader } from '../network/forwarded-header.ts';
import { ProxyType, QNetworkProxy } from '../network/qnetworkproxy.ts';
import { localUrlOf } from '../network/local-url.ts';
import { QUrl } from '../network/qurl.ts';
import { TrustedProxies } from '../network/trusted-proxies.ts';
import type { AlertLevel, AlertType } from '../ssl/qssl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import type { Bytes } from './bytes.ts';
import {
  DEFAULT_COMPRESSION,
  toCompressionSettings,
  type CompressionOptions,
  type CompressionSettings,
  type SendOptions,
} from './compression-options.ts';
import type { BackPressure } from './back-pressure.ts';
import { isFromLocalPage } from './local-page.ts';
import type { OutgoingMessage } from './outgoing-message.ts';
import {
  begin,
  checkBacklogLimit,
  hand,
  isAccepted,
  type QWebSocketBase,
} from './qwebsocket-base.ts';
import { QWebSocketCorsAuthenticator } from './qwebsocketcorsauthenticator.ts';
import { contentOf, QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import { CloseCode, Version } from './qwebsocketprotocol.ts';
import type {
  ByteStream,
  ServerBackend,
  ServerBackendEvents,
  ServerBackendFactory,
  ServerSettings,
  UnverifiedClient,
  UpgradeRequest,
  UpgradeSource,
} from './server-backend.ts';
import type { ServerStatistics } from './server-statistics.ts';
import type { Alert } from './socket-backend.ts';
import type { TopicBroker } from './topic-broker.ts';
import { LONGEST_TOPIC, Topics, type PublishOptions } from './topics.ts';
import { UpgradeVerifiers, type UpgradeVerifier } from './upgrade-verifiers.ts';

/** Whether a server speaks TLS, as QWebSocketServer::SslMode. @enum */
export const SslMode = {
  /** wss: over TLS. */
  SecureMode: 0,
  /** ws: over TCP. */
  NonSecureMode: 1,
} as const;
export type SslMode = (typeof SslMode)[keyof typeof SslMode];

/**
 * The signals of a QWebSocketServer and what they carry.
 *
 * Those of TLS come before there is a QWebSocket. Other than in Qt they tell whom they are about:
 * the last argument is the client's address, which is null for a stream that has none.
 */
export interface QWebSocketServerSignals {
  acceptError: [socketError: SocketError];
  alertReceived: [
    level: AlertLevel,
    type: AlertType,
    description: string,
    peerAddress: QHostAddress,
  ];
  alertSent: [level: AlertLevel, type: AlertType, description: string, peerAddress: QHostAddress];
  closed: [];
  handshakeInterruptedOnError: [error: QSslError, peerAddress: QHostAddress];
  newConnection: [];
  originAuthenticationRequired: [authenticator: QWebSocketCorsAuthenticator];
  peerVerifyError: [error: QSslError, peerAddress: QHostAddress];
  preSharedKeyAuthenticationRequired: [
    authenticator: QSslPreSharedKeyAuthenticator,
    peerAddress: QHostAddress,
  ];
  serverError: [closeCode: CloseCode];
  sslErrors: [errors: readonly QSslError[], peerAddress: QHostAddress];
  sslErrorsOccurred: [client: UnverifiedClient, errors: readonly QSslError[]];
}

/** Whether a socket is to get what is broadcast. */
export type SocketFilter = (socket: QWebSocketBase) => boolean;

/** Learns of a socket that {@link QWebSocketServerBase.nextPendingConnection} returns. */
export type SocketWatcher = (socket: QWebSocketBase) => void;

/**
 * Shows `watcher` the sockets of a server that have been fetched, and each one that will be.
 *
 * A friend of the class, as C++ calls it, and not for applications.
 */
export let attend: (server: QWebSocketServerBase, watcher: SocketWatcher) => void;

/** Ends what {@link attend} began; returns the sockets that have been fetched. A friend as well. */
export let unattend: (server: QWebSocketServerBase, watcher: SocketWatcher) => QWebSocketBase[];

/** The sockets of a server that have been fetched and are connected. A friend as well. */
export let receiversOf: (server: QWebSocketServerBase) => QWebSocketBase[];

/** How a QWebSocketServer shares another server. */
export interface AttachOptions {
  /**
   * The path to take requests for, such as `/chat` or `/rooms/<room>`; without it, all paths that no
   * other server takes.
   */
  readonly path?: string;
}

const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_PENDING_CONNECTIONS = 30;
const DEFAULT_MAX_PENDING_HANDSHAKES = 2048;

const MIN_INT = -(2 ** 31);
const MAX_INT = 2 ** 31 - 1;

/**
 * The part of QWebSocketServer that is the same on every platform.
 *
 * Each door derives its own QWebSocketServer from it, which only says what backs it. What a slot
 * throws is reported as an uncaught exception and leaves the server as it is.
 *
 * @see https://doc.qt.io/qt-6/qwebsocketserver.html
 */
export abstract class QWebSocketServerBase extends QObject<QWebSocketServerSignals> {
  static readonly SslMode: typeof SslMode = SslMode;
  static readonly SecureMode: 0 = SslMode.SecureMode;
  static readonly NonSecureMode: 1 = SslMode.NonSecureMode;

  readonly #backend: ServerBackend;
  readonly #settings: ServerSettings;
  #maxPendingConnections = DEFAULT_MAX_PENDING_CONNECTIONS;
  #backlogLimit = -1;
  #backlogPolicy: BacklogPolicy = BacklogPolicy.RefuseMessages;
  #isOriginCheckEnabled = true;
  #compression: CompressionSettings = DEFAULT_COMPRESSION;
  #proxy: QNetworkProxy | undefined;
  #pending: QWebSocketBase[] = [];
  #watchers: Set<SocketWatcher> | undefined;
  readonly #topics = new Topics();
  #error: CloseCode = CloseCode.CloseCodeNormal;
  #errorString = '';

  protected constructor(
    serverName: string,
    secureMode: SslMode,
    parent: AnyQObject | null,
    createBackend: ServerBackendFactory,
  ) {
    super(parent);
    this.#settings = {
      serverName,
      supportedSubprotocols: [],
      handshakeTimeout: DEFAULT_HANDSHAKE_TIMEOUT_MS,
      maxPendingHandshakes: DEFAULT_MAX_PENDING_HANDSHAKES,
      maxConnections: -1,
      maxConnectionsPerAddress: -1,
      trustedProxies: undefined,
      forwardedHeader: ForwardedHeader.XForwardedFor,
      isProxyProtocolEnabled: false,
      compression: undefined,
      isSecure: secureMode === SslMode.SecureMode,
    };
    this.#backend = createBackend(new QWebSocketServerBase.#Events(this), this.#settings);
  }

  /** Emitted when the system fails to accept a connection. The server goes on listening. */
  get acceptError(): Signal<QWebSocketServerSignals['acceptError']> {
    return this.signal('acceptError');
  }

  /**
   * Emitted when a client has given TLS up with an alert (RFC 8446 §6), such as one that does not
   * trust the server's certificate.
   *
   * Node tells of fatal alerts. One that comes later ends the QWebSocket with an error.
   */
  get alertReceived(): Signal<QWebSocketServerSignals['alertReceived']> {
    return this.signal('alertReceived');
  }

  /**
   * Emitted when a client is refused after TLS was up, and told so with an alert "close notify".
   *
   * Of the alerts with which OpenSSL itself gives up Node does not tell. Those that come later are
   * told by the QWebSocket.
   */
  get alertSent(): Signal<QWebSocketServerSignals['alertSent']> {
    return this.signal('alertSent');
  }

  /** Emitted after {@link close}, once per call and on a later turn of the event loop. */
  get closed(): Signal<QWebSocketServerSignals['closed']> {
    return this.signal('closed');
  }

  /**
   * Emitted when a client could not be verified and the configuration asks to interrupt the
   * handshake: the client is refused, whatever the verify mode. As in Qt, nobody can go on with it.
   */
  get handshakeInterruptedOnError(): Signal<
    QWebSocketServerSignals['handshakeInterruptedOnError']
  > {
    return this.signal('handshakeInterruptedOnError');
  }

  /** Emitted when a connection is open; {@link nextPendingConnection} returns it. */
  get newConnection(): Signal<QWebSocketServerSignals['newConnection']> {
    return this.signal('newConnection');
  }

  /**
   * Emitted for every valid request, also for one without an origin: decide with
   * `authenticator.setAllowed()` before the slot returns.
   *
   * An origin is allowed until a slot denies it; a slot that throws denies it as well. A denied
   * client is answered with 403, and `serverError(CloseCodePolicyViolated)` is emitted. With no slot
   * connected, {@link setOriginCheckEnabled} tells what happens.
   */
  get originAuthenticationRequired(): Signal<
    QWebSocketServerSignals['originAuthenticationRequired']
  > {
    return this.signal('originAuthenticationRequired');
  }

  /** Emitted for each thing that is wrong with a client's certificate, before {@link sslErrors}. */
  get peerVerifyError(): Signal<QWebSocketServerSignals['peerVerifyError']> {
    return this.signal('peerVerifyError');
  }

  /**
   * Emitted when a client says who it is and wants to prove it by a key that both sides know: set
   * the key of `authenticator` before the slot returns, or the client is refused.
   *
   * That needs a cipher of RFC 4279, such as PSK-AES256-CBC-SHA, named in the configuration, and
   * TLS 1.2. No certificates are exchanged then, so the verify mode has to be VerifyNone.
   */
  get preSharedKeyAuthenticationRequired(): Signal<
    QWebSocketServerSignals['preSharedKeyAuthenticationRequired']
  > {
    return this.signal('preSharedKeyAuthenticationRequired');
  }

  /**
   * Emitted when {@link listen} or {@link setSslConfiguration} fails, and when a client is refused
   * because its origin, its version or the length of its request does not suit or there are too
   * many connections.
   *
   * {@link error} and {@link errorString} have been set. Other malformed requests are answered with
   * a status of HTTP, and nothing is emitted; nor is it when TLS fails, as in Qt.
   */
  get serverError(): Signal<QWebSocketServerSignals['serverError']> {
    return this.signal('serverError');
  }

  /**
   * Emitted when a client that was asked for a certificate could not be verified.
   *
   * With VerifyPeer it is refused, also for showing none, unless {@link sslErrorsOccurred} lets it
   * in. With QueryPeer and AutoVerifyPeer, which are the same on a server, it is let in: its
   * certificate is in `sslConfiguration()` of its QWebSocket.
   */
  get sslErrors(): Signal<QWebSocketServerSignals['sslErrors']> {
    return this.signal('sslErrors');
  }

  /**
   * Emitted after {@link sslErrors}; a slot may let the client in with `client.ignoreSslErrors()`.
   *
   * As in Qt 6.11, where `client` is a QSslSocket.
   */
  get sslErrorsOccurred(): Signal<QWebSocketServerSignals['sslErrorsOccurred']> {
    return this.signal('sslErrorsOccurred');
  }

  /**
   * Listens for connections on `address` and `port`, at once: {@link serverPort} is valid when it
   * returns.
   *
   * Text is taken as a numeric address; `localhost` stands for 127.0.0.1, other names are not
   * looked up. A null address listens on all IPv4 interfaces, as in Qt.
   *
   * In a worker of node:cluster the listening socket belongs to that worker alone; share a port by
   * {@link attach}.
   *
   * In SecureMode without a certificate it listens all the same, and no client gets through.
   *
   * @param port 0 lets the system choose.
   * @returns false when it listens already, the system refuses, or OpenSSL refuses the
   * {@link setSslConfiguration | configuration}; `serverError` has been emitted with
   * {@link CloseCode.CloseCodeAbnormalDisconnection}.
   * @throws RangeError when `port` is no whole number from 0 to 65535.
   */
  listen(address: QHostAddress | SpecialAddress | string = QHostAddress.Any, port = 0): boolean {
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      throw new RangeError(`There is no port ${port}.`);
    }
    if (this.isDestroyed) return false;
    if (this.isListening()) return this.#refuseAgain();
    const numeric = address === 'localhost' ? QHostAddress.LocalHost : new QHostAddress(address);
    if (typeof address === 'string' && numeric.isNull()) {
      const detail = 'names are not looked up';
      return this.#refuse(
        explained(`"${printable(address)}" is not a numeric address.`, {
          layer: 'request',
          detail,
        }),
      );
    }
    const type = this.proxy().type();
    if (type !== ProxyType.DefaultProxy && type !== ProxyType.NoProxy) {
      const detail = 'setProxy() has asked for one';
      return this.#refuse(
        explained('Listening through a proxy is not available yet.', { layer: 'proxy', detail }),
      );
    }
    const failure = this.#backend.listen(numeric, port);
    return failure === '' || this.#refuse(failure);
  }

  /**
   * Listens on a Unix-domain socket, at once: an addition for programs of one machine, such as a
   * reverse proxy in front. Clients come by {@link serverUrl}, which is `ws+unix:`; in SecureMode it
   * is `wss+unix:`, which a QWebSocket does not open.
   *
   * @param path must not exist yet: remove what a process that crashed has left. Closing the server
   * removes it.
   * @returns false as {@link listen} does.
   */
  listenLocal(path: string): boolean {
    if (this.isDestroyed) return false;
    if (this.isListening()) return this.#refuseAgain();
    const failure = this.#backend.listenLocal(path);
    return failure === '' || this.#refuse(failure);
  }

  /**
   * Stops listening, detaches from an HTTP server and cuts the handshakes that are under way.
   *
   * The connections that wait are closed with {@link CloseCode.CloseCodeGoingAway}; those that
   * {@link nextPendingConnection} has returned stay open. The server can listen again. `closed` is
   * emitted a moment later, even when the server did not listen.
   */
  close(): void {
    this.#stop();
    onLaterTurn(() => this.announce('closed'));
  }

  /** Whether it listens, or is attached to an HTTP server that does. */
  isListening(): boolean {
    return this.#backend.isListening();
  }

  /**
   * Where it listens, or the HTTP server that it is attached to; null when it does not, and on a
   * Unix-domain socket.
   */
  serverAddress(): QHostAddress {
    return this.#backend.address();
  }

  /**
   * The port it listens on, or the HTTP server that it is attached to; 0 when it does not, and on a
   * Unix-domain socket.
   */
  serverPort(): number {
    return this.#backend.port();
  }

  /**
   * The URL that reaches it from this host, without a path: 127.0.0.1 for a server that listens on
   * all interfaces, `ws+unix:` and the path for one on a Unix-domain socket. Invalid when it does
   * not listen.
   */
  serverUrl(): QUrl {
    const url = new QUrl();
    if (!this.isListening()) return url;
    const localPath = this.#backend.localPath();
    if (localPath !== '') return localUrlOf(localPath, this.#settings.isSecure);
    const address = this.serverAddress();
    url.setScheme(this.#settings.isSecure ? 'wss' : 'ws');
    url.setHost(address.equals(SpecialAddress.Any) ? '127.0.0.1' : address.toString());
    url.setPort(this.serverPort());
    return url;
  }

  /** Whether it was made for wss or for ws. */
  secureMode(): SslMode {
    return this.#settings.isSecure ? SslMode.SecureMode : SslMode.NonSecureMode;
  }

  /** What {@link setSslConfiguration} was given; the default configuration in NonSecureMode. */
  sslConfiguration(): QSslConfiguration {
    return this.#backend.sslConfiguration().clone();
  }

  /**
   * Sets what TLS goes by: at least a certificate and its key. In NonSecureMode nothing happens, as
   * in Qt; nor does it matter for connections that are encrypted already when they come. Clients are
   * asked for a certificate, which browsers may show their users, unless the mode is VerifyNone.
   *
   * While the server listens, later connections get the new certificate and the open ones stay as
   * they are, so that a certificate can be renewed. What OpenSSL does not take, such as a key that
   * does not belong to the certificate, is not taken then: `serverError` is emitted with
   * {@link CloseCode.CloseCodeAbnormalDisconnection}, and the configuration of before stays. A
   * server that does not listen yet finds out in {@link listen}.
   */
  setSslConfiguration(sslConfiguration: QSslConfiguration): void {
    if (!this.#settings.isSecure) return;
    const failure = this.#backend.setSslConfiguration(sslConfiguration.clone());
    if (failure !== '') this.#refuse(failure);
  }

  /**
   * Listens on a socket of this process that is bound, as a supervisor hands it over.
   *
   * @returns false when it listens already, or `socketDescriptor` is no such socket.
   */
  setSocketDescriptor(socketDescriptor: number): boolean {
    if (this.isDestroyed) return false;
    if (this.isListening()) return this.#refuse('');
    const failure = this.#backend.setSocketDescriptor(socketDescriptor);
    return failure === '' || this.#refuse(failure);
  }

  /** The system's descriptor of the listening socket; −1 when there is none, and on Windows. */
  socketDescriptor(): number {
    return this.#backend.socketDescriptor();
  }

  /** @deprecated The same as {@link setSocketDescriptor}. */
  setNativeDescriptor(descriptor: number): boolean {
    return this.setSocketDescriptor(descriptor);
  }

  /** @deprecated The same as {@link socketDescriptor}. */
  nativeDescriptor(): number {
    return this.socketDescriptor();
  }

  /**
   * Takes the WebSocket requests of an HTTP server, which goes on to answer all others; or those of
   * another QWebSocketServer, which goes on to take all others itself.
   *
   * Those that ask an HTTP server for another protocol, such as h2c, come here as well and are
   * refused, unless it has a `shouldUpgradeCallback` (Node 24.9) that keeps them.
   *
   * Any number of servers may share one, each with its path. A segment `<name>` of the path is a
   * parameter, which fits one segment that is not empty: `/rooms/<room>`. `parameter()` of the
   * `QHttpServerRequest` has its value, decoded. What is no UTF-8 then, has a slash, a backslash or a
   * control character, or is `.` or `..`, is answered with 400. All else is compared exactly, as it
   * is written in the request, without the query.
   *
   * When several fit, the most specific one counts: segment by segment from the left, text comes
   * before a parameter; of equal ones, the server that was attached first. A request that suits none
   * is answered with 404, unless the HTTP server has `upgrade` listeners of other people.
   *
   * Each request has one server, whose slots, verifiers and limits count from there on. Attached to
   * another one before, it leaves that.
   *
   * @param server an `http.Server`, an `https.Server` or a QWebSocketServer, which may listen already
   * or later.
   * @throws TypeError when the path does not begin with a slash, has a query, the same parameter twice, or
   * one that is not a whole segment; and when the server is this one, or none, as the app of Express.
   */
  attach(server: UpgradeSource | QWebSocketServerBase, { path }: AttachOptions = {}): void {
    if (this.isDestroyed) return;
    const source = server instanceof QWebSocketServerBase ? server.#backend : server;
    const fault = this.#backend.attach(source, path);
    if (fault !== '') throw new TypeError(fault);
  }

  /** Leaves the server that it is attached to; the open connections stay. */
  detach(): void {
    this.#backend.detach();
  }

  /**
   * Goes through the opening handshake on a connection that something else has accepted, such as a
   * `net.Server`; what has been read from it must have been put back with `unshift()`.
   *
   * The server need not listen. Other than in Qt, {@link handshakeTimeout} counts here as well.
   * {@link secureMode} alone decides whether the URL of the request is said to be wss. In
   * SecureMode TLS is spoken on the stream first, unless it is encrypted already, as a
   * `tls.TLSSocket` is: a stream says so with a property `encrypted` that is true.
   *
   * @param stream a `net.Socket`, a `tls.TLSSocket` or another `stream.Duplex`.
   */
  handleConnection(stream: ByteStream): void {
    this.#backend.handleConnection(stream);
  }

  /**
   * Answers a request that an HTTP server has read: the arguments of its `upgrade` event.
   *
   * The server need not listen. When this returns, the client has been accepted or refused, unless a
   * verifier takes its time.
   *
   * @param head what followed the request.
   */
  handleUpgrade(request: UpgradeRequest, stream: ByteStream, head: Uint8Array): void {
    this.#backend.handleUpgrade(request, stream, head);
  }

  /**
   * Has `verifier` decide who may connect, until `context` is destroyed; as that of
   * QAbstractHttpServer (Qt 6.8), which runs on a server of its own there.
   *
   * It is called with each good request, after {@link originAuthenticationRequired}, with `context`
   * as `this`, and answers by what it returns. Several are asked in the order in which they were
   * added, until one accepts or denies. When all pass, the client is answered with 404; so it is when
   * the contexts of all have been destroyed. A server that never had one accepts everybody.
   *
   * It may return a promise (not in Qt). What is left of the {@link handshakeTimeout} holds for
   * that, then the client is answered with 503; meanwhile it counts among the
   * {@link maxPendingHandshakes}. An answer still counts when the context is destroyed meanwhile.
   *
   * Its second argument, an AbortSignal (not in Qt), is aborted when nobody waits for the answer any
   * more: the client has left, the time is over, the server was closed, or the verifier has failed. Hand
   * it on to what the verifier waits for. What the promise comes to then is not looked at, and one that
   * is never settled holds nothing of the connection.
   *
   * A verifier that throws, rejects or returns something else is reported as an uncaught exception,
   * and the client is answered with 500; so it is for an answer that cannot be sent: a subprotocol
   * that was not offered, a header with a line break. Whoever is not let in is told of by
   * `serverError`, with {@link CloseCode.CloseCodePolicyViolated} when that was decided, and
   * {@link CloseCode.CloseCodeAbnormalDisconnection} when something has gone wrong.
   *
   * `QHttpServerRequest.of(socket)` is the request when the socket is there, `of(socket)` of an
   * `UpgradeData` what the verifier has learned.
   *
   * @throws TypeError when `verifier` is no function, or `context` no QObject.
   * @see https://doc.qt.io/qt-6/qabstracthttpserver.html#addWebSocketUpgradeVerifier
   */
  addWebSocketUpgradeVerifier<Context extends AnyQObject>(
    context: Context,
    verifier: UpgradeVerifier<Context>,
  ): void {
    if (typeof verifier !== 'function') throw new TypeError('A verifier has to be a function.');
    (this.#settings.verifiers ??= new UpgradeVerifiers()).add(context, verifier);
  }

  /** Whether {@link nextPendingConnection} has something to return. */
  hasPendingConnections(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * The connection that waits longest, or `null`. It belongs to the caller and has no parent.
   *
   * It begins to deliver what its peer sends after the code that fetched it has run: connect its
   * signals at once. What the peer has sent meanwhile is not lost. When the peer has already left,
   * the socket tells so then.
   */
  nextPendingConnection(): QWebSocketBase | null {
    const socket = this.#pending.shift() ?? null;
    if (socket === null) return null;
    begin(socket);
    for (const watcher of this.#watchers ?? []) watcher(socket);
    return socket;
  }

  /**
   * Sends `message` as one text message to every socket that {@link nextPendingConnection} has
   * returned and that is still connected (not in Qt).
   *
   * It is encoded, compressed and framed once, and the slow hold nobody up: each socket has a
   * backlog of its own, and its {@link setBacklogLimit | limit} counts.
   *
   * @param filter says for each of these sockets whether it is to get the message. It is asked
   *   about all of them before the first one gets it; if it throws, none does, and the exception
   *   is the caller's.
   * @param options whether to compress it, if not by its size: see {@link setCompressionEnabled}.
   * @returns to how many sockets it was given, those not counted for which too much waits.
   */
  broadcastTextMessage(message: string, filter?: SocketFilter, options?: SendOptions): number {
    const prepared = QWebSocketPreparedMessage.fromText(message, options);
    return this.broadcastPreparedMessage(prepared, filter);
  }

  /** Sends a copy of `data` as one binary message; otherwise as {@link broadcastTextMessage}. */
  broadcastBinaryMessage(data: Bytes, filter?: SocketFilter, options?: SendOptions): number {
    const prepared = QWebSocketPreparedMessage.fromBinary(data, options);
    return this.broadcastPreparedMessage(prepared, filter);
  }

  /** Sends a message that is sent elsewhere as well; otherwise as {@link broadcastTextMessage}. */
  broadcastPreparedMessage(message: QWebSocketPreparedMessage, filter?: SocketFilter): number {
    const content = contentOf(message);
    let count = 0;
    for (const socket of this.#receivers(filter)) {
      try {
        if (hand(socket, content)) count++;
      } catch (error) {
        // A stream of the application's own has thrown: the other sockets have no part in that.
        reportUncaught(error);
      }
    }
    return count;
  }

  /**
   * Has `socket` get what is {@link publish | published} on `topic`, from the next message on (not in
   * Qt). The latest value of the topic, where one is retained, it gets at once, or as soon as the
   * {@link setTopicBroker | broker} has told it.
   *
   * A socket that disconnects leaves all of its topics. It may belong to another server of this
   * process.
   *
   * @param topic any text; it is compared as it is, without wildcards.
   * @returns whether the socket is subscribed, also when it was before. Not when it is no open
   * connection of a server, when `topic` is empty, too long or no well-formed text, and when there
   * are too many: see {@link setMaxTopicLength}, {@link setMaxTopicsPerSocket}, {@link setMaxTopics}.
   */
  subscribe(socket: QWebSocketBase, topic: string): boolean {
    return !this.isDestroyed && this.#topics.subscribe(socket, topic);
  }

  /** Ends what {@link subscribe} began; returns whether the socket was subscribed (not in Qt). */
  unsubscribe(socket: QWebSocketBase, topic: string): boolean {
    return this.#topics.unsubscribe(socket, topic);
  }

  /**
   * Sends `message` to all sockets that have {@link subscribe | subscribed} to `topic` (not in Qt): text
   * as a text message, bytes as a binary one.
   *
   * It is encoded, compressed and framed once, and the slow hold nobody up: each socket has a backlog
   * of its own, and its {@link setBacklogLimit | limit} counts.
   *
   * @param options whether to keep it as the latest value of the topic, and whether to compress it; a
   * prepared message has that in itself.
   * @returns to how many sockets it was given, those not counted for which too much waits; 0 when it
   * went to a {@link setTopicBroker | broker}; −1 when nothing was done, as the topic is not allowed or
   * its value would be one too many to retain.
   */
  publish(topic: string, message: OutgoingMessage, options?: PublishOptions): number {
    return this.isDestroyed ? -1 : this.#topics.publish(topic, message, options);
  }

  /**
   * The topics that have subscribers or a retained value; of a `socket`, those that it has subscribed
   * to (not in Qt). They are in the order in which they came.
   */
  topics(socket?: QWebSocketBase): string[] {
    return this.#topics.names(socket);
  }

  /** The sockets that have subscribed to `topic`, in the order in which they did (not in Qt). */
  subscribers(topic: string): QWebSocketBase[] {
    return this.#topics.subscribers(topic);
  }

  /**
   * The latest value that {@link publish} has retained of `topic`, or `null` (not in Qt); with a
   * {@link setTopicBroker | broker}, of a topic that was published or has subscribers here.
   */
  retainedMessage(topic: string): string | Uint8Array | null {
    const message = this.#topics.retained(topic);
    if (message === undefined) return null;
    const { text, data } = contentOf(message);
    return text ?? data.slice();
  }

  /**
   * Forgets the latest value of `topic`; nobody is told (not in Qt).
   *
   * @returns whether there was one; with a {@link setTopicBroker | broker}, whether it was asked.
   */
  clearRetainedMessage(topic: string): boolean {
    return this.#topics.clearRetained(topic);
  }

  /** What {@link setTopicBroker} was given; `null` without one. */
  topicBroker(): TopicBroker | null {
    return this.#topics.broker;
  }

  /**
   * Shares the topics with other processes that have the same broker (not in Qt); `null`, as at first,
   * keeps them in this one.
   *
   * All subscribers then get what is {@link publish | published} from the broker, in the same order in
   * all processes, and `publish()` returns 0. Each topic is subscribed to once there, as long as it has
   * subscribers here. While the broker cannot be reached, subscribers get what is published in their
   * own process, and the latest retained values are handed over when it is back.
   *
   * The broker belongs to the caller, and may serve several servers.
   */
  setTopicBroker(broker: TopicBroker | null): void {
    if (!this.isDestroyed) this.#topics.broker = broker;
  }

  /** What {@link setTopicBackPressure} was given; `null` without one. */
  topicBackPressure(): BackPressure | null {
    return this.#topics.backPressure;
  }

  /**
   * Sends what is published on topics through `backPressure` (not in Qt), with the topic as key: by
   * `QueuePolicy.LatestPerKey`, whoever is behind gets the latest message of each topic once it has
   * read enough. `null`, as at first, sends it straight to the sockets.
   *
   * It belongs to the caller. Set it before sockets subscribe: what waits in another one comes later.
   */
  setTopicBackPressure(backPressure: BackPressure | null): void {
    this.#topics.backPressure = backPressure;
  }

  /** How many topics there may be; 10,000 by default (not in Qt). */
  maxTopics(): number {
    return this.#topics.maxTopics;
  }

  /**
   * Sets how many topics there may be that have subscribers or a retained value. Negative: any number.
   * Those that are there stay.
   */
  setMaxTopics(numTopics: number): void {
    this.#topics.maxTopics = toInt(numTopics);
  }

  /** How many topics a socket may subscribe to; 100 by default (not in Qt). */
  maxTopicsPerSocket(): number {
    return this.#topics.maxTopicsPerSocket;
  }

  /** Sets how many topics a socket may subscribe to. Negative: any number. */
  setMaxTopicsPerSocket(numTopics: number): void {
    this.#topics.maxTopicsPerSocket = toInt(numTopics);
  }

  /** How long the name of a topic may be, in UTF-16 code units; 128 by default (not in Qt). */
  maxTopicLength(): number {
    return this.#topics.maxTopicLength;
  }

  /** Sets how long the name of a topic may be, as `length` of a string tells; up to 256. */
  setMaxTopicLength(length: number): void {
    this.#topics.maxTopicLength = Math.min(Math.max(toInt(length), 0), LONGEST_TOPIC);
  }

  /** How many connections may wait for {@link nextPendingConnection}; 30 by default. */
  maxPendingConnections(): number {
    return this.#maxPendingConnections;
  }

  /**
   * Sets how many connections may wait. Those above it are answered with 503, and
   * `serverError(CloseCodeAbnormalDisconnection)` is emitted; 0 and less refuse every client.
   */
  setMaxPendingConnections(numConnections: number): void {
    this.#maxPendingConnections = toInt(numConnections);
  }

  /** How many connections may be in their opening handshake; 2048 by default (not in Qt). */
  maxPendingHandshakes(): number {
    return this.#settings.maxPendingHandshakes;
  }

  /**
   * Sets how many connections may be in their opening handshake, TLS included, so that clients who
   * connect and say nothing take no more than that. Negative: any number; 0 refuses every client.
   *
   * When there are as many, a new client takes the place of the one that is at it longest, if that
   * is a second or more; if not, the new one is refused as {@link setMaxConnections} tells. While
   * more than half come from one address or IPv6 /64 network, one of those makes room: for clients
   * from there after its second, for all others at once.
   */
  setMaxPendingHandshakes(numHandshakes: number): void {
    this.#settings.maxPendingHandshakes = toInt(numHandshakes);
  }

  /** How many connections the server may have; negative, as by default, for any number (not in Qt). */
  maxConnections(): number {
    return this.#settings.maxConnections;
  }

  /**
   * Sets how many connections the server may have: all that it has accepted and that are not closed
   * yet, whether they are in their handshake, wait or are open. Negative: any number; 0 refuses
   * every client. Those that are there stay.
   *
   * Clients above it are answered with 503, without reading what they ask for; where TLS would have
   * to be spoken first, and when very many come at once, they are cut instead. Then
   * `serverError(CloseCodeAbnormalDisconnection)` is emitted. On an HTTP server that is shared, what
   * counts begins with the upgrade request.
   */
  setMaxConnections(numConnections: number): void {
    this.#settings.maxConnections = toInt(numConnections);
  }

  /** How many connections one client may have; negative, as by default, for any number (not in Qt). */
  maxConnectionsPerAddress(): number {
    return this.#settings.maxConnectionsPerAddress;
  }

  /**
   * Sets how many of the {@link setMaxConnections | connections} may come from one address. An IPv6
   * client counts with its whole /64 network, of which it may use any address. Negative: any number.
   *
   * Many people may share an address, and all clients of a reverse proxy have that of the proxy, unless
   * it is a {@link setTrustedProxies | trusted} one: then they are counted, and may be refused, once
   * their request has come.
   */
  setMaxConnectionsPerAddress(numConnections: number): void {
    this.#settings.maxConnectionsPerAddress = toInt(numConnections);
  }

  /** What {@link setTrustedProxies} was given. */
  trustedProxies(): string[] {
    return [...(this.#settings.trustedProxies?.entries ?? [])];
  }

  /** See {@link setTrustedProxies}. */
  forwardedHeader(): ForwardedHeader {
    return this.#settings.forwardedHeader ?? ForwardedHeader.None;
  }

  /**
   * Sets which reverse proxies are believed when they say whom a connection comes from (not in Qt);
   * nobody is by default. It holds for later connections.
   *
   * Where the peer of the connection is one of them, `header` of its request is read from the right:
   * there each proxy has written whom it has the request from. As long as that is a trusted proxy as
   * well, the entry to the left of it counts; what stands further to the left may be anybody's
   * invention. Where a proxy hides whom it speaks for (`unknown`, `_hidden`), it stands for it itself.
   *
   * `peerAddress()` and `peerPort()` of the QWebSocket then are the client's, the port 0 where
   * nobody has said it; error texts and {@link setMaxConnectionsPerAddress} go by them as well.
   * `X-Forwarded-Proto`, or `proto`, decides whether `requestUrl()` is `wss:`, `X-Forwarded-Host`,
   * or `host`, what stands in it for `Host`. So proxies have to write these, or to drop what the
   * client has written. All other headers of forwarding are none of ours. For servers that are
   * {@link attach | attached} to this one, what it trusts counts, and not what they do.
   *
   * @param proxies addresses and subnets: `127.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`,
   * `fd00::/8`; `unix:` for peers without an address, which come by {@link listenLocal}. IPv4 mapped
   * into IPv6 is IPv4.
   * @param header the one that your proxies write; every other is ignored, as clients may write it.
   * @throws TypeError when one of `proxies` is nothing of that kind.
   */
  setTrustedProxies(
    proxies: readonly string[],
    header: ForwardedHeader = ForwardedHeader.XForwardedFor,
  ): void {
    this.#settings.trustedProxies = proxies.length === 0 ? undefined : new TrustedProxies(proxies);
    this.#settings.forwardedHeader = header;
  }

  /** See {@link setProxyProtocolEnabled}. */
  isProxyProtocolEnabled(): boolean {
    return this.#settings.isProxyProtocolEnabled === true;
  }

  /**
   * Sets whether connections begin with the PROXY protocol, version 1 or 2, as those from HAProxy
   * with `send-proxy-v2` (not in Qt; off by default). It comes before TLS, which the proxy can so
   * pass through. It holds for later connections, on ports of the server's own and through
   * {@link handleConnection}, unless TLS is spoken on that stream already; not for {@link attach}.
   *
   * All of them have to, and come from {@link setTrustedProxies | trusted proxies}: others are cut, and
   * `serverError(CloseCodePolicyViolated)` is emitted; where the header is wrong, with
   * {@link CloseCode.CloseCodeProtocolError}. Whoever takes too long for it is cut, as with TLS.
   *
   * `peerAddress()`, `peerPort()`, `localAddress()` and `localPort()` of the QWebSocket are those
   * between client and proxy, from TLS on. What a proxy says for itself (LOCAL), or of a Unix-domain
   * socket, changes nothing. If the client is a trusted proxy itself, its `header` of forwarding
   * counts as well.
   *
   * @see https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
   */
  setProxyProtocolEnabled(enabled: boolean): void {
    this.#settings.isProxyProtocolEnabled = enabled;
  }

  /** See {@link setBacklogLimit}; −1 for none. */
  backlogLimit(): number {
    return this.#backlogLimit;
  }

  /** See {@link setBacklogLimit}. */
  backlogPolicy(): BacklogPolicy {
    return this.#backlogPolicy;
  }

  /** Sets what `setBacklogLimit()` of a QWebSocket sets, for all that connect from now on. */
  setBacklogLimit(bytes: number, policy: BacklogPolicy = BacklogPolicy.RefuseMessages): void {
    this.#backlogLimit = checkBacklogLimit(bytes);
    this.#backlogPolicy = policy;
  }

  /** How long a client may take for the opening handshake, in milliseconds; 10,000 by default. */
  handshakeTimeout(): number {
    return this.#settings.handshakeTimeout;
  }

  /** The same as {@link handshakeTimeout}. */
  handshakeTimeoutMS(): number {
    return this.handshakeTimeout();
  }

  /**
   * Sets how long a client may take from the TCP connection to the end of its request, TLS
   * included, in milliseconds. Whoever takes longer is answered with 408, or cut while TLS is not
   * up. Negative: for ever.
   */
  setHandshakeTimeout(msec: number): void {
    this.#settings.handshakeTimeout = toInt(msec);
  }

  /** Whether unknown origins are refused on loopback addresses; true by default. */
  isOriginCheckEnabled(): boolean {
    return this.#isOriginCheckEnabled;
  }

  /**
   * Sets what happens to browsers while no slot is connected to
   * {@link originAuthenticationRequired} and the server listens on a loopback address.
   *
   * Any web page can make its visitor's browser connect to the visitor's own machine (RFC 6455
   * §10.2). If enabled, such requests are therefore refused as if their origin had been denied,
   * unless the page comes from a loopback host, whatever its port, and the request names one in
   * `Host`: `http://localhost:3000` and `127.0.0.1:8080`. The second keeps out pages whose own name
   * has come to mean this machine (DNS rebinding). `null`, `file://` and all other schemes than http
   * and https are foreign.
   *
   * What counts is where the server listens at that time, and where the HTTP server does that it is
   * attached to. Clients that send no Origin are not concerned, nor are servers on other addresses
   * and streams that were handed in. Behind a reverse proxy on the same machine every origin is a
   * foreign one: connect a slot that knows yours.
   */
  setOriginCheckEnabled(enabled: boolean): void {
    this.#isOriginCheckEnabled = enabled;
  }

  /**
   * Leaves new connections in a queue, where clients wait without an answer.
   *
   * Node cannot leave them to the system, so they are accepted and not read. At most 128 wait;
   * those above are cut.
   */
  pauseAccepting(): void {
    this.#backend.pauseAccepting();
  }

  /** Goes on after {@link pauseAccepting} with the connections that wait. */
  resumeAccepting(): void {
    this.#backend.resumeAccepting();
  }

  /** The name that is sent as `Server`; none when it is empty. */
  serverName(): string {
    return this.#settings.serverName;
  }

  /**
   * Sets the name for later handshakes. With a line break in it they all fail, with
   * `serverError(CloseCodeAbnormalDisconnection)`.
   */
  setServerName(serverName: string): void {
    this.#settings.serverName = serverName;
  }

  /** The subprotocols that the server supports. */
  supportedSubprotocols(): string[] {
    return [...this.#settings.supportedSubprotocols];
  }

  /**
   * Sets the subprotocols for later handshakes. The first one that the client names and the server
   * supports is chosen (RFC 6455 §1.9); without any, the connection has none.
   */
  setSupportedSubprotocols(protocols: readonly string[]): void {
    this.#settings.supportedSubprotocols = [...protocols];
  }

  /** See {@link setCompressionEnabled}. */
  isCompressionEnabled(): boolean {
    return this.#settings.compression !== undefined;
  }

  /**
   * Sets whether later connections compress their messages when the client offers that (RFC 7692;
   * not in Qt, and off by default). `extensions()` of the QWebSocket tells what came of it.
   *
   * Do not send secrets together with text that others choose: the size of what is sent tells of both.
   */
  setCompressionEnabled(enabled: boolean): void {
    this.#settings.compression = enabled ? this.#compression : undefined;
  }

  /** What {@link setCompressionOptions} was given, with the defaults for the rest. */
  compressionOptions(): Required<CompressionOptions> {
    return { ...this.#compression };
  }

  /**
   * Tunes the compression of later connections; what `options` leave out has its default.
   *
   * Of the windows that the client offers and these, the smaller count. A client that does not say it
   * could keep to `clientMaxWindowBits` gets no compression when those are below 15.
   *
   * @throws RangeError when a number is not within its limits.
   */
  setCompressionOptions(options: CompressionOptions): void {
    this.#compression = toCompressionSettings(options);
    this.setCompressionEnabled(this.isCompressionEnabled());
  }

  /** A copy of the proxy that {@link setProxy} was given. */
  proxy(): QNetworkProxy {
    return this.#proxy?.clone() ?? new QNetworkProxy();
  }

  /**
   * Chooses the proxy to {@link listen} through; a copy is kept. That is not available yet: with any
   * other type than DefaultProxy and NoProxy, `listen()` fails.
   */
  setProxy(proxy: QNetworkProxy | ProxyType): void {
    this.#proxy = QNetworkProxy.from(proxy);
  }

  /** The versions of the protocol that it speaks: 13. */
  supportedVersions(): Version[] {
    return [Version.Version13];
  }

  /**
   * What it has counted since it was made: connections, refusals, messages, bytes and how
   * connections have ended (not in Qt; named as QRhi's).
   *
   * A snapshot, which costs no more with many connections than with one.
   */
  statistics(): ServerStatistics {
    return this.#backend.statistics(this.#pending.length);
  }

  /** Why {@link serverError} was emitted last; CloseCodeNormal when it never was. */
  error(): CloseCode {
    return this.#error;
  }

  /** The same in words. */
  errorString(): string {
    return this.#errorString;
  }

  /** As Qt's destructor: every connection that it has accepted dies, whoever holds its socket. */
  protected override destroy(): void {
    this.#stop();
    this.#topics.clear();
    this.#backend.abortConnections();
  }

  #stop(): void {
    this.#backend.close();
    for (const socket of this.#pending.splice(0)) {
      socket.close(CloseCode.CloseCodeGoingAway, 'Server closed.');
    }
  }

  #attend(watcher: SocketWatcher): void {
    (this.#watchers ??= new Set()).add(watcher);
    for (const socket of this.#receivers(undefined)) watcher(socket);
  }

  #receivers(filter: SocketFilter | undefined): QWebSocketBase[] {
    const waiting = new Set(this.#pending);
    const receivers = [];
    for (const socket of this.#backend.sockets()) {
      if (!isAccepted(socket) || waiting.has(socket)) continue;
      if (filter === undefined || filter(socket)) receivers.push(socket);
    }
    return receivers;
  }

  /** Qt has no words for it. */
  #refuseAgain(): false {
    const detail = `it listens at ${this.serverUrl().toString()}`;
    return this.#refuse(explained('The server listens already.', { layer: 'request', detail }));
  }

  #refuse(description: string): false {
    this.#fail(CloseCode.CloseCodeAbnormalDisconnection, description);
    return false;
  }

  #fail(code: CloseCode, description: string): void {
    this.#error = code;
    this.#errorString = description;
    this.announce('serverError', code);
  }

  static {
    attend = (server, watcher) => server.#attend(watcher);
    unattend = (server, watcher) => {
      server.#watchers?.delete(watcher);
      return server.#receivers(undefined);
    };
    receiversOf = (server) => server.#receivers(undefined);
  }

  // The backend's view of a server, so that its callbacks are no public methods.
  static readonly #Events = class implements ServerBackendEvents {
    readonly server: QWebSocketServerBase;

    constructor(server: QWebSocketServerBase) {
      this.server = server;
    }

    hasRoom(): boolean {
      const server = this.server;
      return !server.isDestroyed && server.#pending.length < server.#maxPendingConnections;
    }

    isOriginAllowed(origin: string, host: string): boolean {
      const server = this.server;
      const authenticator = new QWebSocketCorsAuthenticator(origin);
      try {
        const isAsked = server.emit('originAuthenticationRequired', authenticator);
        if (isAsked) return authenticator.allowed();
      } catch (error) {
        reportUncaught(error);
        return false;
      }
      if (origin === '' || !server.#isOriginCheckEnabled) return true;
      return !server.#backend.isOnLoopback() || isFromLocalPage(origin, host);
    }

    connected(socket: QWebSocketBase): void {
      socket.setBacklogLimit(this.server.#backlogLimit, this.server.#backlogPolicy);
      this.server.#pending.push(socket);
      this.server.announce('newConnection');
    }

    refused(code: CloseCode, description: string): void {
      this.server.#fail(code, description);
    }

    acceptFailed(error: SocketError): void {
      this.server.announce('acceptError', error);
    }

    handshakeInterrupted(error: QSslError, address: string): void {
      this.server.announce('handshakeInterruptedOnError', error, new QHostAddress(address));
    }

    verificationFailed(client: UnverifiedClient, errors: readonly QSslError[]): void {
      const server = this.server;
      for (const error of errors) server.announce('peerVerifyError', error, client.peerAddress());
      server.announce('sslErrors', errors, client.peerAddress());
      server.announce('sslErrorsOccurred', client, errors);
    }

    preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator, address: string): void {
      const peerAddress = new QHostAddress(address);
      this.server.announce('preSharedKeyAuthenticationRequired', authenticator, peerAddress);
    }

    alertSent({ level, type, description }: Alert, address: string): void {
      this.server.announce('alertSent', level, type, description, new QHostAddress(address));
    }

    alertReceived({ level, type, description }: Alert, address: string): void {
      this.server.announce('alertReceived', level, type, description, new QHostAddress(address));
    }
  };
}

/** A number of Qt's int. */
function toInt(value: number): number {
  return Math.min(Math.max(Math.trunc(value) || 0, MIN_INT), MAX_INT);
}
