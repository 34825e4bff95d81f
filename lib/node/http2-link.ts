import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import { Http2Error } from './http2-error.ts';
import { STREAM_WINDOW } from './http2-limits.ts';
import { http2Module, widenWindow } from './http2-module.ts';
import { headersOf } from './http2-socket.ts';
import { Http2Watch } from './http2-watch.ts';
import { localEndOf, peerOf, type SaidEnds } from './stream-ends.ts';

// Of these, HPACK keeps nothing in its tables (RFC 7541 §7.1.3).
const SECRET = ['authorization', 'cookie', 'proxy-authorization'];

// What a server may say that it speaks for besides (RFC 8336): Node keeps all of it, and nobody asks.
const MOST_ORIGINS = 256;

// In milliseconds: how long a server may take to close what was ended.
const LINGER_MS = 1_000;

/** Learns when a {@link Http2Link} can be used, or that it cannot. */
export interface LinkUser {
  /** The server's settings are known; whether they allow WebSockets. */
  linkReady(allowsWebSockets: boolean): void;
  /** They allow fewer sockets than want to use it. */
  linkFull(): void;
  /** The connection has ended before that. */
  linkLost(error: NodeJS.ErrnoException | undefined): void;
}

/** Who gives a {@link Http2Link} to sockets. */
export interface LinkOwner {
  /** No socket is to begin there any more. */
  forget(link: Http2Link): void;
}

/** What TLS has found out about the peer of a {@link Http2Link}. */
export interface LinkSecurity {
  readonly configuration: QSslConfiguration;
  /** What is wrong with the peer; each socket decides for itself whether it goes on. */
  readonly errors: readonly QSslError[];
}

/**
 * A client's connection of HTTP/2, for the sockets that share it.
 *
 * It is closed when the last one lets go of it.
 */
export class Http2Link {
  /** Undefined without TLS. */
  readonly security: LinkSecurity | undefined;
  readonly ends: SaidEnds;
  readonly #stream: Duplex;
  readonly #session: ClientHttp2Session;
  readonly #owner: LinkOwner;
  readonly #watch: Http2Watch;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #waiting = new Set<LinkUser>();
  #users = 0;
  #origins = 0;
  #isKnown = false;
  #isSpent = false;
  #error: NodeJS.ErrnoException | undefined;

  /** @param stream is connected, and speaks HTTP/2 but has said nothing yet. */
  constructor(stream: Duplex, security: LinkSecurity | undefined, owner: LinkOwner) {
    this.security = security;
    this.#stream = stream;
    this.#owner = owner;
    this.ends = { peer: peerOf(stream), local: localEndOf(stream) };
    // A server that leaves within HTTP/2 has nothing more to say.
    stream.allowHalfOpen = false;
    // Of a socket that was paused before its first read, HTTP/2 would never hear.
    stream.read(0);
    // The authority stands in each request.
    this.#session = http2Module().connect('https://localhost', {
      createConnection: () => stream,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    });
    this.#session.once('connect', () => widenWindow(this.#session));
    this.#session.once('remoteSettings', () => this.#settled());
    this.#session.on('goaway', () => this.spend());
    this.#session.on('origin', (origins) => this.#named(origins.length));
    this.#session.on('error', (error) => (this.#error = error));
    this.#session.on('close', () => this.#closed());
    this.#watch = new Http2Watch(stream, this.#session, () => this.#stream.destroy());
    this.#watch.start();
  }

  /** Whether one more socket may begin here. */
  get hasRoom(): boolean {
    if (this.#isSpent || this.#session.closed) return false;
    return !this.#isKnown || this.#users < this.#limit;
  }

  /** Keeps it open for `user`, who is told on a later turn how it stands; ends with {@link release}. */
  acquire(user: LinkUser): void {
    this.#users++;
    this.#waiting.add(user);
    if (this.#session.destroyed) process.nextTick(() => this.#closed());
    else if (this.#isKnown) process.nextTick(() => this.#tell(user));
  }

  /** The end of an {@link acquire}; `user` is told nothing more. */
  release(user?: LinkUser): void {
    if (user !== undefined) this.#waiting.delete(user);
    this.#users--;
    if (this.#users > 0) return;
    this.spend();
    this.#session.close();
    this.#watch.stop();
    if (this.#stream.destroyed) return;
    // Node only ends our side, and a server that hangs never ends its own.
    this.#timer = setTimeout(() => this.#stream.destroy(), LINGER_MS);
    this.#timer.unref();
  }

  /** Begins nothing more here; what is open goes on. */
  spend(): void {
    if (this.#isSpent) return;
    this.#isSpent = true;
    this.#owner.forget(this);
  }

  /** Asks for a stream; throws what Node has against the fields. */
  request(fields: readonly string[]): ClientHttp2Stream {
    const secrets = { [http2Module().sensitiveHeaders]: SECRET };
    return this.#session.request({ ...headersOf(fields), ...secrets }, { endStream: false });
  }

  #settled(): void {
    this.#isKnown = true;
    if (!this.#allowsWebSockets) this.spend();
    for (const user of this.#waiting) this.#tell(user);
  }

  get #allowsWebSockets(): boolean {
    // A server may allow no stream for a while (RFC 9113 §5.1.2): another connection would do no better.
    return this.#session.remoteSettings.enableConnectProtocol === true && this.#limit > 0;
  }

  get #limit(): number {
    return this.#session.remoteSettings.maxConcurrentStreams ?? Infinity;
  }

  #named(origins: number): void {
    this.#origins += origins;
    if (this.#origins > MOST_ORIGINS) this.#session.destroy(undefined, Http2Error.EnhanceYourCalm);
  }

  #tell(user: LinkUser): void {
    // It may have let go.
    if (!this.#waiting.delete(user)) return;
    if (this.#allowsWebSockets && this.#users > this.#limit) user.linkFull();
    else user.linkReady(this.#allowsWebSockets);
  }

  #closed(): void {
    clearTimeout(this.#timer);
    this.#watch.stop();
    this.spend();
    for (const user of this.#waiting) {
      if (this.#waiting.delete(user)) user.linkLost(this.#error);
    }
  }
}

/** Whether a request was not even sent, because the connection is ending. */
export function cameTooLate({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION';
}

/** Whether a stream was refused before the server has looked at its request (RFC 9113 §8.7). */
export function wasRefused({ rstCode }: ClientHttp2Stream): boolean {
  return rstCode === Http2Error.RefusedStream;
}

/** Whether the server wants that request in HTTP/1.1. */
export function wantsHttp1({ rstCode }: ClientHttp2Stream): boolean {
  return rstCode === Http2Error.Http11Required;
}
