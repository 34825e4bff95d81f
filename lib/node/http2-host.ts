import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { SERVER_HEAD_LIMITS } from '../codec/http-head.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import {
  MAX_STREAMS,
  MOST_COOKIES,
  PSEUDO_FIELDS,
  SESSION_MEMORY_MB,
  STREAM_WINDOW,
} from './http2-limits.ts';
import type { RefusalReason } from '../websockets/server-statistics.ts';
import type { StreamHost } from './acceptors/http2.ts';
import { http2Module, widenWindow } from './http2-module.ts';
import { Http2Watch } from './http2-watch.ts';
import { localEndOf, peerOf, type SaidEnds } from './stream-ends.ts';

// In milliseconds: how long a client may take to close what was ended.
const LINGER_MS = 1_000;

/** Where the connections of HTTP/2 of a server come together. */
export interface Http2HostOwner {
  /** A client asks for something; `fields` are name, value, name, value, … */
  requested(host: Http2Host, stream: ServerHttp2Stream, fields: readonly string[]): void;
  /** No WebSocket is open there; returns for how many milliseconds that may be so, negative for ever. */
  idle(host: Http2Host): number;
  /** The end of {@link idle}. */
  busy(host: Http2Host): void;
  /** Nothing is carried there any more that counts in the place of the connection. */
  unused(host: Http2Host): void;
  /** The connection is gone; `reason` is why, for one that has asked for nothing. */
  left(host: Http2Host, reason: RefusalReason): void;
}

/**
 * A connection of HTTP/2 to a server of WebSockets, which are its streams.
 *
 * It ends when no WebSocket was open on it for a while.
 */
export class Http2Host implements StreamHost {
  /** What is known of TLS. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  readonly ends: SaidEnds;
  /** What HTTP/2 is spoken on. */
  readonly stream: Duplex;
  readonly #session: ServerHttp2Session;
  readonly #owner: Http2HostOwner;
  readonly #watch: Http2Watch;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sockets = 0;
  #carried = 0;
  #hasAsked = false;
  #reason: RefusalReason = 'left';

  /** @param stream HTTP/2 was agreed on for it, and nothing read yet. */
  constructor(
    stream: Duplex,
    owner: Http2HostOwner,
    sslConfiguration: QSslConfiguration | undefined,
  ) {
    this.sslConfiguration = sslConfiguration;
    this.#owner = owner;
    this.stream = stream;
    // A client that leaves within HTTP/2 has nothing more to hear.
    stream.allowHalfOpen = false;
    this.ends = { peer: peerOf(stream), local: localEndOf(stream) };
    const session = http2Module().performServerHandshake(stream, {
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: MAX_STREAMS,
        initialWindowSize: STREAM_WINDOW,
      },
      maxHeaderListPairs: SERVER_HEAD_LIMITS.maxFields + PSEUDO_FIELDS + MOST_COOKIES,
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    this.#session = session;
    this.#watch = new Http2Watch(stream, session, () => this.cut('left'));
    // The settings have to go out first (RFC 9113 §3.4).
    session.once('localSettings', () => widenWindow(session));
    session.on('stream', this.#requested);
    // The session closes behind it.
    session.on('error', ignore);
    session.on('close', () => this.#left());
  }

  /** Whether there was a request before. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }

  /** Whether something is carried that counts in the place of the connection. */
  get isUsed(): boolean {
    return this.#carried > 0;
  }

  /** Has `stream` count in the place of the connection, until it is closed. */
  carries(stream: Duplex): void {
    this.#carried++;
    stream.once('close', () => {
      this.#carried--;
      if (this.isUsed) return;
      this.#owner.unused(this);
      if (this.#sockets === 0 && this.#session.closed) this.#linger();
    });
  }

  /** @param timeLeft milliseconds until there must be a WebSocket; negative for no limit. */
  start(timeLeft: number): void {
    this.#wait(timeLeft);
  }

  /** One more WebSocket is open; it ends with {@link closed}. */
  opened(): void {
    this.#sockets++;
    if (this.#sockets > 1) return;
    clearTimeout(this.#timer);
    this.#watch.start();
    this.#owner.busy(this);
  }

  closed(): void {
    this.#sockets--;
    // Its streams may close behind the connection.
    if (this.#sockets > 0 || this.#session.destroyed) return;
    this.#watch.stop();
    if (this.#session.closed) this.#linger();
    else this.#wait(this.#owner.idle(this));
  }

  /** Takes no more requests, and ends with the last WebSocket; a request under way may still become one. */
  close(): void {
    this.#session.close();
    if (this.#sockets === 0) this.#linger();
  }

  /** Gives the connection up, with all that is open there. */
  cut(reason: RefusalReason): void {
    this.#reason = reason;
    this.stream.destroy();
  }

  readonly #requested = (
    stream: ServerHttp2Stream,
    _headers: IncomingHttpHeaders,
    _flags: number,
    fields: readonly string[],
  ): void => {
    // Whoever takes the stream hears of it; until then its errors are nobody's business.
    stream.on('error', ignore);
    this.#owner.requested(this, stream, fields);
    this.#hasAsked = true;
  };

  #wait(time: number): void {
    if (time < 0) return;
    this.#timer = setTimeout(() => {
      this.#reason = 'timeout';
      this.close();
    }, time);
  }

  #linger(): void {
    clearTimeout(this.#timer);
    // What is carried has a time of its own.
    if (this.isUsed || this.#session.destroyed) return;
    this.#timer = setTimeout(() => this.cut(this.#reason), LINGER_MS);
  }

  #left(): void {
    clearTimeout(this.#timer);
    this.#watch.stop();
    this.#owner.left(this, this.#reason);
  }
}

function ignore(): void {}
