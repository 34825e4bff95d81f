import type { ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { writeDeflateOffer, type DeflateAgreement } from '../../codec/deflate-parameters.ts';
import { readStreamResponse } from '../../codec/handshake-response.ts';
import { HttpAuthentication } from '../../codec/http-authentication.ts';
import type { HttpHead } from '../../codec/http-head.ts';
import { writeStreamRequest } from '../../codec/stream-handshake.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QAuthenticator } from '../../network/qauthenticator.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { QSslError } from '../../ssl/qsslerror.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../../ssl/qsslsocket.ts';
import { TlsVerdict, type Alert, type OpeningEvents } from '../../websockets/socket-backend.ts';
import { certificateCause } from '../certificate-failure.ts';
import type { SharedWay } from '../destination.ts';
import { ALPN_HTTP2 } from '../http2-limits.ts';
import { Http2Exchange, headersIn, type Http2ExchangeEvents } from '../http2-exchange.ts';
import { cameTooLate, Http2Link, type LinkUser } from '../http2-link.ts';
import type { Http2Pool, PoolKey, PoolUser } from '../http2-pool.ts';
import { Http2Socket } from '../http2-socket.ts';
import { withHttp2, withoutHttp2 } from '../next-protocols.ts';
import { remoteClosed, toSocketFailure, type SocketFailure } from '../socket-errors.ts';
import { noteEnds } from '../stream-ends.ts';
import { challengeComplaint, refusedBy, secretsOf, unsendable } from './handshake-failure.ts';
import { Http1Opener, type Http1Request, type OpenerOwner, type OpenerParts } from './http1.ts';

const NOTHING = Buffer.alloc(0);

/** What an {@link Http2Opener} works with besides. */
export interface Http2Parts extends OpenerParts, SharedWay {
  readonly pool: Http2Pool;
}

/**
 * Opens a WebSocket over a stream of HTTP/2 (RFC 8441), on a connection that it may share with others,
 * or with an HTTP/1.1 Upgrade where the server does not want that.
 *
 * Without TLS the server is taken at its word that it speaks HTTP/2 (RFC 9113 §3.3).
 */
export class Http2Opener
  implements PoolUser, LinkUser, Http2ExchangeEvents, OpenerOwner, OpeningEvents
{
  readonly key: PoolKey;
  readonly #request: Http1Request;
  readonly #parts: Http2Parts;
  readonly #owner: OpenerOwner;
  readonly #events: OpeningEvents;
  readonly #authentication: HttpAuthentication;
  // Until there is HTTP/2, or all the way where there is none.
  #dialler: Http1Opener | undefined;
  // What its TLS has found out.
  #configuration: QSslConfiguration | undefined;
  #errors: readonly QSslError[] = [];
  #link: Http2Link | undefined;
  #exchange: Http2Exchange | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline = Infinity;
  #allowsWebSockets: boolean | undefined;
  #isWaiting = false;
  #hasRetried = false;
  #isOver = false;

  private constructor(
    request: Http1Request,
    parts: Http2Parts,
    owner: OpenerOwner,
    events: OpeningEvents,
  ) {
    const sslConfiguration = request.sslConfiguration && withHttp2(request.sslConfiguration);
    this.#request = { ...request, sslConfiguration };
    this.#parts = parts;
    this.#owner = owner;
    this.#events = events;
    this.#authentication = new HttpAuthentication(request);
    const { origin, proxy } = parts;
    this.key = {
      origin,
      proxy,
      sslConfiguration: sslConfiguration && withoutSession(sslConfiguration),
    };
  }

  /** Prepares an attempt; returns the sentence why the request cannot be sent. */
  static prepare(
    request: Http1Request,
    parts: Http2Parts,
    owner: OpenerOwner,
    events: OpeningEvents,
  ): Http2Opener | string {
    const fields = fieldsOf(request, '');
    return typeof fields === 'string' ? fields : new Http2Opener(request, parts, owner, events);
  }

  get hasReachedPeer(): boolean {
    return this.#link !== undefined || this.#dialler?.hasReachedPeer === true;
  }

  get unsent(): number {
    return this.#dialler?.unsent ?? 0;
  }

  start(): void {
    const { openTimeout } = this.#parts;
    if (openTimeout >= 0) this.#deadline = performance.now() + openTimeout;
    this.#join();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#parts.pool.leave(this);
    this.#dialler?.cancel();
    this.#letGo();
  }

  resume(isIgnored: boolean): void {
    if (this.#isOver) return;
    if (!this.#isWaiting) {
      this.#dialler?.resume(isIgnored);
      return;
    }
    this.#isWaiting = false;
    if (isIgnored) this.#goOn();
    else this.#refusePeer();
  }

  lead(): void {
    if (this.#isOver) return;
    const { pool, origin } = this.#parts;
    if (!pool.http1Only.has(origin)) {
      this.#dial(true);
      return;
    }
    pool.disband(this);
    this.#dial(false);
  }

  linked(link: Http2Link): void {
    if (this.#isOver) return;
    if (!link.hasRoom) {
      this.#join();
      return;
    }
    this.#parts.record?.routed('shared', '');
    this.#use(link);
    const { security } = link;
    if (security === undefined) return;
    this.#events.encrypted(security.configuration.clone());
    if (this.#isOver || security.errors.length === 0) return;
    const verdict = this.#events.verificationFailed(security.errors);
    if (this.#isOver || goesOn(verdict, security.configuration)) return;
    if (verdict === TlsVerdict.Refuse) this.#refusePeer();
    else this.#isWaiting = true;
  }

  linkReady(allowsWebSockets: boolean): void {
    this.#allowsWebSockets = allowsWebSockets;
    this.#goOn();
  }

  linkFull(): void {
    this.#letGo();
    this.#join();
  }

  linkLost(error: NodeJS.ErrnoException | undefined): void {
    if (this.#mayRetry()) return;
    const { authority } = this.#request;
    const failure =
      error === undefined ? remoteClosed(authority, 'HTTP') : toSocketFailure(error, authority);
    this.#fail(failure);
  }

  answered(head: HttpHead, status: number): void {
    const { credentials } = this.#authentication;
    this.#parts.record?.responded(head, () => secretsOf(this.#request, credentials));
    if (status === 401) {
      this.#challenged(head);
      return;
    }
    const { subprotocols, deflate } = this.#request;
    const verdict = readStreamResponse(head, { subprotocols, deflate });
    if ('failure' in verdict) {
      this.#refuse(verdict.failure, head);
      return;
    }
    const link = this.#link!;
    const stream = this.#exchange!.leave();
    this.#exchange = undefined;
    this.#finish();
    stream.on('close', () => link.release());
    const socket = new Http2Socket(stream);
    noteEnds(socket, link.ends);
    this.#owner.handshakeDone(socket, NOTHING, verdict.subprotocol, verdict.deflate);
  }

  http1Wanted(): void {
    this.#fallBack();
  }

  unanswered(error: NodeJS.ErrnoException | undefined, isUnseen: boolean): void {
    if (!isUnseen || !this.#mayRetry()) this.#failUnanswered(error);
  }

  handshakeDone(
    stream: Duplex,
    early: Buffer,
    subprotocol: string,
    deflate: DeflateAgreement | undefined,
  ): void {
    this.#finish();
    this.#owner.handshakeDone(stream, early, subprotocol, deflate);
  }

  routeFailed(failure: SocketFailure): void {
    this.#finish();
    this.#parts.pool.disband(this);
    this.#owner.routeFailed(failure);
  }

  handshakeFailed(failure: SocketFailure): void {
    this.#finish();
    this.#parts.pool.disband(this);
    this.#owner.handshakeFailed(failure);
  }

  bytesWritten(count: number): void {
    this.#events.bytesWritten(count);
  }

  authenticationRequired(authenticator: QAuthenticator): void {
    this.#events.authenticationRequired(authenticator);
  }

  proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void {
    this.#events.proxyAuthenticationRequired(proxy, authenticator);
  }

  encrypted(configuration: QSslConfiguration): void {
    this.#configuration = configuration.clone();
    this.#events.encrypted(configuration);
  }

  verificationFailed(errors: readonly QSslError[]): TlsVerdict {
    this.#errors = errors;
    const verdict = this.#events.verificationFailed(errors);
    // Others need not wait for what this one makes of it.
    if (!goesOn(verdict, this.#request.sslConfiguration!)) this.#parts.pool.disband(this);
    return verdict;
  }

  preSharedKeyRequired(authenticator: QSslPreSharedKeyAuthenticator): void {
    this.#events.preSharedKeyRequired(authenticator);
  }

  alertReceived(alert: Alert): void {
    this.#events.alertReceived(alert);
  }

  #join(): void {
    this.#startTimer();
    this.#parts.pool.join(this);
  }

  #dial(isHttp2: boolean): void {
    clearTimeout(this.#timer);
    const parts = this.#parts;
    const { sslConfiguration } = this.#request;
    const opener = Http1Opener.prepare(
      isHttp2 || sslConfiguration === undefined
        ? this.#request
        : { ...this.#request, sslConfiguration: withoutHttp2(sslConfiguration) },
      {
        openTimeout: this.#timeLeft(),
        nextKey: () => parts.nextKey(),
        newRoute: (events) => parts.newRoute(events),
        record: parts.record,
        takesOver: (stream) => isHttp2 && this.#takesOver(stream),
      },
      this,
      this,
    );
    if (typeof opener === 'string') {
      this.#fail(unsendable(opener));
      return;
    }
    this.#dialler = opener;
    opener.start();
  }

  #takesOver(stream: Duplex): boolean {
    const { pool, origin } = this.#parts;
    if (stream instanceof TLSSocket && stream.alpnProtocol !== ALPN_HTTP2) {
      pool.http1Only.add(origin);
      pool.disband(this);
      return false;
    }
    this.#dialler = undefined;
    this.#startTimer();
    const configuration = this.#configuration;
    const security = configuration && { configuration, errors: this.#errors };
    let link: Http2Link;
    try {
      link = new Http2Link(stream, security, pool);
    } catch {
      // Deno has no HTTP/2 with servers that are called by their address.
      stream.destroy();
      pool.disband(this);
      this.#fallBack();
      return true;
    }
    this.#use(link);
    pool.share(this, link);
    return true;
  }

  #use(link: Http2Link): void {
    this.#link = link;
    link.acquire(this);
  }

  #goOn(): void {
    if (this.#isOver || this.#isWaiting || this.#allowsWebSockets === undefined) return;
    if (this.#allowsWebSockets) this.#send('');
    else this.#fallBack();
  }

  #send(authorization: string): void {
    const fields = fieldsOf(this.#request, authorization);
    if (typeof fields === 'string') {
      this.#fail(unsendable(fields));
      return;
    }
    let stream: ClientHttp2Stream;
    try {
      stream = this.#link!.request(fields);
    } catch (error) {
      const failure = error as Error;
      if (!cameTooLate(failure)) this.#fail(unsendable(failure.message));
      else if (!this.#mayRetry()) this.#failUnanswered(failure);
      return;
    }
    this.#exchange = new Http2Exchange(stream, this);
    this.#parts.record?.requested(this.#request.resourceName, headersIn(fields));
  }

  #challenged(head: HttpHead): void {
    const complaint = challengeComplaint(this.#authentication, head, this.#events);
    // A slot may have given the attempt up.
    if (this.#isOver) return;
    this.#parts.record?.challenged(401, false, complaint === '');
    if (complaint !== '') {
      this.#refuse(complaint, head);
      return;
    }
    this.#dropExchange();
    const uri = this.#request.resourceName;
    this.#send(this.#authentication.authorization({ method: 'CONNECT', uri }));
  }

  #refuse(description: string, head: HttpHead): void {
    this.#fail(refusedBy(head, description, this.#request, this.#authentication.credentials));
  }

  #refusePeer(): void {
    const { errors } = this.#link!.security!;
    this.#fail({
      error: SocketError.SslHandshakeFailedError,
      description: errors[0]?.errorString() ?? '',
      cause: certificateCause(this.#request.host, errors),
    });
  }

  #failUnanswered(error: NodeJS.ErrnoException | undefined): void {
    const { authority } = this.#request;
    const failure =
      error === undefined ? remoteClosed(authority, 'HTTP') : toSocketFailure(error, authority);
    const detail = `${failure.cause.detail} without an answer`;
    this.#fail({ ...failure, cause: { ...failure.cause, detail } });
  }

  /** Goes on with an HTTP/1.1 Upgrade, over a connection of its own. */
  #fallBack(): void {
    const { pool, origin } = this.#parts;
    pool.http1Only.add(origin);
    this.#letGo();
    if (this.#request.sslConfiguration === undefined) {
      const detail = `${this.#request.authority} does not take WebSockets over HTTP/2`;
      this.#fail({
        error: SocketError.UnsupportedSocketOperationError,
        description: 'Operation on socket is not supported',
        cause: { layer: 'HTTP', detail, advice: 'Open it without Http2DirectAttribute.' },
      });
      return;
    }
    this.#dial(false);
  }

  /** Tries once more, on another connection, what the server has not looked at. */
  #mayRetry(): boolean {
    if (this.#hasRetried) return false;
    this.#hasRetried = true;
    this.#link?.spend();
    this.#letGo();
    this.#join();
    return true;
  }

  #timedOut(): void {
    // Whoever comes after this one had better not trust that connection.
    this.#link?.spend();
    const { authority } = this.#request;
    const waitsFor =
      this.#link === undefined
        ? `waiting for a connection to ${authority}`
        : `waiting for the answer of ${authority} to the handshake`;
    const failure: SocketFailure = {
      error: SocketError.SocketTimeoutError,
      description: 'Socket operation timed out',
      cause: { layer: 'timeout', detail: `${this.#parts.openTimeout} ms, ${waitsFor}` },
    };
    if (this.#link !== undefined) {
      this.#fail(failure);
      return;
    }
    this.cancel();
    this.#owner.routeFailed(failure);
  }

  #fail(failure: SocketFailure): void {
    this.cancel();
    this.#owner.handshakeFailed(failure);
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #letGo(): void {
    this.#dropExchange();
    this.#link?.release(this);
    this.#link = undefined;
    this.#allowsWebSockets = undefined;
  }

  #dropExchange(): void {
    this.#exchange?.cancel();
    this.#exchange = undefined;
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    const left = this.#timeLeft();
    if (left >= 0) this.#timer = setTimeout(() => this.#timedOut(), left);
  }

  /** In milliseconds; negative for no limit. */
  #timeLeft(): number {
    if (this.#deadline === Infinity) return -1;
    return Math.max(0, Math.ceil(this.#deadline - performance.now()));
  }
}

function fieldsOf(request: Http1Request, authorization: string): readonly string[] | string {
  const { resourceName, authority, origin, subprotocols, deflate, headers } = request;
  return writeStreamRequest(
    {
      resourceName,
      host: authority,
      origin,
      subprotocols,
      extensions: deflate === undefined ? '' : writeDeflateOffer(deflate),
      headers,
      ...(authorization === '' ? {} : { authorization }),
    },
    request.sslConfiguration !== undefined,
  );
}

/** What was set, without what a connection has added. */
function withoutSession(configuration: QSslConfiguration): QSslConfiguration {
  const copy = configuration.clone();
  copy.setSession({});
  copy.setSessionTicket(NOTHING);
  return copy;
}

function goesOn(verdict: TlsVerdict, configuration: QSslConfiguration): boolean {
  const isOnlyAsked = configuration.peerVerifyMode() === PeerVerifyMode.QueryPeer;
  return verdict === TlsVerdict.Proceed || isOnlyAsked;
}
