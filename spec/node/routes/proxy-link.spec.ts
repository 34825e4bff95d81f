import { expect } from 'chai';
import { Socket } from 'node:net';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { ProxyLink } from '../../../lib/node/routes/proxy-link.ts';
import { RecordedRoute } from '../../support/recorded-route.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';

const texts = { refused: 'R', closed: 'C', timedOut: 'T', notFound: 'N' };

function linkTo(host: string, port: number): { link: ProxyLink; route: RecordedRoute } {
  const route = new RecordedRoute();
  const proxy = new QNetworkProxy(ProxyType.HttpProxy, host, port);
  return { link: new ProxyLink(proxy, { readBufferSize: 0 }, route, texts), route };
}

describe('ProxyLink', () => {
  let peer: ScriptedPeer;

  beforeEach(async () => {
    peer = await ScriptedPeer.listen();
  });

  afterEach(() => peer.close());

  it('dials the proxy, and keeps its own copy of it', async () => {
    const route = new RecordedRoute();
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', peer.port);
    const link = new ProxyLink(proxy, { readBufferSize: 0 }, route, texts);
    proxy.setPort(1);

    expect(link.dial()).to.equal(link.socket);

    await peer.accept();
    link.cancel();
  });

  it('lets go of the connection when it dials again', async () => {
    const { link } = linkTo('127.0.0.1', peer.port);
    link.dial();
    const first = await peer.accept();

    link.dial();

    expect(await first.ended()).to.equal('');
    await peer.accept();
    link.cancel();
  });

  it('takes a stream inside of the connection for it', async () => {
    const { link, route } = linkTo('127.0.0.1', peer.port);
    const other = new Socket();
    link.dial()!.destroy();

    link.wrapped(other);
    link.routed(Buffer.alloc(0));

    expect(link.socket).to.equal(other);
    expect(route.stream).to.equal(other);
  });

  it('hands over the connection, which cancel() leaves alone', async () => {
    const { link, route } = linkTo('127.0.0.1', peer.port);
    const socket = link.dial();
    await peer.accept();

    link.routed(Buffer.from('early'));
    link.cancel();

    expect(route.stream).to.equal(socket);
    expect(route.early).to.equal('early');
    expect(link.isOver).to.equal(true);
    expect(socket?.destroyed).to.equal(false);
    socket?.destroy();
  });

  const addresses: Record<string, [host: string, port: number, error: SocketError, text: string]> =
    {
      'no host': ['', 80, SocketError.ProxyNotFoundError, 'N'],
      'port 0': ['127.0.0.1', 0, SocketError.ProxyConnectionRefusedError, 'R'],
      'port 65536': ['127.0.0.1', 65_536, SocketError.ProxyConnectionRefusedError, 'R'],
      'half a port': ['127.0.0.1', 1.5, SocketError.ProxyConnectionRefusedError, 'R'],
    };
  for (const [what, [host, port, error, description]] of Object.entries(addresses)) {
    it(`fails with ${what}, but not at once`, async () => {
      const { link, route } = linkTo(host, port);

      expect(link.dial()).to.equal(undefined);
      expect(route.ends).to.equal(0);
      await route.end;

      expect(route.failure).to.deep.include({ error, description });
    });
  }

  it('does not fail any more once it was cancelled', async () => {
    const { link, route } = linkTo('', 80);
    link.dial();

    link.cancel();
    await new Promise(process.nextTick);

    expect(route.ends).to.equal(0);
  });

  const errors: [from: SocketError, to: SocketError, text: string][] = [
    [SocketError.ConnectionRefusedError, SocketError.ProxyConnectionRefusedError, 'R'],
    [SocketError.RemoteHostClosedError, SocketError.ProxyConnectionClosedError, 'C'],
    [SocketError.SocketTimeoutError, SocketError.ProxyConnectionTimeoutError, 'T'],
    [SocketError.HostNotFoundError, SocketError.ProxyNotFoundError, 'N'],
    [SocketError.NetworkError, SocketError.NetworkError, 'own text'],
  ];
  for (const [from, to, text] of errors) {
    it(`tells error ${from} of the socket as ${to}`, () => {
      const { link, route } = linkTo('127.0.0.1', peer.port);

      const detail = '127.0.0.1:80 EWHATEVER';

      link.broken({ error: from, description: 'own text', cause: { layer: 'TCP', detail } });

      expect(route.failure).to.deep.include({ error: to, description: text });
      expect(route.failure?.cause).to.deep.include({ layer: 'proxy', detail });
    });
  }

  it('fails once, and closes the connection before', async () => {
    const { link, route } = linkTo('127.0.0.1', peer.port);
    const socket = link.dial();
    const connection = await peer.accept();

    link.fail(SocketError.NetworkError, 'first', 'detail');
    link.fail(SocketError.NetworkError, 'second', 'detail');

    expect(route.failure?.description).to.equal('first');
    expect(route.ends).to.equal(1);
    expect(socket?.destroyed).to.equal(true);
    expect(link.socket).to.equal(undefined);
    await connection.ended();
  });
});
