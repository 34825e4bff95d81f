import type { Duplex } from 'node:stream';
import { HandshakeRequest } from '../../codec/handshake-request.ts';
import { switchingResponse, TIMED_OUT, writeRefusal } from '../../codec/handshake-response.ts';
import { HeadReader, SERVER_HEAD_LIMITS } from '../../codec/http-head.ts';
import type { Refusal } from '../../codec/refusal.ts';
import { isRequestLine } from '../../codec/request-line.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import type { Endpoint } from '../../websockets/socket-backend.ts';
import { adoptStream } from '../adopt-stream.ts';
import type { HeadBudget } from '../head-budget.ts';
import { readBuffer } from '../read-buffer.ts';
import { listenTo, readFrom, type StreamListener } from '../stream-listener.ts';
import {
  crowded,
  decide,
  unreadable,
  type Applicant,
  type Denial,
  type Grant,
  type Office,
} from './admission.ts';

// Closing a TCP connection with unread bytes resets it, and the client may lose the answer
// (RFC 9112 §9.6). So after a refusal what still comes is read for a while.
const LINGER_MS = 1_000;
const LINGER_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

type AcceptingStream = Duplex & {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
};

/** Where the handshakes of a server come together. */
export interface AcceptorOwner extends Office {
  readonly headBudget: HeadBudget;
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
  readonly #owner: AcceptorOwner;
  readonly #sslConfiguration: QSslConfiguration | undefined;
  #reader: HeadReader | undefined;
  // What the reader holds, as it stands in the budget.
  #held = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // What came behind the request.
  #early: Buffer = NOTHING;
  #discarded = 0;
  #isOver = false;

  /** @param sslConfiguration what is known of an encrypted connection. */
  constructor(stream: Duplex, owner: AcceptorOwner, sslConfiguration?: QSslConfiguration) {
    this.stream = stream;
    this.#owner = owner;
    this.#sslConfiguration = sslConfiguration;
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
    readFrom(this.stream);
  }

  /** Takes a request that was read already; `early` is what followed it. */
  answer(request: HandshakeRequest | Refusal, early: Buffer): void {
    this.#early = early;
    decide(request, this, this.#owner);
  }

  /** Answers that nothing comes of it. */
  refuse(refusal: Refusal): void {
    if (this.#isOver) return;
    const isReading = this.#reader !== undefined;
    this.#reader = undefined;
    this.#mayHold(0);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(expire, LINGER_MS, this);
    this.stream.end(writeRefusal(refusal, this.#owner.settings.serverName, new Date()));
    if (!isReading) readFrom(this.stream);
  }

  /** Gives the connection up. */
  cut(): void {
    this.stream.destroy();
    this.closed();
  }

  /** @internal */
  get isGone(): boolean {
    return this.#isOver || this.stream.destroyed;
  }

  /** @internal */
  peer(): Endpoint {
    const { remoteAddress = '', remotePort = 0 } = this.stream as AcceptingStream;
    return { address: remoteAddress, port: remotePort };
  }

  /** @internal */
  granted(request: HandshakeRequest, { subprotocol, compression, fields }: Grant): void {
    // The stream would drop what comes before the socket listens.
    this.stream.pause();
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.stream.write(switchingResponse(request.key, fields), 'latin1');
    const configuration = this.#sslConfiguration;
    this.#owner.finished(
      this,
      adoptStream(this.stream, this.#early, request, subprotocol, configuration, compression),
    );
  }

  /** @internal */
  denied({ refusal, report }: Denial): void {
    this.refuse(refusal);
    if (report !== undefined) this.#owner.events.refused(report.code, report.words);
  }

  /** @internal */
  get takesLent(): boolean {
    const { readableFlowing, readableLength } = this.stream;
    return this.#reader !== undefined && readableFlowing === true && readableLength === 0;
  }

  /** @internal */
  receivedLent(length: number): void {
    this.received(readBuffer.bytes.subarray(0, length));
  }

  /** @internal */
  received(chunk: Buffer): void {
    if (this.#reader === undefined) {
      this.#discarded += chunk.length;
      if (this.#discarded > LINGER_BYTES) this.cut();
      return;
    }
    const result = this.#reader.push(chunk);
    if (!this.#mayHold(this.#reader.heldBytes)) {
      this.denied(crowded(this));
      return;
    }
    if (result === undefined) return;
    if ('failure' in result) {
      this.denied(unreadable(result, this));
    } else {
      const request = HandshakeRequest.read(result.head, this.#owner.settings.isSecure);
      // The chunk may be lent.
      this.answer(request, result.rest.length === 0 ? NOTHING : Buffer.from(result.rest));
    }
  }

  /** @internal */
  ended(): void {
    // The client has left before it has asked for anything.
    if (this.#reader !== undefined) this.cut();
  }

  /** @internal */
  expired(): void {
    if (this.#reader === undefined) this.cut();
    else this.refuse(TIMED_OUT);
  }

  /** @internal */
  failed(): void {
    // The stream closes behind every error. Before the handshake is done nobody wants to know the cause.
  }

  /** @internal */
  closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#mayHold(0);
    clearTimeout(this.#timer);
    this.#owner.finished(this, undefined);
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
