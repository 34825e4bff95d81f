import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import {
  writeDeflateOffer,
  type DeflateAgreement,
  type DeflateParameters,
} from '../../codec/deflate-parameters.ts';
import { writeHandshakeRequest } from '../../codec/handshake-request.ts';
import { headFailureText, readHandshakeResponse } from '../../codec/handshake-response.ts';
import { HttpAuthentication } from '../../codec/http-authentication.ts';
import type { HeadFailure, HttpHead } from '../../codec/http-head.ts';
import { readStatusLine } from '../../codec/http-response.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QAuthenticator } from '../../network/qauthenticator.ts';
import type { QHttpHeaders } from '../../network/qhttpheaders.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { QSslError } from '../../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../ssl/qsslpresharedkeyauthenticator.ts';
import { HttpExchange, type ExchangeEvents } from '../http-exchange.ts';
import type { AttemptRecord } from '../diagnostics/attempt-record.ts';
import type { Route, RouteEvents } from '../routes/route.ts';
import type { SocketFailure } from '../socket-errors.ts';
import type { Alert, OpeningEvents, TlsVerdict } from '../../websockets/socket-backend.ts';
import { TlsHandshake, type TlsEvents } from '../tls-handshake.ts';
import {
  challengeComplaint,
  garbledCause,
  refusedBy,
  secretsOf,
  unsendable,
} from './handshake-failure.ts';

/** What an {@link Http1Opener} asks for. */
export interface Http1Request {
  /** Whom the peer has to be with TLS. */
  readonly host: string;
  /** The value of `Host`. */
  readonly authority: string;
  readonly resourceName: string;
  readonly origin: string;
  readonly subprotocols: readonly string[];
  readonly headers: QHttpHeaders;
  /** Those of the URL, for a server that asks; may be empty. */
  readonly user: string;
  readonly password: string;
  /** For `wss:`, and nothing else. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  /** The compression to offer. */
  readonly deflate?: DeflateParameters | undefined;
}

/** What an {@link Http1Opener} works with. */
export interface OpenerParts {
  /** Milliseconds for the whole of it; negative for no limit. */
  readonly openTimeout: number;
  /** A new nonce in base64 (RFC 6455 §4.1). */
  nextKey(): string;
  /** A new way to the host. */
  newRoute(events: RouteEvents): Route;
  /** Learns of each step, for those who watch. */
  readonly record?: AttemptRecord | undefined;
  /**
   * Whether another protocol was agreed on for `stream`, on which nothing was sent yet. Then it
   * belongs to the one who says so, and the attempt is over.
   */
  takesOver?(stream: Duplex): boolean;
}

/** Where an {@link Http1Opener} tells how it went: one of them, once. */
export interface OpenerOwner {
  /** The stream is a WebSocket now; `early` came behind the handshake, `deflate` was agreed on. */
  handshakeDone(
    stream: Duplex,
    early: Buffer,
    subprotocol: string,
    deflate: DeflateAgreement | undefined,
  ): void;
  /** No peer was reached. */
  routeFailed(failure: SocketFailure): void;
  /** The peer did not agree, or could not be trusted. */
  handshakeFailed(failure: SocketFailure): void;
}

/**
 * Opens a WebSocket with an HTTP/1.1 Upgrade (RFC 6455 §4.1): finds a way to the host, speaks TLS
 * if asked to, sends the request, and logs in when the server wants that.
 */
export class Http1Opener implements RouteEvents, TlsEvents, ExchangeEvents {
  readonly #request: Http1Request;
  readonly #parts: OpenerParts;
  readonly #owner: OpenerOwner;
  readonly #events: OpeningEvents;
  readonly #authentication: HttpAuthentication;
  #key: string;
  #bytes: Buffer;
  #route: Route | undefined;
  #tls: TlsHandshake | undefined;
  #exchange: HttpExchange | undefined;
  #stream: Duplex | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasReachedPeer = false;
  #isOver = false;

  private constructor(
    request: Http1Request,
    parts: OpenerParts,
    owner: OpenerOwner,
    events: OpeningEvents,
    key: string,
    bytes: Buffer,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#owner = owner;
    this.#events = events;
    this.#authentication = new HttpAuthentication(request);
    this.#key = key;
    this.#bytes = bytes;
  }

  /** Prepares an attempt; returns the sentence why the request cannot be sent. */
  static prepare(
    request: Http1Request,
    parts: OpenerParts,
    owner: OpenerOwner,
    events: OpeningEvents,
  ): Http1Opener | string {
    const key = parts.nextKey();
    const bytes = writeRequest(request, key, '');
    if (typeof bytes === 'string') return bytes;
    return new Http1Opener(request, parts, owner, events, key, bytes);
  }

  get record(): AttemptRecord | undefined {
    return this.#parts.record;
  }

  /** Whether there was a connection to the peer. */
  get hasReachedPeer(): boolean {
    return this.#hasReachedPeer;
  }

  /** The bytes of the request while they wait for the peer, as Qt counts them. */
  get unsent(): number {
    return this.#hasReachedPeer && this.#exchange === undefined ? this.#bytes.length : 0;
  }

  start(): void {
    const { openTimeout } = this.#parts;
    if (openTimeout >= 0) this.#timer = setTimeout(() => this.#timedOut(), openTimeout);
    this.#dial();
  }

  /** Gives the attempt up; it tells nothing more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#route?.cancel();
    this.#tls?.cancel();
    this.#exchange?.cancel();
    // An error of a stream that nobody needs any more is nobody's business.
    this.#stream?.on('error', ignore).destroy();
  }

  /** Goes on after the application has thought about the errors of TLS. */
  resume(isIgnored: boolean): void {
    if (!this.#isOver) this.#tls?.resume(isIgnored);
  }

  routed(stream: Duplex, early: Buffer): void {
    this.#hasReachedPeer = true;
    this.#stream = stream;
    const { host, sslConfiguration } = this.#request;
    if (sslConfiguration === undefined) {
      if (early.length > 0) stream.unshift(early);
      this.#begin(stream);
    } else if (early.length > 0) {
      // Whoever speaks before TLS is somebody in between.
      this.#failHandshake({
        error: SocketError.SslHandshakeFailedError,
        description: 'Error during SSL handshake: data before the handshake',
        cause: { layer: 'TLS', detail: `${host}, by way of the proxy` },
      });
    } else {
      this.#tls = new TlsHandshake(stream, host, sslConfiguration, this);
      this.#tls.start();
    }
  }

  routeFailed(failure: SocketFailure): void {
    // The second connection of a login that the first one has asked for is the peer's matter.
    if (this.#hasReachedPeer) {
      this.#failHandshake(failure);
      return;
    }
    this.cancel();
    this.#owner.routeFailed(failure);
  }

  proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void {
    this.#events.proxyAuthenticationRequired(proxy, authenticator);
  }

  encrypted(configuration: QSslConfiguration): void {
    this.#events.encrypted(configuration);
  }

  verificationFailed(errors: readonly QSslError[]): TlsVerdict {
    return this.#events.verificationFailed(errors);
  }

  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void {
    this.#events.preSharedKeyRequired(authenticator);
  }

  alertReceived(alert: Alert): void {
    this.#events.alertReceived(alert);
  }

  secured(stream: TLSSocket): void {
    this.#stream = stream;
    this.record?.secured(stream, false);
    this.#begin(stream);
  }

  tlsFailed(failure: SocketFailure): void {
    // What was said goodbye to in order ends by itself.
    if (failure.error === SocketError.SslHandshakeFailedError) this.#stream = undefined;
    this.#failHandshake(failure);
  }

  answered(head: HttpHead, early: Buffer): void {
    this.record?.responded(head, () => this.#secrets());
    if (readStatusLine(head.startLine)?.status === 401) {
      this.#challenged(head);
      return;
    }
    const { subprotocols, deflate } = this.#request;
    const verdict = readHandshakeResponse(head, { key: this.#key, subprotocols, deflate });
    if ('failure' in verdict) {
      this.#refuse(verdict.failure, head);
      return;
    }
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#owner.handshakeDone(this.#stream!, early, verdict.subprotocol, verdict.deflate);
  }

  garbled(failure: HeadFailure, chunk: Buffer): void {
    const cause = garbledCause(this.#request.authority, failure, chunk);
    this.#failHandshake({
      error: SocketError.ConnectionRefusedError,
      description: headFailureText(failure),
      cause,
    });
  }

  broken(failure: SocketFailure): void {
    const { cause } = failure;
    const detail = `${cause.detail} without an answer`;
    const { host, sslConfiguration } = this.#request;
    // There is no TLS over Unix-domain sockets, which have no host.
    const mayWantTls = sslConfiguration === undefined && host !== '';
    const advice = mayWantTls ? 'Does it want TLS? Then open it with wss:.' : cause.advice;
    this.#failHandshake({ ...failure, cause: { ...cause, detail, advice } });
  }

  skipped(isReusable: boolean): void {
    if (isReusable) {
      this.#send(this.#stream!);
    } else {
      this.#stream?.on('error', ignore).destroy();
      this.#stream = undefined;
      this.#tls = undefined;
      this.#exchange = undefined;
      this.#dial();
    }
  }

  bytesWritten(count: number): void {
    if (!this.#isOver) this.#events.bytesWritten(count);
  }

  #dial(): void {
    this.#route = this.#parts.newRoute(this);
    this.#route.start();
  }

  #begin(stream: Duplex): void {
    if (this.#parts.takesOver?.(stream) !== true) {
      this.#send(stream);
      return;
    }
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #send(stream: Duplex): void {
    this.#exchange = new HttpExchange(stream, this, this.#request.authority);
    this.#exchange.start(this.#bytes);
    this.record?.requested(this.#request.resourceName, this.#bytes);
  }

  #challenged(head: HttpHead): void {
    const complaint = challengeComplaint(this.#authentication, head, this.#events);
    // A slot may have given the attempt up.
    if (this.#isOver) return;
    this.record?.challenged(401, false, complaint === '');
    if (complaint === '') this.#prepareAnswer();
    else this.#refuse(complaint, head);
  }

  #prepareAnswer(): void {
    this.#key = this.#parts.nextKey();
    const uri = this.#request.resourceName;
    const authorization = this.#authentication.authorization({ method: 'GET', uri });
    const bytes = writeRequest(this.#request, this.#key, authorization);
    if (typeof bytes === 'string') {
      this.#failHandshake(unsendable(bytes));
    } else {
      this.#bytes = bytes;
      this.#exchange!.skipBody();
    }
  }

  #timedOut(): void {
    const detail = `${this.#parts.openTimeout} ms, ${this.#waitsFor()}`;
    const failure: SocketFailure = {
      error: SocketError.SocketTimeoutError,
      description: 'Socket operation timed out',
      cause: { layer: 'timeout', detail },
    };
    if (this.#hasReachedPeer) this.#failHandshake(failure);
    else this.routeFailed(failure);
  }

  #waitsFor(): string {
    const { authority } = this.#request;
    if (this.#exchange !== undefined) {
      return `waiting for the answer of ${authority} to the handshake`;
    }
    if (this.#tls !== undefined) return `in the TLS handshake with ${authority}`;
    return this.#route?.waitsFor ?? `on the way to ${authority}`;
  }

  #refuse(description: string, head: HttpHead): void {
    const { credentials } = this.#authentication;
    this.#failHandshake(refusedBy(head, description, this.#request, credentials));
  }

  #secrets(): string[] {
    return secretsOf(this.#request, this.#authentication.credentials);
  }

  #failHandshake(failure: SocketFailure): void {
    this.cancel();
    this.#owner.handshakeFailed(failure);
  }
}

function writeRequest(request: Http1Request, key: string, authorization: string): Buffer | string {
  const { resourceName, authority, origin, subprotocols, deflate, headers } = request;
  return writeHandshakeRequest({
    resourceName,
    host: authority,
    key,
    origin,
    subprotocols,
    extensions: deflate === undefined ? '' : writeDeflateOffer(deflate),
    headers,
    ...(authorization === '' ? {} : { authorization }),
  });
}

function ignore(): void {}
