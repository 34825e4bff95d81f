import type { Duplex } from 'node:stream';
import { acceptDeflateOffer } from '../../codec/deflate-parameters.ts';
import { HandshakeRequest, versionRefusal } from '../../codec/handshake-request.ts';
import {
  BUSY,
  CROWDED,
  FORBIDDEN,
  headRefusal,
  TIMED_OUT,
  writeHandshakeResponse,
  writeRefusal,
} from '../../codec/handshake-response.ts';
import { HeadReader, SERVER_HEAD_LIMITS, type HeadFailure } from '../../codec/http-head.ts';
import { chooseSubprotocol } from '../../codec/negotiation.ts';
import { isRefusal, refuse, type Refusal } from '../../codec/refusal.ts';
import { isRequestLine } from '../../codec/request-line.ts';
import { explained, placeOf, withoutUrlSecrets } from '../../network/failure-text.ts';
import type { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import { CloseCode, Version } from '../../websockets/qwebsocketprotocol.ts';
import type { ServerBackendEvents, ServerSettings } from '../../websockets/server-backend.ts';
import { adoptStream, type AgreedCompression } from '../adopt-stream.ts';
import { DeflateCoder } from '../deflate-coder.ts';
import type { HeadBudget } from '../head-budget.ts';
import { possibleDeflate } from '../possible-deflate.ts';
import { readBuffer } from '../read-buffer.ts';
import { listenTo, readFrom, type StreamListener } from '../stream-listener.ts';

// Closing a TCP connection with unread bytes resets it, and the client may lose the answer
// (RFC 9112 §9.6). So after a refusal what still comes is read for a while.
const LINGER_MS = 1_000;
const LINGER_BYTES = 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/** The answer when the server's own name cannot be sent. */
const MISCONFIGURED: Refusal = refuse(
  500,
  'Internal Server Error',
  'The server is not configured properly.',
);

type AcceptingStream = Duplex & {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
};

/** Where the handshakes of a server come together. */
export interface AcceptorOwner {
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;
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
export class Http1Acceptor implements StreamListener {
  readonly stream: Duplex;
  readonly #owner: AcceptorOwner;
  readonly #sslConfiguration: QSslConfiguration | undefined;
  #reader: HeadReader | undefined;
  // What the reader holds, as it stands in the budget.
  #held = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
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
    const { events } = this.#owner;
    if (!events.hasRoom()) {
      const isHeadOnly = isRefusal(request) && request.isHeadOnly === true;
      this.refuse({ ...BUSY, isHeadOnly });
      events.refused(
        CloseCode.CloseCodeAbnormalDisconnection,
        this.#words('Too many pending connections.', BUSY),
      );
    } else if (isRefusal(request)) {
      this.refuse(request);
    } else {
      this.#decide(request, early);
    }
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
      this.refuse(CROWDED);
      const words = this.#words('Pending requests are too large together.', CROWDED);
      this.#owner.events.refused(CloseCode.CloseCodeAbnormalDisconnection, words);
      return;
    }
    if (result === undefined) return;
    if ('failure' in result) {
      this.#refuseHead(result);
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

  #refuseHead(failure: HeadFailure): void {
    this.refuse(headRefusal(failure));
    if (failure.part !== 'head') return;
    const words = this.#words('Header is too large.', headRefusal(failure));
    this.#owner.events.refused(CloseCode.CloseCodeTooMuchData, words);
  }

  #decide(request: HandshakeRequest, early: Buffer): void {
    const { events } = this.#owner;
    const isAllowed = events.isOriginAllowed(request.origin, request.host);
    // A slot may have closed the server, or the client gone.
    if (this.#isOver || this.stream.destroyed) return;
    if (!isAllowed) {
      this.refuse(FORBIDDEN);
      const from = request.origin === '' ? '' : `, origin ${originOf(request.origin)}`;
      const words = this.#words('Access forbidden.', FORBIDDEN, from);
      events.refused(CloseCode.CloseCodePolicyViolated, words);
    } else if (request.version !== Version.Version13) {
      this.refuse(versionRefusal());
      const asked = `, which asked for ${request.version}`;
      const words = this.#words('Unsupported version requested.', versionRefusal(), asked);
      events.refused(CloseCode.CloseCodeProtocolError, words);
    } else {
      this.#accept(request, early);
    }
  }

  #accept(request: HandshakeRequest, early: Buffer): void {
    const { events, settings } = this.#owner;
    const { serverName } = settings;
    const subprotocol = chooseSubprotocol(request.subprotocols, settings.supportedSubprotocols);
    const compression = this.#agree(request.extensions);
    const response = writeHandshakeResponse({
      key: request.key,
      subprotocol,
      extensions: compression?.extensions ?? '',
      serverName,
      date: new Date(),
    });
    if ('fault' in response) {
      this.refuse(MISCONFIGURED);
      const words = this.#words(response.fault, MISCONFIGURED, ', because of our server name');
      events.refused(CloseCode.CloseCodeAbnormalDisconnection, words);
      return;
    }
    // The stream would drop what comes before the socket listens.
    this.stream.pause();
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.stream.write(response.head, 'latin1');
    this.#owner.finished(
      this,
      adoptStream(this.stream, early, request, subprotocol, this.#sslConfiguration, compression),
    );
  }

  /** What is reported of a refusal: Qt's words, then who was answered with what, and why. */
  #words(words: string, { status }: Refusal, why = ''): string {
    const { remoteAddress, remotePort } = this.stream as AcceptingStream;
    const detail = `status ${status} to ${placeOf(remoteAddress, remotePort)}${why}`;
    return explained(words, { layer: 'HTTP', detail });
  }

  #agree(offers: readonly string[]): AgreedCompression | undefined {
    const { compression } = this.#owner.settings;
    if (compression === undefined) return undefined;
    const agreement = acceptDeflateOffer(offers, possibleDeflate(compression));
    if (agreement === undefined) return undefined;
    const { extensions, parameters } = agreement;
    return { extensions, coder: new DeflateCoder(false, parameters, compression) };
  }
}

/** An origin for people: `null` is one as well (RFC 6454 §7). */
function originOf(origin: string): string {
  if (!origin.includes('://')) return 'without a host';
  const shown = withoutUrlSecrets(origin, 'http://null');
  // As programs compare it: an origin has no path, a URL always has one.
  return origin.endsWith('/') ? shown : shown.replace(/\/$/, '');
}

function expire(acceptor: Http1Acceptor): void {
  acceptor.expired();
}
