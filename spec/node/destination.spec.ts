import { expect } from 'chai';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { destinationOf, type Destination } from '../../lib/node/destination.ts';
import { QNetworkProxyFactory } from '../../lib/node/qnetworkproxyfactory.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import type { OpenRefusal } from '../../lib/websockets/socket-backend.ts';
import { hasLocalSockets } from '../support/local-path.ts';
import { RecordedRoute } from '../support/recorded-route.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';

const DIRECT = new QNetworkProxy(ProxyType.NoProxy);
const sslConfiguration = new QSslConfiguration();

function find(url: string, proxy: QNetworkProxy = DIRECT): Destination | OpenRefusal {
  const request = {
    url: new QUrl(url),
    resourceName: '/',
    origin: '',
    subprotocols: [],
    headers: new QHttpHeaders(),
    proxy,
    sslConfiguration,
  };
  return destinationOf(request, 0);
}

function found(url: string, proxy?: QNetworkProxy): Destination {
  const destination = find(url, proxy);
  if ('error' in destination) throw new Error(destination.description);
  return destination;
}

describe('destinationOf()', () => {
  afterEach(() => QNetworkProxy.setApplicationProxy(new QNetworkProxy()));

  const urls: Record<string, [host: string, authority: string, isSecure: boolean]> = {
    'ws://host.example/': ['host.example', 'host.example', false],
    'ws://host.example:80/': ['host.example', 'host.example:80', false],
    'wss://host.example/': ['host.example', 'host.example', true],
    'wss://host.example:4433/': ['host.example', 'host.example:4433', true],
    'WSS://HOST.example/': ['host.example', 'host.example', true],
    'ws://me:secret@host.example/': ['host.example', 'host.example', false],
    'ws://bücher.example:81/': ['xn--bcher-kva.example', 'xn--bcher-kva.example:81', false],
    'wss://[2001:db8::1]:4433/': ['2001:db8::1', '[2001:db8::1]:4433', true],
    'ws://[fe80::1%25eth0]/': ['fe80::1%eth0', '[fe80::1]', false],
    'ws+unix:/run/s.sock:/': ['', 'localhost', false],
  };
  for (const [url, [host, authority, isSecure]] of Object.entries(urls)) {
    it(`finds ${host || 'this machine'} in ${url}`, () => {
      const destination = found(url);

      expect([destination.host, destination.authority]).to.deep.equal([host, authority]);
      expect(destination.sslConfiguration).to.equal(isSecure ? sslConfiguration : undefined);
      expect(destination.endpoint).to.equal(undefined);
    });
  }

  for (const scheme of ['http', 'https', 'ftp', 'wss+unix', 'constructor']) {
    it(`knows no way to ${scheme}:`, () => {
      expect(find(`${scheme}://host.example/`)).to.deep.equal({
        error: SocketError.UnsupportedSocketOperationError,
        description:
          `Unsupported WebSocket scheme: ${scheme} ` +
          '(request: a URL begins with ws: or wss:, or with ws+unix: on this machine).',
      });
    });
  }

  for (const url of ['ws+unix:/run/chat.sock%00.other:/', 'ws+unix:%00chat:/', 'ws+unix::/x']) {
    it(`knows no socket of the name in ${url}`, () => {
      expect(find(url)).to.deep.equal({
        error: SocketError.ConnectionRefusedError,
        description: 'Invalid URL. (request: it names no Unix-domain socket.)',
      });
    });
  }

  const types = ['HttpCachingProxy', 'FtpCachingProxy', 'an encrypted Socks5Proxy'];
  for (const what of types) {
    it(`knows no way through ${what}`, () => {
      const name = what.split(' ').at(-1) as keyof typeof ProxyType;
      const proxy = new QNetworkProxy(ProxyType[name], 'proxy.example', 8080);
      proxy.setEncrypted(what.startsWith('an encrypted'));

      expect(find('ws://host.example/', proxy)).to.deep.equal({
        error: SocketError.UnsupportedSocketOperationError,
        description:
          'Operation on socket is not supported ' +
          '(proxy: a WebSocket goes through an HttpProxy, or a Socks5Proxy that is not encrypted).',
      });
    });
  }

  for (const type of ['HttpProxy', 'Socks5Proxy'] as const) {
    const proxy = new QNetworkProxy(ProxyType[type], 'proxy.example', 8080);
    const ends: Record<string, [address: string, port: number]> = {
      'ws://host.example/': ['', 80],
      'wss://host.example/': ['', 443],
      'ws://192.0.2.1:81/': ['192.0.2.1', 81],
      'wss://[2001:db8::1]/': ['2001:db8::1', 443],
    };
    for (const [url, [address, port]] of Object.entries(ends)) {
      it(`knows as much of the peer as ${url} tells, behind a ${type}`, () => {
        expect(found(url, proxy).endpoint).to.deep.equal({ address, port });
      });
    }
  }

  describe('the way', () => {
    let peer: ScriptedPeer;
    let events: RecordedRoute;

    beforeEach(async () => {
      peer = await ScriptedPeer.listen();
      events = new RecordedRoute();
    });

    afterEach(async () => {
      events.stream?.destroy();
      await peer.close();
    });

    it('leads to the peer, as often as it is wanted', async () => {
      const destination = found(`ws://127.0.0.1:${peer.port}/`);
      for (let i = 0; i < 2; i++) {
        const route = destination.newRoute(events);
        route.start();
        await peer.accept();
        route.cancel();
      }

      expect(peer.count).to.equal(2);
    });

    function proxyAt(type: ProxyType): QNetworkProxy {
      return new QNetworkProxy(type, '127.0.0.1', peer.port);
    }

    it('leads through a proxy', async () => {
      const route = found('ws://host.example/', proxyAt(ProxyType.HttpProxy)).newRoute(events);
      route.start();
      const connection = await peer.accept();

      expect((await connection.head())[0]).to.equal('CONNECT host.example:80 HTTP/1.1');
      route.cancel();
    });

    it('leads through a SOCKS proxy', async () => {
      const route = found('ws://host.example/', proxyAt(ProxyType.Socks5Proxy)).newRoute(events);
      route.start();
      const connection = await peer.accept();

      expect(await connection.bytes(3)).to.equal('050100');
      route.cancel();
    });

    it('leads through the proxy of the application, if the socket has none', async () => {
      QNetworkProxy.setApplicationProxy(proxyAt(ProxyType.HttpProxy));
      const destination = found('wss://host.example/', new QNetworkProxy());
      const route = destination.newRoute(events);
      route.start();
      const connection = await peer.accept();

      expect((await connection.head())[0]).to.equal('CONNECT host.example:443 HTTP/1.1');
      expect(destination.endpoint).to.deep.equal({ address: '', port: 443 });
      expect(found('wss://host.example/', DIRECT).endpoint).to.equal(undefined);
      route.cancel();
    });

    it('is chosen by a factory that knows the peer', () => {
      const asked: unknown[] = [];
      class Factory extends QNetworkProxyFactory {
        override queryProxy(query: Parameters<QNetworkProxyFactory['queryProxy']>[0]): [] {
          asked.push([query.peerHostName(), query.peerPort(), query.protocolTag()]);
          return [];
        }
      }
      QNetworkProxyFactory.setApplicationProxyFactory(new Factory());
      const { endpoint } = found('wss://host.example/', new QNetworkProxy());
      found('ws://host.example:81/', new QNetworkProxy());

      expect(asked).to.deep.equal([
        ['host.example', 443, 'https'],
        ['host.example', 81, 'http'],
      ]);
      expect(endpoint).to.equal(undefined);
    });

    (hasLocalSockets ? it : it.skip)('on this machine knows no proxy', async () => {
      const proxy = proxyAt(ProxyType.HttpProxy);
      found('ws+unix:/no/such/socket:/', proxy).newRoute(events).start();
      await events.end;

      expect(events.failure!.error).to.equal(SocketError.HostNotFoundError);
      expect(peer.count).to.equal(0);
    });
  });
});
