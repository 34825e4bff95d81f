import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpHead } from '../../codec/http-head.ts';
import { writeHead } from '../../codec/http-head.ts';
import { ChallengeOutcome, HttpAuthentication } from '../../codec/http-authentication.ts';
import { fieldValues, readStatusLine } from '../../codec/http-response.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import { authorityHost } from '../authority.ts';
import { HttpExchange, type ExchangeEvents } from '../http-exchange.ts';
import type { SocketFailure } from '../socket-errors.ts';
import { ProxyLink, type ProxyTexts } from './proxy-link.ts';
import { ProxyTls, type ProxyTlsEvents } from './proxy-tls.ts';
import type { Route, RouteEvents, RouteOptions } from './route.ts';

const TEXTS: ProxyTexts = {
  refused: 'Proxy connection refused',
  closed: 'Proxy connection closed prematurely',
  timedOut: 'Proxy server connection timed out',
  notFound: 'Proxy server not found',
};

/**
 * Reaches `host` through an HTTP proxy with CONNECT (RFC 9110 §9.3.6).
 *
 * When the proxy asks who is there (407), its own user and password are tried first, then
 * {@link RouteEvents.proxyAuthenticationRequired} asks. Nothing meant for the peer is sent before
 * the proxy has agreed, and nothing at all to an encrypted proxy that cannot be verified. Errors and texts are Qt's.
 *
 * @param host a name in ASCII, or an IPv4 or IPv6 address without brackets.
 */
export function connectTunnel(
  proxy: QNetworkProxy,
  host: string,
  port: number,
  options: RouteOptions,
  events: RouteEvents,
): Route {
  return new ConnectTunnel(proxy, host, port, options, events);
}

class ConnectTunnel implements Route, ExchangeEvents, ProxyTlsEvents {
  readonly #link: ProxyLink;
  readonly #options: RouteOptions;
  readonly #host: string;
  readonly #target: string;
  readonly #events: RouteEvents;
  readonly #authentication: HttpAuthentication;
  #exchange: HttpExchange | undefined;

  constructor(
    proxy: QNetworkProxy,
    host: string,
    port: number,
    options: RouteOptions,
    events: RouteEvents,
  ) {
    this.#link = new ProxyLink(proxy, options, events, TEXTS);
    this.#options = options;
    this.#host = authorityHost(host);
    this.#target = `${this.#host}:${port}`;
    this.#events = events;
    const credentials = { user: proxy.user(), password: proxy.password() };
    this.#authentication = new HttpAuthentication(credentials);
  }

  get socket(): Socket | undefined {
    return this.#link.socket;
  }

  get waitsFor(): string {
    return this.#link.waitsFor;
  }

  start(): void {
    this.#events.record?.routed('HTTP proxy', this.#link.place);
    const socket = this.#link.dial();
    if (socket === undefined) return;
    const { proxy } = this.#link;
    if (proxy.isEncrypted()) {
      const { sslConfiguration } = this.#options;
      new ProxyTls(socket, proxy.hostName(), sslConfiguration, this).start();
    } else {
      this.#request(socket);
    }
  }

  cancel(): void {
    this.#exchange?.cancel();
    this.#link.cancel();
  }

  secured(stream: TLSSocket): void {
    this.#events.record?.secured(stream, true);
    this.#link.wrapped(stream);
    this.#request(stream);
  }

  answered(head: HttpHead, early: Buffer): void {
    const status = readStatusLine(head.startLine)?.status;
    if (status !== undefined && status !== 407) this.#tell(status);
    if (status === undefined) this.garbled();
    else if (status >= 200 && status < 300) this.#link.routed(early);
    else if (status === 407) this.#challenged(head);
    else this.#link.fail(...refusalOf(status), this.#answer(`status ${status}`));
  }

  garbled(): void {
    const description = 'Did not receive HTTP response from proxy';
    const advice = 'Does it speak SOCKS, or TLS?';
    this.#link.fail(
      SocketError.ProxyProtocolError,
      description,
      this.#answer('no HTTP/1.1'),
      advice,
    );
  }

  broken(failure: SocketFailure): void {
    this.#link.broken(failure);
  }

  skipped(isReusable: boolean): void {
    if (isReusable) this.#request(this.#link.socket!);
    else this.start();
  }

  bytesWritten(): void {}

  #request(socket: Socket): void {
    // Host without the port is Qt's; proxies go by the target.
    const fields = ['Proxy-Connection', 'keep-alive', 'Host', this.#host];
    fields.push('User-Agent', 'Mozilla/5.0');
    const request = { method: 'CONNECT', uri: this.#target };
    const authorization = this.#authentication.authorization(request);
    if (authorization !== '') fields.push('Proxy-Authorization', authorization);

    this.#exchange = new HttpExchange(socket, this, this.#link.place);
    this.#exchange.start(writeHead(`CONNECT ${this.#target} HTTP/1.1`, fields));
  }

  #challenged(head: HttpHead): void {
    const outcome = this.#authentication.challenged(
      fieldValues(head, 'proxy-authenticate'),
      (authenticator) => {
        this.#events.proxyAuthenticationRequired(this.#link.proxy.clone(), authenticator);
      },
    );
    // A slot may have given the attempt up.
    if (this.#link.isOver) return;
    const isAnswered = outcome === ChallengeOutcome.Answered;
    this.#events.record?.challenged(407, true, isAnswered);
    if (isAnswered) {
      this.#exchange!.skipBody();
    } else if (outcome === ChallengeOutcome.Unanswered) {
      this.#link.fail(
        SocketError.ProxyAuthenticationRequiredError,
        'Authentication required',
        this.#answer('status 407'),
        'Give the QNetworkProxy a user and password, or answer proxyAuthenticationRequired.',
      );
    } else {
      this.#link.fail(
        SocketError.ProxyProtocolError,
        'Error parsing authentication request from proxy',
        this.#answer('status 407, without a challenge of Basic or Digest'),
      );
    }
  }

  #tell(status: number): void {
    const isOpen = status >= 200 && status < 300;
    this.#events.record?.tunnelled(this.#link.place, this.#target, isOpen, status);
  }

  #answer(found: string): string {
    return `${this.#link.place} answered CONNECT ${this.#target} with ${found}`;
  }
}

/** What Qt makes of a proxy's refusal. */
function refusalOf(status: number): [error: SocketError, description: string] {
  switch (status) {
    case 403:
    case 405:
      return [SocketError.SocketAccessError, 'Proxy denied connection'];
    case 404:
      return [SocketError.HostNotFoundError, 'Host not found'];
    case 503:
      return [SocketError.ConnectionRefusedError, 'Connection refused'];
    default:
      return [SocketError.ProxyProtocolError, 'Error communicating with HTTP proxy'];
  }
}
