import { QHostAddress } from '../network/qhostaddress.ts';
import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import type { QUrl } from '../network/qurl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { AcceptedRequest } from './accepted-handshake.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { Endpoint } from './socket-backend.ts';

/** The methods of HTTP, as QHttpServerRequest::Method. @enum */
export const Method = {
  Unknown: 0x0,
  /** What opens a WebSocket over HTTP/1.1 (RFC 6455 §4.1). */
  Get: 0x1,
  Put: 0x2,
  Delete: 0x4,
  Post: 0x8,
  Head: 0x10,
  Options: 0x20,
  Patch: 0x40,
  /** What opens a WebSocket over HTTP/2 (RFC 8441 §4). */
  Connect: 0x80,
  Trace: 0x100,
  /** All of them, but not `Unknown`. */
  AnyKnown: 0x1ff,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** What is known of a request and of the connection that it has come over. */
export interface RequestFacts {
  readonly method: Method;
  readonly written: AcceptedRequest;
  readonly peer: Endpoint;
  readonly local: Endpoint;
  /** Undefined without TLS; not to be changed. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  /** Those of the path, by name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Makes the request that verifiers see. A friend of the class, and not for applications. */
export let describeRequest: (facts: RequestFacts) => QHttpServerRequest;

/** Has {@link QHttpServerRequest.of} find the request that `socket` has come of; a friend as well. */
export let rememberRequest: (socket: QWebSocketBase, request: QHttpServerRequest) => void;

const requests = new WeakMap<QWebSocketBase, QHttpServerRequest>();

/**
 * A request that asks for a WebSocket, as the verifiers of a server see it.
 *
 * It has no body: none opens a WebSocket.
 *
 * @see https://doc.qt.io/qt-6/qhttpserverrequest.html
 */
export class QHttpServerRequest {
  static readonly Method: typeof Method = Method;

  readonly #facts: RequestFacts;

  private constructor(facts: RequestFacts) {
    this.#facts = facts;
  }

  /**
   * The request that the socket of a server has come of (not in Qt); the same object that the
   * verifiers saw.
   *
   * @returns `null` for a client, and for a server without verifiers whose path has no parameters:
   * `request()` and `requestUrl()` of the socket tell what it has asked for.
   */
  static of(socket: QWebSocketBase): QHttpServerRequest | null {
    return requests.get(socket) ?? null;
  }

  /** `Method.Get`, or `Method.Connect` over HTTP/2. */
  method(): Method {
    return this.#facts.method;
  }

  /** What is asked for, as `requestUrl()` of the socket will tell it: `wss://example.com/feed?id=1`. */
  url(): QUrl {
    return this.#facts.written.url.clone();
  }

  /**
   * The items of the query, decoded as those of a form are: `+` is a blank.
   *
   * Qt has a QUrlQuery here.
   */
  query(): URLSearchParams {
    return new URLSearchParams(this.#facts.written.url.query());
  }

  /** The headers in their order, as a copy. */
  headers(): QHttpHeaders {
    return this.#facts.written.headers.clone();
  }

  /** The value of the header `name`, in any case; those of a repeated one with `, ` between them; '' for none. */
  value(name: string): string {
    return this.#facts.written.headers.combinedValue(name);
  }

  /** The subprotocols that the client offers, in its order (not in Qt). */
  subprotocols(): string[] {
    return [...this.#facts.written.subprotocols];
  }

  /**
   * What stands in the place of `<name>` in the path of the server, decoded (not in Qt); '' where the
   * path has no such parameter. It is never empty otherwise, and has no slashes.
   */
  parameter(name: string): string {
    return this.#facts.parameters.get(name) ?? '';
  }

  /** The client's address; null for a stream that has none. */
  remoteAddress(): QHostAddress {
    return new QHostAddress(this.#facts.peer.address);
  }

  /** The client's port; 0 for a stream that has none. */
  remotePort(): number {
    return this.#facts.peer.port;
  }

  /** The address that the client has connected to; null for a stream that has none. */
  localAddress(): QHostAddress {
    return new QHostAddress(this.#facts.local.address);
  }

  /** The port that the client has connected to; 0 for a stream that has none. */
  localPort(): number {
    return this.#facts.local.port;
  }

  /**
   * The configuration of the connection, with the client's certificate, the cipher and so on, as a
   * copy; `null` without TLS.
   */
  sslConfiguration(): QSslConfiguration | null {
    return this.#facts.sslConfiguration?.clone() ?? null;
  }

  static {
    describeRequest = (facts) => new QHttpServerRequest(facts);
    rememberRequest = (socket, request) => requests.set(socket, request);
  }
}
