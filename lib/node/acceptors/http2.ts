import type { ServerHttp2Stream } from 'node:http2';
import type { HandshakeRequest } from '../../codec/handshake-request.ts';
import type { PathParameters } from '../../codec/path-pattern.ts';
import { isRefusal, type Refusal } from '../../codec/refusal.ts';
import {
  readStreamRequest,
  streamResponse,
  writeStreamRefusal,
} from '../../codec/stream-handshake.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import { Method } from '../../websockets/qhttpserverrequest.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import type { RefusalReason } from '../../websockets/server-statistics.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';
import type { UpgradeInquiry } from '../../websockets/upgrade-inquiry.ts';
import { adoptStream } from '../adopt-stream.ts';
import type { ServerRecord } from '../diagnostics/server-record.ts';
import type { HeadBudget } from '../head-budget.ts';
import { headersOf, Http2Socket } from '../http2-socket.ts';
import type { Recognized } from '../recognition.ts';
import type { PathMatch } from '../path-table.ts';
import { localEndOf, noteEnds, peerOf, type SaidEnds } from '../stream-ends.ts';
import { listenTo, readFrom, type StreamListener } from '../stream-listener.ts';
import { decide, type Applicant, type Grant, type Office } from './admission.ts';
import { badHeader, crowded, overcrowded, undecided, type Denial } from './denials.ts';

// In milliseconds: how long a client may take to take an answer that refuses.
const LINGER_MS = 1_000;

// In bytes. Nobody has anything to say before the answer (RFC 6455 §4.1).
const MOST_EARLY = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** Where the streams of a server come together. */
export interface Http2AcceptorOwner extends Office {
  readonly headBudget: HeadBudget;
  /** As for requests over HTTP/1.1. */
  recognize(acceptor: Http2Acceptor, fields: readonly string[]): Recognized | undefined;
  readonly record: ServerRecord;
  findPath(path: string): PathMatch<Http2AcceptorOwner> | undefined;
  /**
   * Gives the handshake to `other`.
   *
   * @returns false when that has no room for it, and has refused it.
   */
  handOver(acceptor: Http2Acceptor, other: Http2AcceptorOwner): boolean;
  /** The handshake is over, and `acceptor` done; `socket` is there if it has succeeded. */
  finished(acceptor: Http2Acceptor, socket: QWebSocketBase | undefined): void;
}

/** The connection that streams are a part of. */
export interface StreamHost {
  readonly ends: SaidEnds;
  /** What is known of TLS. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  /** A stream has become a WebSocket. */
  opened(): void;
  /** One of those has gone. */
  closed(): void;
}

/**
 * The server's side of one opening handshake over a stream of HTTP/2 (RFC 8441 §5).
 *
 * A refused client is under way until it has taken its answer, for a second at most.
 */
export class Http2Acceptor implements StreamListener, Applicant {
  readonly stream: Http2Socket;
  /** @internal */
  readonly method: Method = Method.Connect;
  /** @internal */
  readonly takesLent = false;
  readonly #carrier: ServerHttp2Stream;
  readonly #fields: readonly string[];
  readonly #host: StreamHost;
  #owner: Http2AcceptorOwner;
  // Those of its path, where that was looked at before it could start.
  #parameters: PathParameters | undefined;
  // What is held of the request, as it stands in the budget.
  #held = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // What has come behind the request.
  #early: Buffer = NOTHING;
  // Of the verifiers that take their time.
  #inquiry: UpgradeInquiry | undefined;
  #isRefused = false;
  #isOver = false;

  /** @param fields what the client asks for: name, value, name, value, … */
  constructor(
    carrier: ServerHttp2Stream,
    fields: readonly string[],
    host: StreamHost,
    owner: Http2AcceptorOwner,
  ) {
    this.stream = new Http2Socket(carrier);
    this.#carrier = carrier;
    this.#fields = fields;
    this.#host = host;
    this.#owner = owner;
    noteEnds(this.stream, host.ends);
    listenTo(this.stream, this);
  }

  /** Remembers what {@link start} will be called for. */
  hold(parameters: PathParameters | undefined): void {
    this.#parameters = parameters;
  }

  /**
   * Answers the request.
   *
   * @param parameters those of its path, where that was looked at.
   */
  start(parameters: PathParameters | undefined = this.#parameters): void {
    if (this.isGone) return;
    const recognized = this.#owner.recognize(this, this.#fields);
    if (recognized === undefined) {
      this.denied(overcrowded(this.peer()));
      return;
    }
    const { isSecure, authority } = recognized;
    const request = readStreamRequest(this.#fields, isSecure, authority);
    if (!isRefusal(request)) this.#owner.record.requested(this.stream, request);
    decide(request, this, this.#owner, parameters);
  }

  /** Answers that nothing comes of it, which is counted as `reason`. */
  refuse(refusal: Refusal, reason: RefusalReason): void {
    if (!this.#refuse(refusal, reason)) this.cut(reason);
  }

  /** Gives the stream up, which is counted as `reason`. */
  cut(reason: RefusalReason): void {
    this.#end(reason);
    this.stream.destroy();
  }

  /** @internal */
  get isGone(): boolean {
    const { destroyed, headersSent } = this.#carrier;
    // A listener of the application's own may have answered.
    const isOver = this.#isOver || this.#isRefused || headersSent;
    return isOver || destroyed || this.stream.destroyed;
  }

  /** @internal */
  get sslConfiguration(): QSslConfiguration | undefined {
    return this.#host.sslConfiguration;
  }

  /** @internal */
  peer(): Endpoint {
    return peerOf(this.stream);
  }

  /** @internal */
  local(): Endpoint {
    return localEndOf(this.stream);
  }

  /** @internal */
  moveTo(other: Http2AcceptorOwner): boolean {
    const before = this.#owner;
    this.#owner = other;
    return before.handOver(this, other);
  }

  /** @internal */
  waits(inquiry: UpgradeInquiry, size: number): void {
    this.#inquiry = inquiry;
    const { handshakeTimeout } = this.#owner.settings;
    if (handshakeTimeout >= 0) this.#timer = setTimeout(expire, handshakeTimeout, this);
    if (!this.#mayHold(size)) this.denied(crowded(this.peer()));
    // What lies in the stream could be as much as its window has room for.
    else readFrom(this.stream);
  }

  /** @internal */
  granted(request: HandshakeRequest, grant: Grant): void {
    if (!this.#respond(streamResponse(grant.fields))) {
      this.denied(badHeader(this.peer()));
      return;
    }
    // The stream would drop what comes before the socket listens.
    this.stream.pause();
    this.#finish();
    const host = this.#host;
    host.opened();
    this.stream.once('close', () => host.closed());
    this.#owner.finished(
      this,
      adoptStream(this.stream, this.#early, request, grant, host.sslConfiguration),
    );
  }

  /** @internal */
  denied(denial: Denial): void {
    const isSent = this.#refuse(denial.refusal, denial.reason);
    const { refusal, reason, report } = isSent ? denial : badHeader(this.peer());
    if (!isSent) this.refuse(refusal, reason);
    if (report !== undefined) this.#owner.events.refused(report.code, report.words);
  }

  /** @internal */
  expired(): void {
    if (this.#isRefused) this.cut('timeout');
    else this.denied(undecided(this.peer()));
  }

  /** @internal */
  received(chunk: Buffer): void {
    if (this.#isRefused) return;
    this.#early = Buffer.concat([this.#early, chunk]);
    if (this.#early.length > MOST_EARLY) this.cut('tooLarge');
  }

  /** @internal */
  receivedLent(): void {}

  /** @internal */
  ended(): void {
    // The client has left before it has its answer.
    if (!this.#isRefused) this.cut('left');
  }

  /** @internal */
  failed(): void {
    // The stream closes behind every error.
  }

  /** @internal */
  closed(): void {
    this.#end('left');
  }

  /** Returns false for an answer that cannot be sent. */
  #refuse(refusal: Refusal, reason: RefusalReason): boolean {
    if (this.isGone) return true;
    const { serverName } = this.#owner.settings;
    const { fields, body } = writeStreamRefusal(refusal, serverName, new Date());
    if (!this.#respond(fields)) return false;
    this.#isRefused = true;
    this.#early = NOTHING;
    this.#mayHold(0);
    this.#owner.record.refused(this.stream, reason, refusal.status);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(expire, LINGER_MS, this);
    this.stream.end(body, () => this.stream.destroy());
    this.#inquiry?.cancel(reason);
    return true;
  }

  /** Returns false for fields that Node does not send, such as a Content-Type that is there twice. */
  #respond(fields: readonly string[]): boolean {
    try {
      this.#carrier.respond(headersOf(fields));
      return true;
    } catch {
      return false;
    }
  }

  #end(reason: RefusalReason): void {
    if (this.#isOver) return;
    this.#finish();
    if (!this.#isRefused) this.#owner.record.refused(this.stream, reason, 0);
    this.#owner.finished(this, undefined);
    this.#inquiry?.cancel(reason);
  }

  #finish(): void {
    this.#isOver = true;
    this.#mayHold(0);
    clearTimeout(this.#timer);
  }

  #mayHold(size: number): boolean {
    const before = this.#held;
    this.#held = size;
    return this.#owner.headBudget.grants(before, size);
  }
}

function expire(acceptor: Http2Acceptor): void {
  acceptor.expired();
}
