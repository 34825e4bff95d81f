import { expect } from 'chai';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { QAuthenticator } from '../../lib/network/qauthenticator.ts';
import type { QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import type { RouteEvents } from '../../lib/node/routes/route.ts';
import type { SocketFailure } from '../../lib/node/socket-errors.ts';
import type { ScriptedConnection } from './scripted-peer.ts';

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

  /** Fails unless the stream and `far` have each other's bytes. */
  async leadsTo(far: ScriptedConnection): Promise<void> {
    this.stream!.write('through');
    expect(await far.bytes(7)).to.equal(Buffer.from('through').toString('hex'));
    far.say('back');
    this.stream!.resume();
    const [chunk] = (await once(this.stream!, 'data')) as [Buffer];
    expect(chunk.toString()).to.equal('back');
  }

  #end(): void {
    this.ends++;
    this.#resolve();
  }
}
