import { expect } from 'chai';
import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { restore, useFakeTimers } from 'sinon';
import type { ProxiedEnds } from '../../../lib/codec/proxy-header.ts';
import {
  ProxyProtocolAcceptor,
  type ProxyProtocolOwner,
} from '../../../lib/node/acceptors/proxy-protocol.ts';
import { hex } from '../../support/hex.ts';

const HEADER = hex('0D0A0D0A000D0A515549540A 21 11 000C C6336401 CB007101 1267 01BB');
const ENDS: ProxiedEnds = {
  peer: { address: '198.51.100.1', port: 4711 },
  local: { address: '203.0.113.1', port: 443 },
};

/** Keeps what it is told. */
class Owner implements ProxyProtocolOwner {
  readonly settings = { handshakeTimeout: 1000 };
  readonly introductions: [ends: ProxiedEnds | undefined, timeLeft: number][] = [];
  readonly drops: (string | undefined)[] = [];

  introduced(_: ProxyProtocolAcceptor, ends: ProxiedEnds | undefined, timeLeft: number): void {
    this.introductions.push([ends, timeLeft]);
  }

  dropped(_: ProxyProtocolAcceptor, _reason: string, fault?: string): void {
    this.drops.push(fault);
  }
}

describe('ProxyProtocolAcceptor', () => {
  let owner: Owner;
  let proxy: Duplex;
  let stream: Duplex;
  let acceptor: ProxyProtocolAcceptor;

  beforeEach(() => {
    owner = new Owner();
    [proxy, stream] = duplexPair();
    acceptor = new ProxyProtocolAcceptor(stream, owner);
  });

  afterEach(() => {
    restore();
    proxy.destroy();
    stream.destroy();
  });

  /** Gives the acceptor what the proxy says. */
  async function say(bytes: Uint8Array): Promise<void> {
    const came = once(stream, 'data');
    proxy.write(bytes);
    await came;
  }

  it('tells what the proxy says, and leaves what follows in the stream, which is paused', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    acceptor.start();
    await say(HEADER.subarray(0, 9));
    clock.tick(250);
    await say(Buffer.concat([HEADER.subarray(9), Buffer.from('GET')]));

    expect(owner.introductions).to.deep.equal([[ENDS, 750]]);
    expect(stream.isPaused()).to.equal(true);
    expect(stream.listenerCount('data')).to.equal(0);
    expect(String(stream.read())).to.equal('GET');

    clock.tick(1000);
    expect(owner.drops).to.deep.equal([]);
    expect(stream.destroyed).to.equal(false);
  });

  it('has no end of time without a limit', async () => {
    owner.settings.handshakeTimeout = -1;
    acceptor.start();
    await say(HEADER);

    expect(owner.introductions).to.deep.equal([[ENDS, -1]]);
  });

  it('tells what was no header, and cuts', async () => {
    acceptor.start();
    await say(Buffer.from('GET / HTTP/1.1\r\n'));

    expect(owner.drops).to.deep.equal(['no PROXY header']);
    expect(stream.destroyed).to.equal(true);
  });

  it('gives up when the time is over', () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    acceptor.start();
    clock.tick(999);
    expect(owner.drops).to.deep.equal([]);

    clock.tick(1);

    expect(owner.drops).to.deep.equal([undefined]);
    expect(stream.destroyed).to.equal(true);
  });

  it('gives up when the proxy ends', async () => {
    acceptor.start();
    proxy.end(HEADER.subarray(0, 9));
    await once(stream, 'close');

    expect(owner.drops).to.deep.equal([undefined]);
  });

  it('gives up when the stream fails, also before it is read', async () => {
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(new Error('read ECONNRESET'));
    await closed;

    acceptor.start();
    expect(owner.drops).to.deep.equal([undefined]);
  });

  it('is cut once', () => {
    acceptor.start();
    acceptor.cut('closed');
    acceptor.cut('closed');

    expect(owner.drops).to.deep.equal([undefined]);
    expect(stream.destroyed).to.equal(true);
  });
});
