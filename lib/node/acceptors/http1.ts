import type { Duplex } from 'node:stream';
import { HandshakeRequest } from '../../codec/handshake-request.ts';
import { switchingResponse, TIMED_OUT, writeRefusal } from '../../codec/handshake-response.ts';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../codec/http-head.ts';
import type { PathParameters } from '../../codec/path-pattern.ts';
import { isRefusal, type Refusal } from '../../codec/refusal.ts';
import { isRequestLine } from '../../codec/request-line.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import { Method } from '../../websockets/qhttpserverrequest.ts';
import type { RefusalReason } from '../../websockets/server-statistics.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';
import type { UpgradeInquiry } from '../../websockets/upgrade-inquiry.ts';
import { adoptStream } from '../adopt-stream.ts';
import type { ServerRecord } from '../diagnostics/server-record.ts';
import type { HeadBudget } from '../head-budget.ts';
import { readBuffer } from '../read-buffer.ts';
import type { Recognized } from '../recognition.ts';
import type { PathMatch } from '../path-table.ts';
import { localEndOf, peerOf } from '../stream-ends.ts';
import { listenTo, readFrom, type StreamListener } from '../stream-listener.ts';
import { decide, type Applicant, type Grant, type Office } from './admission.ts';
import { crowded, overcrowded, undecided, unreadable, type Denial } from './denials.ts';

// Closing a TCP connection with unread bytes resets it, and the client may lose the answer
// (RFC 9112 §9.6). So after a refusal what still comes is read for a while.
const LINGER_MS = 1_000;
const LINGER_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** `idle` before it begins; `refused` when it only waits for the client to hear of that. */
type Phase = 'idle' | 'reading' | 'deciding' | 'refused';

/** Where the handshakes of a server come together. */
export interface AcceptorOwner extends Office {
  readonly headBudget: HeadBudget;
  /**
   * Learns from the header of a request whom proxies say it comes from, and as what it was made;
   * undefined when there are too many connections from there.
   */
  recognize(acceptor: Http1Acceptor, fields: readonly string[]): Recognized | undefined;
  readonly record: ServerRecord;
  findPath(path: string): PathMatch<AcceptorOwner> | undefined;
  /**
   * Gives the handshake to `other`.
   *
   * @returns false when that has no room for it, and has refused it.
   */
  handOver(acceptor: Http1Acceptor, other: AcceptorOwner): boolean;
  /** The handshake is over, and `acceptor` done; `socket` is there if it has succeeded. */
  finished(acceptor: Http1Acceptor, socket: QWebSocketBase | undefined): void;
}

/**
 * The server's side of one opening handshake over HTTP/1.1 (RFC 6455 §4.2).
 *
 * Either it reads the request itself, from {@link start} on, or it is given to {@link answer}.
 * A refused client is answered and hears of the end; what it sends meanwhile is read and forgotten.
 */
export class Http1Acceptor implements StreamListener, Applicant {
  readonly stream: Duplex;
  /** @internal */
  readonly sslConfiguration: QSslConfiguration | undefined;
  #owner: AcceptorOwner;
  #reader: HeadReader | undefined;
  // What the reader holds, as it stands in the budget.
  #held = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // What came behind the request.
  #early: Buffer = NOTHING;
  // Of the verifiers that take their time.
  #inquiry: UpgradeInquiry | undefined;
  #phase: Phase = 'idle';
  #discarded = 0;
  #isRefused = false;
  #isOver = false;

  /** @param sslConfiguration what is known of an encrypted connection. */
  constructor(stream: Duplex, owner: AcceptorOwner, sslConfiguration?: QSslConfiguration) {
    this.stream = stream;
    this.#owner = owner;
    this.sslConfiguration = sslConfiguration;
    listenTo(stream, this);
  }

  /**
   * Begins to read the request.
   *
   * @param timeLeft milliseconds for that; negative for no limit.
   */
  start(timeLeft: number = this.#owner.settings.handshakeTimeout): void {
    if (this.#isOver) return;
    if (timeLeft >= 0) this.#timer = setTimeout(expire, timeLeft, this);
    this.#reader = new HeadReader(SERVER_HEAD_LIMITS, isRequestLine);
    this.#phase = 'reading';
    readFrom(this.stream);
  }

  /**
   * Takes a request that was read already.
   *
   * @param early what followed it.
   * @param parameters those of its path, where that was looked at.
   */
  answer(request: HandshakeRequest | Refusal, early: Buffer, parameters?: PathParameters): void {
    this.#reader = undefined;
    this.#phase = 'deciding';
    this.#early = early;
    if (!isRefusal(request)) this.#owner.record.requested(this.stream, request);
    decide(request, this, this.#owner, parameters);
  }

  /** Answers that nothing comes of it, which is counted as `reason`. */
  refuse(refusal: Refusal, reason: RefusalReason): void {
    if (this.#isOver) return;
    this.#count(reason, refusal.status);
    this.#reader = undefined;
    this.#phase = 'refused';
    this.#early = NOTHING;
    this.#mayHold(0);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(expire, LINGER_MS, this);
    this.stream.end(writeRefusal(refusal, this.#owner.settings.serverName, new Date()));
    readFrom(this.stream);
    this.#inquiry?.cancel(reason);
  }

  /** Gives the connection up, which is counted as `reason`, if it was not refused before. */
  cut(reason: RefusalReason): void {
    this.#count(reason, 0);
    this.stream.destroy();
    this.#end(reason);
  }

  /** @internal */
  get isGone(): boolean {
    return this.#isOver || this.#phase === 'refused' || this.stream.destroyed;
  }

  /** @internal */
  peer(): Endpoint {
    return peerOf(this.stream);
  }

  /** @internal */
  get method(): Method {
    return Method.Get;
  }

  /** @internal */
  local(): Endpoint {
    return localEndOf(this.stream);
  }

  /** @internal */
  moveTo(other: AcceptorOwner): boolean {
    const before = this.#owner;
    this.#owner = other;
    return before.handOver(this, other);
  }

  /** @internal */
  waits(inquiry: UpgradeInquiry, size: number): void {
    this.#inquiry = inquiry;
    const { handshakeTimeout } = this.#owner.settings;
    if (handshakeTimeout >= 0) this.#timer ??= setTimeout(expire, handshakeTimeout, this);
    if (!this.#mayHold(size)) this.denied(crowded(this.peer()));
    // Only who reads learns that the client has left.
    else readFrom(this.stream);
  }

  /** @internal */
  granted(request: HandshakeRequest, grant: Grant): void {
    // The stream would drop what comes before the socket listens.
    this.stream.pause();
    this.#isOver = true;
    this.#mayHold(0);
    clearTimeout(this.#timer);
    this.stream.write(switchingResponse(request.key, grant.fields), 'latin1');
    this.#owner.finished(
      this,
      adoptStream(this.stream, this.#early, request, grant, this.sslConfiguration),
    );
  }

  /** @internal */
  denied({ refusal, reason, report }: Denial): void {
    this.refuse(refusal, reason);
    if (report !== undefined) this.#owner.events.refused(report.code, report.words);
  }

  /** @internal */
  get takesLent(): boolean {
    const { readableFlowing, readableLength } = this.stream;
    return this.#phase === 'reading' && readableFlowing === true && readableLength === 0;
  }

  /** @internal */
  receivedLent(length: number): void {
    this.received(readBuffer.bytes.subarray(0, length));
  }

  /** @internal */
  received(chunk: Buffer): void {
    if (this.#phase === 'deciding') {
      // Nobody has anything to say before the answer (RFC 6455 §4.1): one chunk is enough to keep.
      this.#early = Buffer.concat([this.#early, chunk]);
      this.stream.pause();
      return;
    }
    if (this.#reader === undefined) {
      this.#discarded += chunk.length;
      if (this.#discarded > LINGER_BYTES) this.cut('left');
      return;
    }
    const result = this.#reader.push(chunk);
    if (!this.#mayHold(this.#reader.heldBytes)) {
      this.denied(crowded(this.peer()));
      return;
    }
    if (result === undefined) return;
    if ('failure' in result) {
      this.denied(unreadable(result, this.peer()));
    } else {
      const { head, rest } = result;
      const recognized = this.#owner.recognize(this, head.fields);
      if (recognized === undefined) {
        this.denied(overcrowded(this.peer()));
        return;
      }
      const { isSecure, authority } = recognized;
      const request = HandshakeRequest.read(head, isSecure, authority);
      // The chunk may be lent.
      this.answer(request, rest.length === 0 ? NOTHING : Buffer.from(rest));
    }
  }

  /** @internal */
  ended(): void {
    // The client has left before it has its answer.
    if (this.#phase !== 'refused') this.cut('left');
  }

  /** @internal */
  expired(): void {
    if (this.#phase === 'reading') this.refuse(TIMED_OUT, 'timeout');
    else if (this.#phase === 'deciding') this.denied(undecided(this.peer()));
    else this.cut('timeout');
  }

  /** @internal */
  failed(): void {
    // The stream closes behind every error. Before the handshake is done nobody wants to know the cause.
  }

  /** @internal */
  closed(): void {
    this.#end('left');
  }

  #end(reason: RefusalReason): void {
    if (this.#isOver) return;
    this.#count(reason, 0);
    this.#isOver = true;
    this.#mayHold(0);
    clearTimeout(this.#timer);
    this.#owner.finished(this, undefined);
    this.#inquiry?.cancel(reason);
  }

  #count(reason: RefusalReason, status: number): void {
    if (this.#isOver || this.#isRefused) return;
    this.#isRefused = true;
    this.#owner.record.refused(this.stream, reason, status);
  }

  #mayHold(size: number): boolean {
    const before = this.#held;
    this.#held = size;
    return this.#owner.headBudget.grants(before, size);
  }
}

function expire(acceptor: Http1Acceptor): void {
  acceptor.expired();
}
