import type { Socket } from 'node:net';
import { askFor, credentialsOf, hasCredentials, MAX_REFUSALS } from '../../codec/credentials.ts';
import { Socks5Handshake, type Socks5Sink, type Socks5Target } from '../../codec/socks5.ts';
import { placeOf } from '../../network/failure-text.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import { QAuthenticator } from '../../network/qauthenticator.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import { BorrowedStream, type BorrowerEvents } from '../borrowed-stream.ts';
import type { SocketFailure } from '../socket-errors.ts';
import { ProxyLink, type ProxyTexts } from './proxy-link.ts';
import type { Route, RouteEvents, RouteOptions } from './route.ts';

const TEXTS: ProxyTexts = {
  refused: 'Connection to proxy refused',
  closed: 'Connection to proxy closed prematurely',
  timedOut: 'Connection to proxy timed out',
  notFound: 'Proxy host not found',
};

/**
 * Reaches `host` through a SOCKS 5 proxy (RFC 1928), which resolves the name.
 *
 * User and password of the proxy are offered at once (RFC 1929). When it wants others, or any,
 * {@link RouteEvents.proxyAuthenticationRequired} asks, and the next try is a new connection.
 * Nothing meant for the peer is sent before the proxy has agreed. Errors and texts are Qt's.
 *
 * @param host a name in ASCII, or an IPv4 or IPv6 address without brackets.
 */
export function socks5Tunnel(
  proxy: QNetworkProxy,
  host: string,
  port: number,
  options: RouteOptions,
  events: RouteEvents,
): Route {
  return new Socks5Tunnel(proxy, { host, port }, options, events);
}

class Socks5Tunnel implements Route, Socks5Sink, BorrowerEvents {
  readonly #link: ProxyLink;
  readonly #target: Socks5Target;
  readonly #events: RouteEvents;
  readonly #authenticator = new QAuthenticator();
  #refusals = 0;
  #borrowed: BorrowedStream | undefined;
  #handshake: Socks5Handshake | undefined;

  constructor(
    proxy: QNetworkProxy,
    target: Socks5Target,
    options: RouteOptions,
    events: RouteEvents,
  ) {
    this.#link = new ProxyLink(proxy, options, events, TEXTS);
    this.#target = target;
    this.#events = events;
    this.#authenticator.setUser(proxy.user());
    this.#authenticator.setPassword(proxy.password());
  }

  get socket(): Socket | undefined {
    return this.#link.socket;
  }

  get waitsFor(): string {
    return this.#link.waitsFor;
  }

  start(): void {
    this.#events.record?.routed('SOCKS 5 proxy', this.#link.place);
    const socket = this.#link.dial();
    if (socket === undefined) return;
    this.#borrowed = new BorrowedStream(socket, this, this.#link.place);
    this.#borrowed.take();
    this.#handshake = new Socks5Handshake(this.#target, credentialsOf(this.#authenticator), this);
    socket.once('connect', () => this.#handshake!.start());
  }

  cancel(): void {
    this.#borrowed?.giveBack();
    this.#link.cancel();
  }

  received(chunk: Buffer): void {
    this.#handshake!.push(chunk);
  }

  broken(failure: SocketFailure): void {
    this.#link.broken(failure);
  }

  send(bytes: Buffer): void {
    this.#link.socket!.write(bytes);
  }

  connected(early: Buffer): void {
    this.#borrowed!.giveBack();
    this.#tell(true);
    this.#link.routed(early);
  }

  refused(): void {
    this.#borrowed!.giveBack();
    this.#refusals++;
    const hasAnswer = this.#refusals <= MAX_REFUSALS && this.#ask();
    // A slot may have given the attempt up.
    if (this.#link.isOver) return;
    this.#events.record?.challenged(0, true, hasAnswer);
    if (hasAnswer) {
      this.start();
    } else {
      this.#link.fail(
        SocketError.ProxyAuthenticationRequiredError,
        'Proxy authentication failed',
        `${this.#link.place} wants another user and password, or any`,
        'Give the QNetworkProxy a user and password, or answer proxyAuthenticationRequired.',
      );
    }
  }

  failed(error: SocketError, description: string, detail: string): void {
    this.#borrowed!.giveBack();
    this.#tell(false);
    const { place } = this.#link;
    this.#link.fail(error, description, `${place}, asked for ${this.#wanted}: ${detail}`);
  }

  get #wanted(): string {
    return placeOf(this.#target.host, this.#target.port);
  }

  #tell(isOpen: boolean): void {
    this.#events.record?.tunnelled(this.#link.place, this.#wanted, isOpen, 0);
  }

  #ask(): boolean {
    const isNew = askFor(this.#authenticator, (authenticator) => {
      this.#events.proxyAuthenticationRequired(this.#link.proxy.clone(), authenticator);
    });
    return isNew && hasCredentials(credentialsOf(this.#authenticator));
  }
}
