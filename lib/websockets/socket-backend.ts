import type { BacklogPolicy } from '../network/backlog-policy.ts';
import type { Endpoint } from '../network/endpoint.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import type { QAuthenticator } from '../network/qauthenticator.ts';
import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import type { QNetworkProxy } from '../network/qnetworkproxy.ts';
import type { RequestAttributes } from '../network/qnetworkrequest.ts';
import type { QUrl } from '../network/qurl.ts';
import type { AlertLevel, AlertType } from '../ssl/qssl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import type { CompressionSettings } from './compression-options.ts';
import type { QMaskGenerator } from './qmaskgenerator.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';

export type { Endpoint } from '../network/endpoint.ts';

/** Where a connection goes, and what its opening handshake says. */
export interface OpenRequest {
  readonly url: QUrl;
  /** The request target: path and query, percent-encoded. */
  readonly resourceName: string;
  /** The value of `Origin`; empty for none. */
  readonly origin: string;
  /** The names of the handshake options, as the application gave them. */
  readonly subprotocols: readonly string[];
  /** The headers of the QNetworkRequest. */
  readonly headers: QHttpHeaders;
  readonly proxy: QNetworkProxy;
  readonly sslConfiguration: QSslConfiguration;
  /** The attributes of the QNetworkRequest. */
  readonly attributes?: RequestAttributes;
  /** The compression to offer; undefined for none. */
  readonly compression?: CompressionSettings | undefined;
}

/** Why an attempt cannot even begin. */
export interface OpenRefusal {
  readonly error: SocketError;
  readonly description: string;
}

/** What a server has answered instead of opening a WebSocket. */
export interface HandshakeRefusal {
  /** The status of HTTP. */
  readonly status: number;
  /** How long it wants to be left alone (RFC 9110 §10.2.3), in milliseconds; −1 when it did not say. */
  readonly retryAfter: number;
}

/** What a socket was told to go by; a backend reads it anew whenever it needs it. */
export interface SocketSettings {
  maxIncomingFrameSize: number;
  maxIncomingMessageSize: number;
  outgoingFrameSize: number;
  readBufferSize: number;
  openTimeout: number;
  closeTimeout: number;
  incompleteMessageTimeout: number;
  backlogLimit: number;
  backlogPolicy: BacklogPolicy;
  maskGenerator: QMaskGenerator;
}

/** What tells of the peer's life, and how far what we send has come; starts anew with a connection. */
export interface Pulse {
  /** Changes with every sign of life of the peer. */
  readonly heard: number;
  /** How many bytes the system has taken. */
  readonly taken: number;
}

/** A message that is made for any number of sockets. */
export interface PreparedContent {
  /** The message when it is text. */
  readonly text: string | undefined;
  /** Its bytes, those of text in UTF-8; not to be changed. */
  readonly data: Uint8Array;
  /** As in SendOptions. */
  readonly compress: boolean | undefined;
  /** What a backend has made of it, for its own eyes; a backend that finds another's replaces it. */
  form: unknown;
}

/** What a QWebSocket asks of the machinery below it; one kind per platform. */
export interface SocketBackend {
  /**
   * Begins an attempt; returns why that is impossible. What was there before must be given up.
   * Nothing is told before it returns.
   */
  open(request: OpenRequest): OpenRefusal | undefined;
  /** Begins to deliver what the peer of an accepted connection sends, a moment later. */
  begin(): void;
  /**
   * Delivers nothing more of an open connection, and lets its peer wait, until what is returned is
   * called; nor is it noticed before that how the connection ends. Several may hold it back. Where
   * the platform reads by itself, this does nothing.
   */
  holdBack(): () => void;
  /** Returns the bytes of the message's UTF-8 form; `compress` as in SendOptions. */
  sendText(message: string, compress?: boolean): number;
  /** Returns the bytes of the message. */
  sendBinary(data: Uint8Array, compress?: boolean): number;
  /**
   * Sends a message that others send as well; one that can make nothing of that sends it as any
   * other. Returns whether it was taken.
   */
  sendPrepared(message: PreparedContent): boolean;
  ping(payload: Uint8Array): void;
  /** Undefined where it cannot ping, and so cannot find out whether the peer is there. */
  pulse(): Pulse | undefined;
  /** Begins the closing handshake of an open connection. */
  close(code: number, reason: string): void;
  /** Gives the connection or the attempt up; it tells nothing more. */
  abort(): void;
  /** Forgets what is left of a connection that has ended. */
  release(): void;
  /** Hands what waits to the system; returns whether there was something. */
  flush(): boolean;
  /** The bytes that the system has not taken yet, headers included. */
  bytesToWrite(): number;
  /** Our end of the connection. */
  localEndpoint(): Endpoint;
  /** The other end, also of a connection that has ended, until {@link release}. */
  peerEndpoint(): Endpoint;
  /** Whether an attempt is under way that has not found its peer yet. */
  isDialling(): boolean;
  /** Goes on after {@link TlsVerdict.Wait}; `isIgnored` says whether in spite of the errors. */
  resume(isIgnored: boolean): void;
  /** What sockets begin with; not to be changed. */
  defaultSslConfiguration(): QSslConfiguration;
}

/** What becomes of a connection whose peer could not be verified. */
export const TlsVerdict = { Proceed: 0, Refuse: 1, Wait: 2 } as const;
export type TlsVerdict = (typeof TlsVerdict)[keyof typeof TlsVerdict];

/** A TLS alert (RFC 8446 §6). */
export interface Alert {
  readonly level: AlertLevel;
  readonly type: AlertType;
  readonly description: string;
}

/** What is told on the way to an open connection, beside its outcome. */
export interface OpeningEvents {
  bytesWritten(count: number): void;
  /** The server wants to know who asks; what the slots have set counts when this returns. */
  authenticationRequired(authenticator: QAuthenticator): void;
  /** So does a proxy. */
  proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void;
  /** TLS is up, and nothing sent yet; `configuration` knows peer and session. */
  encrypted(configuration: QSslConfiguration): void;
  /** The peer could not be verified; the answer says what becomes of it. */
  verificationFailed(errors: readonly QSslError[]): TlsVerdict;
  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void;
  alertReceived(alert: Alert): void;
}

/** What the machinery tells its QWebSocket; it is in a consistent state at each call. */
export interface SocketBackendEvents extends OpeningEvents {
  /** Whose events these are, for those who watch; nobody calls it. */
  readonly socket?: QWebSocketBase;
  /** The opening handshake has succeeded; `extensions` is what was agreed on, if anything. */
  opened(subprotocol: string, extensions?: string): void;
  textFrame(frame: string, isLast: boolean): void;
  textMessage(message: string): void;
  binaryFrame(frame: Uint8Array, isLast: boolean): void;
  binaryMessage(message: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** The attempt came to nothing before there was a peer: look-up, route, refusal. */
  unreachable(error: SocketError, description: string): void;
  /** The attempt came to nothing in the handshake; `refusal` is the server's answer, where it is known. */
  handshakeFailed(error: SocketError, description: string, refusal?: HandshakeRefusal): void;
  /** The peer closes, or has broken the protocol and is told so; {@link closed} follows. */
  closing(code: number, reason: string): void;
  /** Why the connection will not have ended in order; nothing but words. */
  explained(description: string): void;
  /** The stream ended without a closing handshake; {@link closed} follows. */
  lost(error: SocketError, description: string): void;
  /** An open connection is gone. Comes last, and once. */
  closed(): void;
}

/** Makes the backend of one socket. */
export type SocketBackendFactory = (
  events: SocketBackendEvents,
  settings: Readonly<SocketSettings>,
) => SocketBackend;
