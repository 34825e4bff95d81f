import type { AnyQObject } from '../core/any-qobject.ts';
import { onLaterTurn } from '../core/later-turn.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { BacklogPolicy } from '../network/backlog-policy.ts';
import { isCloseCodeValid, truncateCloseReason } from '../network/close-code.ts';
import { explained, type FailureCause } from '../network/failure-text.ts';
import { localTargetOf } from '../network/local-url.ts';
import { PauseMode, SocketError, SocketState } from '../network/qabstractsocket.ts';
import type { QAuthenticator } from '../network/qauthenticator.ts';
import { QHostAddress } from '../network/qhostaddress.ts';
import { type ProxyType, QNetworkProxy } from '../network/qnetworkproxy.ts';
import { QNetworkRequest } from '../network/qnetworkrequest.ts';
import { QUrl } from '../network/qurl.ts';
import type { AlertLevel, AlertType } from '../ssl/qssl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import type { AcceptedHandshake, AcceptedRequest } from './accepted-handshake.ts';
import { toBytes, type Bytes } from './bytes.ts';
import { ClientState } from './client-state.ts';
import {
  DEFAULT_COMPRESSION,
  toCompressionSettings,
  type CompressionOptions,
  type SendOptions,
} from './compression-options.ts';
import type { PingTimes } from './ping-times.ts';
import { QDefaultMaskGenerator } from './qdefaultmaskgenerator.ts';
import type { QMaskGenerator } from './qmaskgenerator.ts';
import { QWebSocketHandshakeOptions } from './qwebsockethandshakeoptions.ts';
import { contentOf, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import { CloseCode, type Version } from './qwebsocketprotocol.ts';
import { SslErrorPolicy } from './ssl-error-policy.ts';
import {
  TlsVerdict,
  type Alert,
  type HandshakeRefusal,
  type OpenRefusal,
  type PreparedContent,
  type Pulse,
  type SocketBackend,
  type SocketBackendEvents,
  type SocketBackendFactory,
  type SocketSettings,
} from './socket-backend.ts';

/** The signals of a QWebSocket and what they carry. */
export interface QWebSocketSignals {
  aboutToClose: [];
  alertReceived: [level: AlertLevel, type: AlertType, description: string];
  alertSent: [level: AlertLevel, type: AlertType, description: string];
  authenticationRequired: [authenticator: QAuthenticator];
  binaryFrameReceived: [frame: Uint8Array, isLastFrame: boolean];
  binaryMessageReceived: [message: Uint8Array];
  bytesWritten: [bytes: number];
  connected: [];
  disconnected: [];
  /** Qt's deprecated form of `errorOccurred`, which it follows; `socket.error` is the getter. */
  error: [error: SocketError];
  errorOccurred: [error: SocketError];
  handshakeInterruptedOnError: [error: QSslError];
  peerVerifyError: [error: QSslError];
  pong: [elapsedTime: number, payload: Uint8Array];
  preSharedKeyAuthenticationRequired: [authenticator: QSslPreSharedKeyAuthenticator];
  proxyAuthenticationRequired: [proxy: QNetworkProxy, authenticator: QAuthenticator];
  readChannelFinished: [];
  sslErrors: [errors: readonly QSslError[]];
  stateChanged: [state: SocketState];
  textFrameReceived: [frame: string, isLastFrame: boolean];
  textMessageReceived: [message: string];
}

/**
 * Makes a new socket the end of a connection that a server has accepted; returns its backend.
 *
 * `sslConfiguration` tells of an encrypted connection, and belongs to the socket; `extensions` is
 * what the server has answered.
 *
 * A friend of the class, as C++ calls it: for the server, and not for applications.
 */
export let adopt: (
  socket: QWebSocketBase,
  handshake: AcceptedHandshake,
  subprotocol: string,
  sslConfiguration?: QSslConfiguration,
  extensions?: string,
) => SocketBackend;

/** Lets an accepted connection deliver what its peer sends, a moment from now; a friend as well. */
export let begin: (socket: QWebSocketBase) => void;

/** Whether the socket is the open end of a connection that a server has accepted; a friend as well. */
export let isAccepted: (socket: QWebSocketBase) => boolean;

/** Sends a prepared message; returns whether it was taken, which an empty one may be too. A friend as well. */
export let hand: (socket: QWebSocketBase, message: PreparedContent) => boolean;

/** Whether the socket is, or was, the end of a connection that a server has accepted; a friend as well. */
export let isServerSide: (socket: QWebSocketBase) => boolean;

/**
 * Pings with a payload of our own; returns what becomes of it, which `create` makes on the first time.
 * A friend as well.
 */
export let probe: (socket: QWebSocketBase, create: (pingedAt: number) => PingTimes) => PingTimes;

/** See the backend's; a friend as well. */
export let backendOf: (socket: QWebSocketBase) => SocketBackend;
export let pulseOf: (socket: QWebSocketBase) => Pulse | undefined;

/** What the socket knows as a client, or will know; a friend as well. */
export let clientOf: (socket: QWebSocketBase) => ClientState;

/** Gives an open connection up that is found to be dead, as if the stream had told so; a friend as well. */
export let lose: (socket: QWebSocketBase, error: SocketError, description: string) => void;

/**
 * Lets the peer wait, where the platform can, until what is returned is called; see
 * SocketBackend.holdBack(). A friend as well.
 */
export let holdBack: (socket: QWebSocketBase) => () => void;

/** The largest value of the size limits: Qt keeps them in an int. */
const MAX_SIZE = 2 ** 31 - 2;
const DEFAULT_OUTGOING_FRAME_SIZE = 512 * 1024;
const CLIENT_SIZE_LIMIT = 64 * 1024 * 1024;
const SERVER_SIZE_LIMIT = 16 * 1024 * 1024;

/** What a timer can be set to; it would fire at once for anything longer. */
const MAX_TIMEOUT = 2 ** 31 - 1;

const GIVEN_UP: FailureCause = {
  layer: 'TCP',
  detail: 'close() was called before there was a connection',
};

// It keeps nothing that belongs to a socket, so one serves all of them.
const defaultMaskGenerator = new QDefaultMaskGenerator();

// Sockets share it: few have settings of their own, and a dozen for each would take 100 bytes.
const DEFAULT_SETTINGS: Readonly<SocketSettings> = {
  maxIncomingFrameSize: CLIENT_SIZE_LIMIT,
  maxIncomingMessageSize: CLIENT_SIZE_LIMIT,
  outgoingFrameSize: DEFAULT_OUTGOING_FRAME_SIZE,
  readBufferSize: 0,
  openTimeout: 30_000,
  closeTimeout: 5_000,
  incompleteMessageTimeout: 30_000,
  backlogLimit: -1,
  backlogPolicy: BacklogPolicy.RefuseMessages,
  maskGenerator: defaultMaskGenerator,
};

const ACCEPTED_SETTINGS: Readonly<SocketSettings> = {
  ...DEFAULT_SETTINGS,
  maxIncomingFrameSize: SERVER_SIZE_LIMIT,
  maxIncomingMessageSize: SERVER_SIZE_LIMIT,
};

/** What was set for one socket; the rest is as in {@link DEFAULT_SETTINGS}, or {@link ACCEPTED_SETTINGS}. */
class OwnSettings {
  static {
    Object.setPrototypeOf(OwnSettings.prototype, DEFAULT_SETTINGS);
  }
}

/** What error() and errorString() say. */
interface Failure {
  readonly error: SocketError;
  readonly description: string;
}

const NO_FAILURE: Failure = { error: SocketError.UnknownSocketError, description: '' };

/** What closeCode() and closeReason() say. */
interface Closing {
  readonly code: number;
  readonly reason: string;
}

const NOT_CLOSED: Closing = { code: CloseCode.CloseCodeNormal, reason: '' };

/** What both sides have agreed on; empty for nothing. */
interface Agreement {
  readonly subprotocol: string;
  readonly extensions: string;
}

const NOTHING_AGREED: Agreement = { subprotocol: '', extensions: '' };

/**
 * The part of QWebSocket that is the same on every platform.
 *
 * Each door derives its own QWebSocket from it, which only says what backs it. What a slot throws
 * is reported as an uncaught exception and leaves the socket as it is.
 *
 * @see https://doc.qt.io/qt-6/qwebsocket.html
 */
export abstract class QWebSocketBase extends QObject<QWebSocketSignals> {
  readonly #backend: SocketBackend;
  readonly #settings = new OwnSettings() as SocketSettings;
  readonly #version: Version;
  #origin: string;
  #state: SocketState = SocketState.UnconnectedState;
  // Of most sockets these say nothing, so they share what says it.
  #failure: Failure = NO_FAILURE;
  #closing: Closing = NOT_CLOSED;
  #agreed: Agreement = NOTHING_AGREED;
  // On the sockets of a server.
  #accepted: AcceptedRequest | undefined;
  // On those that have been clients, or are going to be.
  #client: ClientState | undefined;
  #sslConfiguration: QSslConfiguration;
  #isEncrypted = false;
  // Once it was asked for.
  #errorPolicy: SslErrorPolicy | undefined;
  // A time; more than one of the sockets that are kept alive.
  #pinged: number | PingTimes = now();

  // An attempt is what one open() begins. A slot may begin the next one at any time; what is left
  // to be done for the one before then falls away.
  #attempt = 0;
  #hasSocket = false;
  #isClosingSaid = false;

  protected constructor(
    origin: string,
    version: Version,
    parent: AnyQObject | null,
    createBackend: SocketBackendFactory,
  ) {
    super(parent);
    this.#origin = origin;
    this.#version = version;
    this.#backend = createBackend(new QWebSocketBase.#Events(this), this.#settings);
    this.#sslConfiguration = this.#backend.defaultSslConfiguration();
  }

  /** Largest value of {@link setMaxAllowedIncomingFrameSize}: 2,147,483,646 bytes. */
  static maxIncomingFrameSize(): number {
    return MAX_SIZE;
  }

  /** Largest value of {@link setMaxAllowedIncomingMessageSize}: 2,147,483,646 bytes. */
  static maxIncomingMessageSize(): number {
    return MAX_SIZE;
  }

  /** Largest value of {@link setOutgoingFrameSize}: 2,147,483,646 bytes. */
  static maxOutgoingFrameSize(): number {
    return MAX_SIZE;
  }

  /**
   * Emitted when the connection begins to close, once: after {@link close} or {@link abort}, or
   * when the peer closes. `closeCode()` and `closeReason()` are those of the closing already.
   */
  get aboutToClose(): Signal<QWebSocketSignals['aboutToClose']> {
    return this.signal('aboutToClose');
  }

  /**
   * Emitted when the peer has given TLS up with an alert (RFC 8446 §6).
   *
   * Node tells of fatal alerts; of the peer's orderly end it does not.
   */
  get alertReceived(): Signal<QWebSocketSignals['alertReceived']> {
    return this.signal('alertReceived');
  }

  /** Emitted when an encrypted connection was ended in order: an alert "close notify" goes out. */
  get alertSent(): Signal<QWebSocketSignals['alertSent']> {
    return this.signal('alertSent');
  }

  /**
   * Emitted when the server wants to know who asks (401): set user and password of `authenticator`
   * before the slot returns.
   *
   * The user and password of the URL are tried first, without this signal. Left as they are, the
   * attempt fails with ConnectionRefusedError. Basic and Digest are known (RFC 7617, RFC 7616).
   */
  get authenticationRequired(): Signal<QWebSocketSignals['authenticationRequired']> {
    return this.signal('authenticationRequired');
  }

  /**
   * Emitted for each frame of a binary message, before {@link binaryMessageReceived}.
   *
   * `isLastFrame` is true for the frame with which the message ends. A compressed message comes as
   * one frame.
   */
  get binaryFrameReceived(): Signal<QWebSocketSignals['binaryFrameReceived']> {
    return this.signal('binaryFrameReceived');
  }

  /** Emitted for each complete binary message. The bytes belong to the receiver. */
  get binaryMessageReceived(): Signal<QWebSocketSignals['binaryMessageReceived']> {
    return this.signal('binaryMessageReceived');
  }

  /**
   * Emitted when the system has taken `bytes` bytes for sending: frames with their headers, and
   * the opening handshake as well. What TLS adds is not counted.
   */
  get bytesWritten(): Signal<QWebSocketSignals['bytesWritten']> {
    return this.signal('bytesWritten');
  }

  /** Emitted when the opening handshake has succeeded; never by the sockets of a server. */
  get connected(): Signal<QWebSocketSignals['connected']> {
    return this.signal('connected');
  }

  /** Emitted when the socket is disconnected, also after an attempt that did not connect. */
  get disconnected(): Signal<QWebSocketSignals['disconnected']> {
    return this.signal('disconnected');
  }

  /**
   * Emitted when something went wrong; {@link errorString} has the words.
   *
   * A closing handshake is no error, whatever its code. Without a slot nothing happens: an error
   * never throws.
   */
  get errorOccurred(): Signal<QWebSocketSignals['errorOccurred']> {
    return this.signal('errorOccurred');
  }

  /**
   * Emitted when the peer could not be verified and the configuration asks to interrupt the
   * handshake: call {@link continueInterruptedHandshake} in the slot, or the attempt fails.
   */
  get handshakeInterruptedOnError(): Signal<QWebSocketSignals['handshakeInterruptedOnError']> {
    return this.signal('handshakeInterruptedOnError');
  }

  /** Emitted for each thing that is wrong with the peer's certificate, before {@link sslErrors}. */
  get peerVerifyError(): Signal<QWebSocketSignals['peerVerifyError']> {
    return this.signal('peerVerifyError');
  }

  /**
   * Emitted for each Pong frame of the peer, asked for or not.
   *
   * `elapsedTime` is the time since the last {@link ping} in milliseconds, or since the socket was
   * made when there was none. The answer to a ping of `KeepAlive` comes as well, with the
   * elapsed time and payload of that one: it begins with `keepalive`.
   */
  get pong(): Signal<QWebSocketSignals['pong']> {
    return this.signal('pong');
  }

  /**
   * Emitted when the server wants a key that both sides know: set identity and key of
   * `authenticator` before the slot returns.
   */
  get preSharedKeyAuthenticationRequired(): Signal<
    QWebSocketSignals['preSharedKeyAuthenticationRequired']
  > {
    return this.signal('preSharedKeyAuthenticationRequired');
  }

  /**
   * Emitted when `proxy` wants to know who asks (407): set user and password of `authenticator`
   * before the slot returns.
   *
   * The user and password of the proxy are tried first, without this signal. Left as they are, the
   * attempt fails with ProxyAuthenticationRequiredError.
   */
  get proxyAuthenticationRequired(): Signal<QWebSocketSignals['proxyAuthenticationRequired']> {
    return this.signal('proxyAuthenticationRequired');
  }

  /** Emitted when nothing can be read any more, after {@link disconnected}. */
  get readChannelFinished(): Signal<QWebSocketSignals['readChannelFinished']> {
    return this.signal('readChannelFinished');
  }

  /**
   * Emitted when the peer of a secure connection could not be verified, before anything is sent.
   *
   * Unless all of `errors` are ignored, by {@link ignoreSslErrors} before or in a slot, the attempt
   * fails with SslHandshakeFailedError.
   */
  get sslErrors(): Signal<QWebSocketSignals['sslErrors']> {
    return this.signal('sslErrors');
  }

  /** Emitted whenever {@link state} has changed. */
  get stateChanged(): Signal<QWebSocketSignals['stateChanged']> {
    return this.signal('stateChanged');
  }

  /**
   * Emitted for each frame of a text message, before {@link textMessageReceived}.
   *
   * A character that is cut by the end of a frame comes with the next one.
   * `isLastFrame` is true for the frame with which the message ends. A compressed message comes as
   * one frame.
   */
  get textFrameReceived(): Signal<QWebSocketSignals['textFrameReceived']> {
    return this.signal('textFrameReceived');
  }

  /** Emitted for each complete text message. */
  get textMessageReceived(): Signal<QWebSocketSignals['textMessageReceived']> {
    return this.signal('textMessageReceived');
  }

  /** Where the socket is on its way: Unconnected, Connecting, Connected or Closing. */
  state(): SocketState {
    return this.#state;
  }

  /** Whether messages can be sent and received: the state is Connected. */
  isValid(): boolean {
    return this.#state === SocketState.ConnectedState;
  }

  /** The last error since {@link open}; UnknownSocketError when there was none. */
  error(): SocketError {
    return this.#failure.error;
  }

  /** The last error since {@link open} in words; empty before the first one. */
  errorString(): string {
    const { description } = this.#failure;
    return description === '' && this.#hasSocket ? 'Unknown error' : description;
  }

  /**
   * Why the last connection was closed: the code of whoever closed first.
   *
   * 1005 stands for a Close frame without a code, 1006 for a connection that was lost
   * (RFC 6455 §7.1.5); 1000 until a connection has ended.
   */
  closeCode(): number {
    return this.#closing.code;
  }

  /** What was said with {@link closeCode}; may be empty. */
  closeReason(): string {
    return this.#closing.reason;
  }

  /** The value of `Origin` that the client sends, or has sent to the server; may be empty. */
  origin(): string {
    return this.#origin;
  }

  /** The version that the constructor was given; the protocol spoken is always 13. */
  version(): Version {
    return this.#version;
  }

  /**
   * The path and query that were asked for, percent-encoded; on the sockets of a server the whole
   * URL, as in Qt.
   */
  resourceName(): string {
    if (this.#accepted !== undefined) return this.#accepted.url.toString();
    return this.#client?.resourceName ?? '';
  }

  /** The URL that was opened or, on the sockets of a server, asked for; invalid before that. */
  requestUrl(): QUrl {
    if (this.#accepted !== undefined) return this.#accepted.url.clone();
    return this.#client?.request?.url() ?? new QUrl();
  }

  /** The request that was opened or, on the sockets of a server, the client's with its headers. */
  request(): QNetworkRequest {
    if (this.#accepted !== undefined) {
      const request = new QNetworkRequest(this.#accepted.url);
      request.setHeaders(this.#accepted.headers);
      return request;
    }
    return this.#client?.request?.clone() ?? new QNetworkRequest();
  }

  /** The options that were opened with or, on the sockets of a server, those the client asked for. */
  handshakeOptions(): QWebSocketHandshakeOptions {
    if (this.#accepted !== undefined) {
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols([...this.#accepted.subprotocols]);
      return options;
    }
    return this.#client?.options?.clone() ?? new QWebSocketHandshakeOptions();
  }

  /** The subprotocol that both sides have agreed on; empty for none. */
  subprotocol(): string {
    return this.#agreed.subprotocol;
  }

  /**
   * The extensions that both sides have agreed on, as the server's answer names them (not in Qt);
   * empty for none. The only one is permessage-deflate: see {@link setCompressionEnabled}.
   */
  extensions(): string {
    return this.#agreed.extensions;
  }

  /** The address of our end; null while there is no connection. */
  localAddress(): QHostAddress {
    return new QHostAddress(this.#backend.localEndpoint().address);
  }

  /** The port of our end; 0 while there is no connection. */
  localPort(): number {
    return this.#backend.localEndpoint().port;
  }

  /** The address of the peer; null while there is no connection. */
  peerAddress(): QHostAddress {
    return new QHostAddress(this.#backend.peerEndpoint().address);
  }

  /** The port of the peer; 0 while there is no connection. */
  peerPort(): number {
    return this.#backend.peerEndpoint().port;
  }

  /** The host that was opened, as the URL names it; empty on the sockets of a server. */
  peerName(): string {
    return this.#client?.peerName ?? '';
  }

  /** The proxy that {@link setProxy} was given. */
  proxy(): QNetworkProxy {
    return this.#client?.proxy?.clone() ?? new QNetworkProxy();
  }

  /**
   * Chooses the proxy for the next {@link open}.
   *
   * HttpProxy (CONNECT) and Socks5Proxy carry `ws:` and `wss:` alike; DefaultProxy is what
   * QNetworkProxy.setApplicationProxy() or a QNetworkProxyFactory has chosen; with the caching
   * proxies open() fails with UnsupportedSocketOperationError.
   */
  setProxy(proxy: QNetworkProxy | ProxyType): void {
    this.#asClient().proxy = QNetworkProxy.from(proxy);
  }

  /** What {@link setMaskGenerator} was given, or the built-in generator. */
  maskGenerator(): QMaskGenerator {
    return this.#settings.maskGenerator;
  }

  /**
   * Chooses where masking keys come from; `null` goes back to the built-in generator.
   *
   * Generators of one's own are for tests: keys must not be foreseeable (RFC 6455 §10.3).
   */
  setMaskGenerator(maskGenerator: QMaskGenerator | null): void {
    this.#settings.maskGenerator = maskGenerator ?? defaultMaskGenerator;
  }

  /** How many bytes may be read ahead of what is delivered; 0 leaves it to the system. */
  readBufferSize(): number {
    return this.#settings.readBufferSize;
  }

  /**
   * Takes effect at the next {@link open}. A frame within the size limits always gets through.
   *
   * @param size a whole number of bytes; 0 and less leave it to the system, anything else changes
   *   nothing.
   */
  setReadBufferSize(size: number): void {
    if (Number.isSafeInteger(size)) this.#settings.readBufferSize = size;
  }

  /** What {@link setPauseMode} was given. */
  pauseMode(): PauseMode {
    return this.#errorPolicy?.pauseMode ?? PauseMode.PauseNever;
  }

  /**
   * With PauseOnSslErrors, a connection whose peer could not be verified waits for {@link resume},
   * at most as long as {@link setOpenTimeout} leaves it.
   */
  setPauseMode(pauseMode: PauseMode): void {
    this.#policy().pauseMode = pauseMode;
  }

  /**
   * Goes on after a pause that {@link setPauseMode} asked for: connects if the errors have been
   * ignored meanwhile, and fails if they have not.
   */
  resume(): void {
    const policy = this.#policy();
    const errors = policy.errorsAtHand;
    if (errors === undefined || !policy.isPaused) return;
    // As in Qt, nothing comes of it before this returns.
    onLaterTurn(() => {
      if (errors !== policy.errorsAtHand) return;
      policy.errorsAtHand = undefined;
      this.#backend.resume(policy.ignores(errors));
    });
  }

  /** What {@link setSslConfiguration} was given; once encrypted, with the peer and the session. */
  sslConfiguration(): QSslConfiguration {
    return this.#sslConfiguration.clone();
  }

  /** Takes effect at the next {@link open}. */
  setSslConfiguration(sslConfiguration: QSslConfiguration): void {
    this.#sslConfiguration = sslConfiguration.clone();
  }

  /**
   * Connects although the peer cannot be verified.
   *
   * Without `errors`, all of them are ignored: for this connection when called in a slot of
   * {@link sslErrors} or while it is paused, for every later one otherwise. With `errors`, only those are, code and
   * certificate, for every connection from now on; a new list replaces the old one.
   */
  ignoreSslErrors(errors?: readonly QSslError[]): void {
    this.#policy().ignore(errors);
  }

  /** Goes on with the handshake; to be called in a slot of {@link handshakeInterruptedOnError}. */
  continueInterruptedHandshake(): void {
    this.#policy().isContinued = true;
  }

  /** Largest payload of a frame that is accepted, in bytes. */
  maxAllowedIncomingFrameSize(): number {
    return this.#settings.maxIncomingFrameSize;
  }

  /**
   * Limits the payload of a frame, control frames included; a larger one closes the connection
   * with 1009 before it is read. 64 MiB by default, 16 MiB on a server.
   *
   * @param size 0 to {@link maxIncomingFrameSize} bytes; anything else changes nothing.
   */
  setMaxAllowedIncomingFrameSize(size: number): void {
    if (isSize(size)) this.#settings.maxIncomingFrameSize = size;
  }

  /** Largest message that is accepted, in bytes. */
  maxAllowedIncomingMessageSize(): number {
    return this.#settings.maxIncomingMessageSize;
  }

  /**
   * Limits the payload of a message; a larger one closes the connection with 1009. 64 MiB by
   * default, 16 MiB on a server.
   *
   * @param size 0 to {@link maxIncomingMessageSize} bytes; anything else changes nothing.
   */
  setMaxAllowedIncomingMessageSize(size: number): void {
    if (isSize(size)) this.#settings.maxIncomingMessageSize = size;
  }

  /** Largest payload of a frame that is sent, in bytes. */
  outgoingFrameSize(): number {
    return this.#settings.outgoingFrameSize;
  }

  /**
   * Splits messages of more than `size` bytes into frames of that size (512 KiB by default).
   *
   * @param size 1 to {@link maxOutgoingFrameSize} bytes; 0 never splits; anything else changes
   *   nothing.
   */
  setOutgoingFrameSize(size: number): void {
    if (isSize(size)) this.#settings.outgoingFrameSize = size;
  }

  /** See {@link setOpenTimeout}. */
  openTimeout(): number {
    return this.#settings.openTimeout;
  }

  /**
   * Limits the time from {@link open} to {@link connected}, in milliseconds (30,000 by default;
   * not in Qt). An attempt that takes longer fails with SocketTimeoutError. Negative: no limit.
   */
  setOpenTimeout(timeout: number): void {
    this.#settings.openTimeout = checkTimeout(timeout);
  }

  /** See {@link setCloseTimeout}. */
  closeTimeout(): number {
    return this.#settings.closeTimeout;
  }

  /**
   * Limits how long a closing connection may make no progress, in milliseconds (5,000 by default;
   * not in Qt): then it is given up. Negative: no limit.
   */
  setCloseTimeout(timeout: number): void {
    this.#settings.closeTimeout = checkTimeout(timeout);
  }

  /** See {@link setIncompleteMessageTimeout}. */
  incompleteMessageTimeout(): number {
    return this.#settings.incompleteMessageTimeout;
  }

  /**
   * Limits the silence inside a frame or between the frames of a message, in milliseconds (30,000
   * by default; Qt's is 5,000). After it the connection is closed with 1001. Negative: no limit.
   */
  setIncompleteMessageTimeout(timeout: number): void {
    this.#settings.incompleteMessageTimeout = checkTimeout(timeout);
  }

  /** See {@link setBacklogLimit}; −1 for none. */
  backlogLimit(): number {
    return this.#settings.backlogLimit;
  }

  /** See {@link setBacklogLimit}. */
  backlogPolicy(): BacklogPolicy {
    return this.#settings.backlogPolicy;
  }

  /**
   * Limits what may wait in memory for a peer that does not read, in bytes as {@link bytesToWrite}
   * counts them. Negative, as by default: any number, as in Qt, which has no such limit.
   *
   * While more waits, messages and pings are not sent, and `sendTextMessage()` and
   * `sendBinaryMessage()` return 0; with `BacklogPolicy.Disconnect`, the connection is given up as
   * well. Then `errorOccurred(SocketResourceError)` and `disconnected` are emitted on a later turn
   * of the event loop, and the close code is 1006. The message with which the limit is passed is
   * still taken, whatever its size.
   */
  setBacklogLimit(bytes: number, policy: BacklogPolicy = BacklogPolicy.RefuseMessages): void {
    this.#settings.backlogLimit = checkBacklogLimit(bytes);
    this.#settings.backlogPolicy = policy;
  }

  /** See {@link setCompressionEnabled}. */
  isCompressionEnabled(): boolean {
    return this.#client?.isCompressionEnabled ?? false;
  }

  /**
   * Sets whether the next {@link open} offers to compress messages (RFC 7692; not in Qt, and off by
   * default). {@link extensions} tells whether the server has agreed; without it messages are sent
   * as they are. What a socket of a server does was agreed on by its server.
   *
   * Do not send secrets together with text that others choose: the size of what is sent tells of both.
   */
  setCompressionEnabled(enabled: boolean): void {
    this.#asClient().isCompressionEnabled = enabled;
  }

  /** What {@link setCompressionOptions} was given, with the defaults for the rest. */
  compressionOptions(): Required<CompressionOptions> {
    return { ...(this.#client?.compression ?? DEFAULT_COMPRESSION) };
  }

  /**
   * Tunes the compression of the next {@link open}; what `options` leave out has its default.
   *
   * The windows and the context takeover are asked of the server as well. One that does not go along
   * is spoken to without compression.
   *
   * @throws RangeError when a number is not within its limits.
   */
  setCompressionOptions(options: CompressionOptions): void {
    this.#asClient().compression = toCompressionSettings(options);
  }

  /**
   * Connects to a server (RFC 6455 §4.1).
   *
   * `connected` is emitted when that has succeeded; otherwise `errorOccurred` and `disconnected`.
   * What cannot be opened at all is said by `errorOccurred` before open() returns: an invalid URL
   * (ConnectionRefusedError), a scheme that is not available (UnsupportedSocketOperationError), or
   * a line break in what would be sent. A connection or attempt of before is given up without
   * further signals, as in Qt. Nothing is opened once the object is being destroyed.
   *
   * `ws+unix:/run/chat.sock:/room` leads to the resource `/room` of a server that listens to a
   * Unix-domain socket of the file system (not in Qt, and in Node only).
   *
   * @param target the URL, or a request with headers of its own.
   * @param options subprotocols to ask for.
   */
  open(
    target: string | URL | QUrl | QNetworkRequest,
    options: QWebSocketHandshakeOptions = new QWebSocketHandshakeOptions(),
  ): void {
    if (this.isDestroyed) return;
    const request = isRequest(target) ? target.clone() : new QNetworkRequest(target);
    const url = request.url();
    if (!url.isValid()) {
      const detail = url.errorString().replace(/\.$/, '') || 'it is empty';
      this.#fail(SocketError.ConnectionRefusedError, unsendable('Invalid URL.', detail));
      return;
    }

    const attempt = ++this.#attempt;
    this.#backend.abort();
    this.#backend.release();
    this.#hasSocket = false;
    this.#isClosingSaid = false;
    this.#accepted = undefined;
    this.#agreed = { ...this.#agreed, extensions: '' };
    this.#isEncrypted = false;
    this.#errorPolicy?.begin();
    this.#failure = NO_FAILURE;
    const client = this.#asClient();
    client.request = request;
    client.refusal = undefined;
    client.options = options.clone();
    client.isSecure = url.scheme() === 'wss';

    // As Qt since 6.9: the request needs a path, and whoever asks for the URL sees it.
    if (url.path() === '') {
      url.setPath('/');
      request.setUrl(url);
    }
    const path = localTargetOf(url)?.resourcePath ?? url.path(QUrl.FullyEncoded);
    if (path.includes('%0D%0A')) {
      client.request = undefined;
      client.resourceName = '';
      const text = unsendable('Invalid resource name.', 'there is a line break in the path');
      this.#refuse(SocketError.ConnectionRefusedError, text);
      return;
    }
    const query = url.query(QUrl.FullyEncoded);
    client.resourceName = query === '' ? path : `${path}?${query}`;

    const refusal = this.#begin(url, request, client);
    if (refusal !== undefined) {
      this.#refuse(refusal.error, refusal.description);
      return;
    }
    this.#hasSocket = true;
    client.peerName = url.host();
    this.#setState(SocketState.ConnectingState, attempt);
  }

  /**
   * Sends `message` as one text message (RFC 6455 §5.6).
   *
   * What the system cannot take at once waits in memory: see {@link bytesToWrite},
   * {@link bytesWritten} and {@link setBacklogLimit}.
   *
   * @param options whether to compress it, if not by its size (not in Qt): see
   *   {@link setCompressionEnabled}.
   * @returns the number of bytes of its UTF-8 form, or 0 when the socket is not connected or too
   *   much waits.
   */
  sendTextMessage(message: string, options?: SendOptions): number {
    if (typeof message !== 'string') throw new TypeError('Expected a string.');
    if (this.#state !== SocketState.ConnectedState) return 0;
    return this.#backend.sendText(message, options?.compress);
  }

  /**
   * Sends a copy of `data` as one binary message (RFC 6455 §5.6).
   *
   * @param options as for {@link sendTextMessage}.
   * @returns the number of its bytes, or 0 when the socket is not connected or too much waits.
   */
  sendBinaryMessage(data: Bytes, options?: SendOptions): number {
    const bytes = toBytes(data);
    if (this.#state !== SocketState.ConnectedState) return 0;
    return this.#backend.sendBinary(bytes, options?.compress);
  }

  /**
   * Sends a message that was prepared for any number of sockets (not in Qt), as
   * {@link sendTextMessage} or {@link sendBinaryMessage} sends its content.
   *
   * @returns the number of its bytes, or 0 when the socket is not connected or too much waits.
   */
  sendPreparedMessage(message: QWebSocketPreparedMessage): number {
    return this.#hand(contentOf(message)) ? message.size() : 0;
  }

  /**
   * Pings the peer (RFC 6455 §5.5.2); {@link pong} is emitted when it answers.
   *
   * Does nothing when the socket is not connected or too much waits.
   *
   * @param payload is cut to the 125 bytes that a control frame holds.
   */
  ping(payload: Bytes = new Uint8Array()): void {
    const bytes = toBytes(payload);
    if (this.#state !== SocketState.ConnectedState) return;
    if (typeof this.#pinged === 'number') this.#pinged = now();
    else this.#pinged.byApplication = now();
    this.#backend.ping(bytes);
  }

  /**
   * Closes the connection: sends a Close frame and waits for the peer's (RFC 6455 §7.1.2).
   *
   * Emits `aboutToClose` and `stateChanged(ClosingState)` before it returns; messages that were on
   * their way are still delivered. `disconnected` follows when the peer has closed as well, or has
   * shown no sign of life for the {@link setCloseTimeout}. An attempt that is under way is given
   * up. Does nothing when there is nothing to close.
   *
   * @param closeCode 1000–1003, 1007–1014 or 3000–4999.
   * @param reason is cut, between two characters, to 123 bytes of UTF-8.
   * @throws RangeError for a code that must not be sent (RFC 6455 §7.4).
   */
  close(closeCode: number = CloseCode.CloseCodeNormal, reason = ''): void {
    if (!isCloseCodeValid(closeCode)) {
      throw new RangeError(`${closeCode} is no close code that may be sent (RFC 6455, 7.4).`);
    }
    if (typeof reason !== 'string') throw new TypeError('Expected a string.');
    this.#client?.keeper?.left();
    if (!this.#hasSocket || this.#isClosingSaid) return;
    const attempt = this.#attempt;
    this.#closing = { code: closeCode, reason: truncateCloseReason(reason) };

    if (this.#state === SocketState.ConnectedState) {
      this.#backend.close(closeCode, this.#closing.reason);
      this.#sayAboutToClose();
      this.#beginClosing(attempt);
    } else if (this.#state === SocketState.ConnectingState) {
      // Nothing is dialling any more when a slot of the error below, or of another, comes back.
      const isDialling = this.#backend.isDialling();
      this.#backend.abort();
      if (isDialling) {
        const text = explained('Invalid socket descriptor', GIVEN_UP);
        this.#fail(SocketError.UnfinishedSocketOperationError, text);
      }
      this.#giveUp(attempt);
    } else {
      this.#sayAboutToClose();
    }
  }

  /**
   * Gives the connection or attempt up at once; nothing more is sent, not even what waits.
   *
   * Emits `aboutToClose`, `stateChanged(UnconnectedState)`, `disconnected` and
   * `readChannelFinished` before it returns. Does nothing when the socket is not connected.
   */
  abort(): void {
    this.#client?.keeper?.left();
    if (this.#state === SocketState.UnconnectedState) return;
    this.#backend.abort();
    this.#giveUp(this.#attempt);
  }

  /**
   * Hands what waits to the system without waiting for the event loop.
   *
   * @returns whether there was something; true as well while there is nothing to flush for.
   */
  flush(): boolean {
    return this.#hasSocket ? this.#backend.flush() : true;
  }

  /** The number of bytes, headers included, that the system has not taken yet. */
  bytesToWrite(): number {
    return this.#backend.bytesToWrite();
  }

  /** As Qt's destructor: an open connection is closed with 1001, an attempt is given up. */
  protected override destroy(): void {
    if (this.#state === SocketState.ConnectedState) {
      this.close(CloseCode.CloseCodeGoingAway, 'Connection closed');
    } else if (this.#state === SocketState.ConnectingState) {
      this.#backend.abort();
      this.#errorPolicy?.forget();
      this.#state = SocketState.UnconnectedState;
    }
  }

  #adopt(
    handshake: AcceptedHandshake,
    subprotocol: string,
    sslConfiguration: QSslConfiguration | undefined,
    extensions: string,
  ): SocketBackend {
    if (sslConfiguration !== undefined) {
      this.#sslConfiguration = sslConfiguration;
      this.#isEncrypted = true;
    }
    this.#accepted = handshake.written;
    this.#origin = handshake.origin;
    this.#agreed = agreementOn(subprotocol, extensions);
    Object.setPrototypeOf(this.#settings, ACCEPTED_SETTINGS);
    this.#hasSocket = true;
    this.#state = SocketState.ConnectedState;
    return this.#backend;
  }

  #hand(message: PreparedContent): boolean {
    return this.#state === SocketState.ConnectedState && this.#backend.sendPrepared(message);
  }

  #lose(error: SocketError, description: string): void {
    if (this.#state !== SocketState.ConnectedState) return;
    const attempt = this.#attempt;
    this.#backend.abort();
    const events = new QWebSocketBase.#Events(this);
    events.lost(error, description);
    if (attempt === this.#attempt) events.closed();
  }

  #probe(create: (pingedAt: number) => PingTimes): PingTimes {
    const pinged = this.#pinged;
    const times = typeof pinged === 'number' ? create(pinged) : pinged;
    this.#pinged = times;
    this.#backend.ping(times.next(now()));
    return times;
  }

  #begin(url: QUrl, request: QNetworkRequest, client: ClientState): OpenRefusal | undefined {
    const [illegal] = request.illegalHeaders();
    if (illegal !== undefined) {
      return {
        error: SocketError.ConnectionRefusedError,
        description: unsendable(
          `The header "${nameIn(illegal)}" cannot be sent.`,
          'it has an illegal name or value',
        ),
      };
    }
    return this.#backend.open({
      url,
      resourceName: client.resourceName,
      origin: this.#origin,
      subprotocols: client.options?.subprotocols() ?? [],
      headers: request.headers(),
      attributes: request,
      proxy: this.proxy(),
      sslConfiguration: this.#sslConfiguration,
      compression: client.isCompressionEnabled ? client.compression : undefined,
    });
  }

  /** Ends an open() that cannot begin; what was connected before is not any more. */
  #refuse(error: SocketError, description: string): void {
    const attempt = this.#attempt;
    this.#failure = { error, description };
    this.#setState(SocketState.UnconnectedState, attempt);
    if (attempt === this.#attempt) this.#fail(error, description);
  }

  #fail(error: SocketError, description: string): void {
    this.#failure = { error, description };
    this.announce('errorOccurred', error);
    this.announce('error', error);
  }

  #sayAboutToClose(): void {
    if (this.#isClosingSaid) return;
    this.#isClosingSaid = true;
    this.announce('aboutToClose');
  }

  /** Closing follows Connected only: a slot may have been quicker. */
  #beginClosing(attempt: number): void {
    if (this.#state !== SocketState.ConnectedState) return;
    this.#setState(SocketState.ClosingState, attempt);
  }

  /** Says the end of what was given up before its time; with TLS in another order, as in Qt. */
  #giveUp(attempt: number): void {
    if (attempt !== this.#attempt) return;
    if (!this.#isEncrypted) this.#sayAboutToClose();
    this.#finish(attempt);
    if (attempt === this.#attempt) this.#sayAboutToClose();
  }

  #finish(attempt: number): void {
    if (attempt !== this.#attempt || this.#state === SocketState.UnconnectedState) return;
    this.#errorPolicy?.forget();
    this.#setState(SocketState.UnconnectedState, attempt);
    // A server's socket lives as long as its connection; a client's can be opened anew.
    if (this.#accepted !== undefined) this.#hasSocket = false;
    if (attempt === this.#attempt) this.announce('disconnected');
    if (attempt === this.#attempt) this.announce('readChannelFinished');
    // As in Qt, slots can still ask who it was that has gone.
    if (attempt !== this.#attempt) return;
    if (this.#client?.isSecure === true) this.#client.peerName = '';
    this.#backend.release();
  }

  /** Says that TLS ends in order. */
  #sayCloseNotify(attempt: number): void {
    if (attempt !== this.#attempt || !this.#isEncrypted) return;
    this.announce('alertSent', 0, 0, 'close notify');
  }

  /** Asks the application what becomes of a peer that could not be verified. */
  #judge(errors: readonly QSslError[]): TlsVerdict {
    const policy = this.#policy();
    policy.errorsAtHand = errors;
    for (const error of errors) {
      if (this.#mayGoOn(error, policy) && errors === policy.errorsAtHand) {
        this.announce('peerVerifyError', error);
      }
      // A slot may have given the attempt up.
      if (errors !== policy.errorsAtHand) return TlsVerdict.Refuse;
    }
    this.announce('sslErrors', errors);
    if (errors !== policy.errorsAtHand) return TlsVerdict.Refuse;

    const isIgnored = policy.ignores(errors);
    policy.isPaused = !isIgnored && (policy.pauseMode & PauseMode.PauseOnSslErrors) !== 0;
    if (policy.isPaused) return TlsVerdict.Wait;
    policy.errorsAtHand = undefined;
    return isIgnored ? TlsVerdict.Proceed : TlsVerdict.Refuse;
  }

  /** Asks whether the handshake goes on, where the configuration wants that asked. */
  #mayGoOn(error: QSslError, policy: SslErrorPolicy): boolean {
    if (!this.#sslConfiguration.handshakeMustInterruptOnError()) return true;
    policy.isContinued = false;
    this.announce('handshakeInterruptedOnError', error);
    if (!policy.isContinued) policy.errorsAtHand = undefined;
    return policy.isContinued;
  }

  #asClient(): ClientState {
    return (this.#client ??= new ClientState());
  }

  #policy(): SslErrorPolicy {
    return (this.#errorPolicy ??= new SslErrorPolicy());
  }

  #setState(state: SocketState, attempt: number): void {
    if (attempt !== this.#attempt || state === this.#state) return;
    this.#state = state;
    this.announce('stateChanged', state);
  }

  static {
    adopt = (socket, handshake, subprotocol, sslConfiguration, extensions = '') =>
      socket.#adopt(handshake, subprotocol, sslConfiguration, extensions);
    begin = (socket) => socket.#backend.begin();
    isAccepted = (socket) =>
      socket.#state === SocketState.ConnectedState && socket.#accepted !== undefined;
    hand = (socket, message) => socket.#hand(message);
    isServerSide = (socket) => socket.#accepted !== undefined;
    probe = (socket, create) => socket.#probe(create);
    backendOf = (socket) => socket.#backend;
    pulseOf = (socket) => socket.#backend.pulse();
    clientOf = (socket) => socket.#asClient();
    lose = (socket, error, description) => socket.#lose(error, description);
    holdBack = (socket) => socket.#backend.holdBack();
  }

  /** What the backend tells, turned into signals; it stands inside to reach the private members. */
  static readonly #Events = class implements SocketBackendEvents {
    readonly socket: QWebSocketBase;

    constructor(socket: QWebSocketBase) {
      this.socket = socket;
    }

    opened(subprotocol: string, extensions = ''): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#agreed = agreementOn(subprotocol, extensions);
      socket.#setState(SocketState.ConnectedState, attempt);
      if (attempt === socket.#attempt) socket.announce('connected');
    }

    textFrame(frame: string, isLast: boolean): void {
      this.socket.announce('textFrameReceived', frame, isLast);
    }

    textMessage(message: string): void {
      this.socket.announce('textMessageReceived', message);
    }

    binaryFrame(frame: Uint8Array, isLast: boolean): void {
      this.socket.announce('binaryFrameReceived', frame, isLast);
    }

    binaryMessage(message: Uint8Array): void {
      this.socket.announce('binaryMessageReceived', message);
    }

    pong(payload: Uint8Array): void {
      const pinged = this.socket.#pinged;
      const at = typeof pinged === 'number' ? pinged : pinged.answered(payload, now());
      this.socket.announce('pong', now() - at, payload);
    }

    bytesWritten(count: number): void {
      this.socket.announce('bytesWritten', count);
    }

    authenticationRequired(authenticator: QAuthenticator): void {
      this.socket.announce('authenticationRequired', authenticator);
    }

    proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void {
      this.socket.announce('proxyAuthenticationRequired', proxy, authenticator);
    }

    encrypted(configuration: QSslConfiguration): void {
      this.socket.#sslConfiguration = configuration;
      this.socket.#isEncrypted = true;
    }

    verificationFailed(errors: readonly QSslError[]): TlsVerdict {
      return this.socket.#judge(errors);
    }

    preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void {
      this.socket.announce('preSharedKeyAuthenticationRequired', authenticator);
    }

    alertReceived({ level, type, description }: Alert): void {
      this.socket.announce('alertReceived', level, type, description);
    }

    unreachable(error: SocketError, description: string): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#failure = { error, description };
      socket.#setState(SocketState.UnconnectedState, attempt);
      if (attempt === socket.#attempt) socket.announce('disconnected');
      if (attempt === socket.#attempt) socket.#fail(error, description);
      if (attempt === socket.#attempt) socket.#backend.release();
    }

    handshakeFailed(error: SocketError, description: string, refusal?: HandshakeRefusal): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#asClient().refusal = refusal;
      socket.#fail(error, description);
      socket.#finish(attempt);
      socket.#sayCloseNotify(attempt);
    }

    explained(description: string): void {
      this.socket.#failure = { ...this.socket.#failure, description };
    }

    closing(code: number, reason: string): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#closing = { code, reason };
      socket.#sayAboutToClose();
      socket.#beginClosing(attempt);
    }

    lost(error: SocketError, description: string): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#closing = { code: CloseCode.CloseCodeAbnormalDisconnection, reason: '' };
      // Whoever closes now is too late: the code tells how it really ended.
      socket.#isClosingSaid = true;
      socket.#fail(error, description);
      socket.#beginClosing(attempt);
    }

    closed(): void {
      const { socket } = this;
      const attempt = socket.#attempt;
      socket.#finish(attempt);
      socket.#sayCloseNotify(attempt);
    }
  };
}

function agreementOn(subprotocol: string, extensions: string): Agreement {
  return subprotocol === '' && extensions === '' ? NOTHING_AGREED : { subprotocol, extensions };
}

/** The time in whole milliseconds, which lies in the object itself; a fraction would not. */
function now(): number {
  return Math.floor(performance.now());
}

function isRequest(target: string | URL | QUrl | QNetworkRequest): target is QNetworkRequest {
  return typeof target === 'object' && 'rawHeaderList' in target;
}

function unsendable(words: string, detail: string): string {
  return explained(words, { layer: 'request', detail });
}

/** The part of a header's name that is one: whoever mixes up the arguments puts a secret there. */
function nameIn(header: string): string {
  return /^[\w-]*/.exec(header)![0];
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0 && size <= MAX_SIZE;
}

/** A limit as it is kept; negative for none. */
export function checkBacklogLimit(bytes: number): number {
  if (Number.isNaN(bytes)) throw new RangeError('A limit must be a number of bytes.');
  return bytes < 0 || bytes === Infinity ? -1 : bytes;
}

/** A time as it is kept; negative for ever. */
export function checkTimeout(timeout: number): number {
  if (Number.isNaN(timeout)) throw new RangeError('A timeout must be a number of milliseconds.');
  return timeout < 0 || timeout === Infinity ? -1 : Math.min(timeout, MAX_TIMEOUT);
}
