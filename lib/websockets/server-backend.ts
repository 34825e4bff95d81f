import type { ForwardedHeader } from '../network/forwarded-header.ts';
import type { QHostAddress } from '../network/qhostaddress.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import type { TrustedProxies } from '../network/trusted-proxies.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import type { CompressionSettings } from './compression-options.ts';
import type { CloseCode } from './qwebsocketprotocol.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { QWebSocketServerBase } from './qwebsocketserver-base.ts';
import type { ServerStatistics } from './server-statistics.ts';
import type { Alert } from './socket-backend.ts';
import type { UpgradeVerifiers } from './upgrade-verifiers.ts';

/**
 * A byte stream that somebody else has accepted: a `net.Socket`, a `tls.TLSSocket` or any other
 * `stream.Duplex` of Node.
 */
export interface ByteStream {
  readonly destroyed: boolean;
  /** Cuts the connection. */
  destroy(): unknown;
  /** Stops reading for a while. */
  pause(): unknown;
  /** Goes on reading. */
  resume(): unknown;
}

/** A request that an HTTP server has read, such as an `http.IncomingMessage` of Node. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  /** The request target. */
  readonly url?: string | undefined;
  /** Such as `1.1`. */
  readonly httpVersion: string;
  /** Name, value, name, value, … */
  readonly rawHeaders: readonly string[];
}

/** Gets the requests of an {@link UpgradeSource} that ask for another protocol. */
export type UpgradeListener = (
  request: UpgradeRequest,
  stream: ByteStream,
  head: Uint8Array,
) => void;

/** An HTTP server that passes on such requests: an `http.Server` or `https.Server` of Node. */
export interface UpgradeSource {
  readonly listening: boolean;
  /** Where it listens: an address, the path of a Unix-domain socket, or null. */
  address(): { readonly address: string; readonly port: number } | string | null;
  /** How many listeners there are, ours included. */
  listenerCount(event: 'upgrade'): number;
  /** Has `listener` called for each request. */
  on(event: 'upgrade', listener: UpgradeListener): unknown;
  /** Ends what {@link on} began. */
  off(event: 'upgrade', listener: UpgradeListener): unknown;
}

/**
 * A client that could not be verified, before it has asked for anything: what `sslErrorsOccurred`
 * has in the place of Qt's QSslSocket.
 */
export interface UnverifiedClient {
  /** The client's address; null for a stream that has none. */
  peerAddress(): QHostAddress;
  /** The client's port; 0 for a stream that has none. */
  peerPort(): number;
  /** The configuration of the connection, with the client's certificate, the cipher and so on. */
  sslConfiguration(): QSslConfiguration;
  /**
   * Lets the client in although it could not be verified; to be called in the slot.
   *
   * Without `errors`, all of them are ignored. With `errors`, only those are, code and certificate;
   * a new list replaces the old one.
   */
  ignoreSslErrors(errors?: readonly QSslError[]): void;
}

/** What a QWebSocketServer was told to go by; a backend reads it anew whenever it needs it. */
export interface ServerSettings {
  serverName: string;
  supportedSubprotocols: readonly string[];
  /** Milliseconds for the whole opening handshake; negative for no limit. */
  handshakeTimeout: number;
  /** How many handshakes may be under way; negative for no limit. */
  maxPendingHandshakes: number;
  /** How many connections there may be, those under way included; negative for no limit. */
  maxConnections: number;
  /** How many of them may come from one client; negative for no limit. */
  maxConnectionsPerAddress: number;
  /** Who is believed about whom a connection comes from; nobody where it is missing. */
  trustedProxies?: TrustedProxies | undefined;
  /** Where they say it. */
  forwardedHeader?: ForwardedHeader;
  /** Whether every connection has to begin with the PROXY protocol. */
  isProxyProtocolEnabled?: boolean;
  /** The compression to agree to; undefined for none. */
  compression?: CompressionSettings | undefined;
  /** Who decides about requests; undefined when nobody was ever asked to. */
  verifiers?: UpgradeVerifiers | undefined;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
}

/** What a QWebSocketServer asks of the machinery below it; one kind per platform. */
export interface ServerBackend {
  /** Begins to listen before it returns; returns what went wrong, or the empty string. */
  listen(address: QHostAddress, port: number): string;
  /** Begins to listen on a Unix-domain socket; the same otherwise. */
  listenLocal(path: string): string;
  /** Takes over a listening socket of the system; returns what went wrong, or the empty string. */
  setSocketDescriptor(descriptor: number): string;
  /**
   * Takes the upgrade requests of `source` for paths that fit `path`, or those for paths that nobody
   * names; in place of an earlier source. Returns what is wrong with `path`, or the empty string.
   */
  attach(source: UpgradeSource | ServerBackend, path: string | undefined): string;
  /** Takes them no more. */
  detach(): void;
  /** Goes through TLS, if need be, and the opening handshake on a stream accepted elsewhere. */
  handleConnection(stream: ByteStream): void;
  /** The same for a stream whose request has been read already; `head` is what followed it. */
  handleUpgrade(request: UpgradeRequest, stream: ByteStream, head: Uint8Array): void;
  /** Stops listening, detaches, and cuts the handshakes that are under way. */
  close(): void;
  /**
   * The sockets of all connections that are not gone yet, whoever holds them, in a list of its own;
   * one may have been opened anew since, to somewhere else.
   */
  sockets(): QWebSocketBase[];
  /** What it has counted; `waiting` is how many of the open connections nobody has fetched. */
  statistics(waiting: number): ServerStatistics;
  /** Gives up every open connection, whoever holds its socket. */
  abortConnections(): void;
  /** Whether it listens itself or is attached to something that does. */
  isListening(): boolean;
  /** Where it listens; null when it does not, or on a Unix-domain socket. */
  address(): QHostAddress;
  /** Whether it listens on a loopback address, or is attached to something that does. */
  isOnLoopback(): boolean;
  /** 0 when it does not listen, or on a Unix-domain socket. */
  port(): number;
  /** The Unix-domain socket where it listens; empty when there is none. */
  localPath(): string;
  /** The descriptor of the listening socket; −1 when there is none. */
  socketDescriptor(): number;
  pauseAccepting(): void;
  resumeAccepting(): void;
  /** What later connections over TLS go by; not to be changed. */
  sslConfiguration(): QSslConfiguration;
  /**
   * Takes another one, which is not changed any more.
   *
   * Returns what is wrong with it, if it is to be used at once; then everything stays as it is.
   */
  setSslConfiguration(configuration: QSslConfiguration): string;
}

/** What the machinery tells its QWebSocketServer; it is in a consistent state at each call. */
export interface ServerBackendEvents {
  /** Whose events these are, for those who watch; nobody calls it. */
  readonly server?: QWebSocketServerBase;
  /** Whether another connection may wait; otherwise it is answered with 503. */
  hasRoom(): boolean;
  /**
   * Asks the application whether pages of `origin` may connect; empty when there is none. `host` is
   * the one that the request is for.
   */
  isOriginAllowed(origin: string, host: string): boolean;
  /** A handshake has succeeded; the socket delivers nothing before it is begun. */
  connected(socket: QWebSocketBase): void;
  /** A handshake was refused for a reason that Qt reports. */
  refused(code: CloseCode, description: string): void;
  /** Accepting a connection failed. */
  acceptFailed(error: SocketError): void;
  /** A client is refused within TLS, because `error` was found. `address` is always its own. */
  handshakeInterrupted(error: QSslError, address: string): void;
  /** A client could not be verified; whether it is refused depends on `client` and the mode. */
  verificationFailed(client: UnverifiedClient, errors: readonly QSslError[]): void;
  /** A client wants to use a key that both sides know. */
  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator, address: string): void;
  alertSent(alert: Alert, address: string): void;
  alertReceived(alert: Alert, address: string): void;
}

/** Makes the backend of one server. */
export type ServerBackendFactory = (
  events: ServerBackendEvents,
  settings: Readonly<ServerSettings>,
) => ServerBackend;
