import type { Duplex } from 'node:stream';
import type { QAuthenticator } from '../../lib/network/qauthenticator.ts';
import type { QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import type { RouteEvents } from '../../lib/node/routes/route.ts';
import type { SocketFailure } from '../../lib/node/socket-errors.ts';

/** Remembers what a route tells. */
export class RecordedRoute implements RouteEvents {
  /** What is done when a proxy asks; nothing unless it is set. */
  answer: (authenticator: QAuthenticator, proxy: QNetworkProxy) => void = () => {};
  /** How often a proxy has asked. */
  asked = 0;
  /** How often the route has ended. */
  ends = 0;
  stream: Duplex | undefined;
  early = '';
  failure: SocketFailure | undefined;
  /** Resolves at the end. */
  readonly end: Promise<void>;
  #resolve: () => void = () => {};

  constructor() {
    this.end = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  routed(stream: Duplex, early: Buffer): void {
    this.stream = stream;
    this.early = early.toString('latin1');
    this.#end();
  }

  routeFailed(failure: SocketFailure): void {
    this.failure = failure;
    this.#end();
  }

  proxyAuthenticationRequired(proxy: QNetworkProxy, authenticator: QAuthenticator): void {
    this.asked++;
    this.answer(authenticator, proxy);
  }

  #end(): void {
    this.ends++;
    this.#resolve();
  }
}
