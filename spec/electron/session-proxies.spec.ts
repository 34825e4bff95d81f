import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { resolveProxies, SessionProxies } from '../../lib/electron/session-proxies.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyQuery } from '../../lib/network/qnetworkproxyquery.ts';
import { QNetworkProxyFactory } from '../../lib/node/qnetworkproxyfactory.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';

const query = QNetworkProxyQuery.forPeer('server.example', 443, 'https');

/** What Electron's session knows of proxies. */
class FakeSession {
  answer: string | Error = 'PROXY proxy.example:3128';
  readonly asked: string[] = [];

  async resolveProxy(url: string): Promise<string> {
    this.asked.push(url);
    await setImmediate();
    if (this.answer instanceof Error) throw this.answer;
    return this.answer;
  }
}

function names(proxies: readonly QNetworkProxy[]): string[] {
  return proxies.map((proxy) => `${proxy.type()} ${proxy.hostName()}`);
}

describe('resolveProxies()', () => {
  it('asks the session for the URL itself', async () => {
    const session = new FakeSession();
    session.answer = 'SOCKS5 proxy.example:1080; DIRECT';

    expect(names(await resolveProxies(session, 'wss://server.example/feed'))).to.deep.equal([
      '1 proxy.example',
      '2 ',
    ]);
    expect(session.asked).to.deep.equal(['wss://server.example/feed']);
  });

  it('rejects when the session does', async () => {
    const session = new FakeSession();
    session.answer = new Error('no');
    const failure = await resolveProxies(session, 'ws://server.example').catch(
      (error: unknown) => error,
    );

    expect(failure).to.equal(session.answer);
  });
});

describe('SessionProxies', () => {
  let session: FakeSession;
  let proxies: SessionProxies;

  beforeEach(() => {
    session = new FakeSession();
    proxies = new SessionProxies(session);
  });

  it('knows what was resolved ahead', async () => {
    await proxies.resolve('wss://server.example/feed');

    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
    expect(session.asked[0]).to.equal('wss://server.example:443/');
  });

  it('knows it for each scheme and port by itself', async () => {
    await proxies.resolve('wss://server.example/feed');

    const others = [
      QNetworkProxyQuery.forPeer('server.example', 80, 'http'),
      QNetworkProxyQuery.forPeer('server.example', 8443, 'https'),
    ];
    expect(others.flatMap((other) => names(proxies.queryProxy(other)))).to.deep.equal(['2 ', '2 ']);
  });

  it('knows nothing at first, and goes direct', () => {
    expect(names(proxies.queryProxy(query))).to.deep.equal(['2 ']);
  });

  it('has asked when the next connection comes', async () => {
    proxies.queryProxy(query);
    await proxies.resolve('wss://server.example');

    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
    expect(session.asked).to.have.lengthOf(2);
  });

  it('learns of other proxies with a connection', async () => {
    await proxies.resolve('wss://server.example');
    session.answer = 'DIRECT';
    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
    await proxies.resolve('wss://server.example');

    expect(names(proxies.queryProxy(query))).to.deep.equal(['2 ']);
  });

  it('keeps what it knows when the session fails', async () => {
    await proxies.resolve('wss://server.example');
    session.answer = new Error('no');
    const failure = await proxies.resolve('wss://server.example').catch((error: unknown) => error);

    expect(failure).to.equal(session.answer);
    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
  });

  it('asks for IPv6 addresses in brackets', async () => {
    await proxies.resolve('ws://[2001:db8::1]/');

    expect(session.asked).to.deep.equal(['ws://[2001:db8::1]:80/']);
    const sameServer = QNetworkProxyQuery.forPeer('2001:db8::1', 80, 'http');
    expect(names(proxies.queryProxy(sameServer))).to.deep.equal(['3 proxy.example']);
  });

  it('forgets the servers that were asked for longest ago', async () => {
    await proxies.resolve('wss://server.example');
    for (let i = 0; i < 256; i++) await proxies.resolve(`ws://h${i}.example`);

    expect(names(proxies.queryProxy(query))).to.deep.equal(['2 ']);
  });

  it('but not those that were asked for again', async () => {
    await proxies.resolve('wss://server.example');
    for (let i = 0; i < 255; i++) await proxies.resolve(`ws://h${i}.example`);
    await proxies.resolve('wss://server.example');
    await proxies.resolve('ws://last.example');

    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
  });

  it('hands out copies', async () => {
    await proxies.resolve('wss://server.example');
    proxies.queryProxy(query)[0]!.setHostName('changed');

    expect(names(proxies.queryProxy(query))).to.deep.equal(['3 proxy.example']);
  });

  describe('as the factory of the application', () => {
    afterEach(() => QNetworkProxyFactory.setApplicationProxyFactory(null));

    it('has open() fail where that was chosen for servers that nobody asked for', async () => {
      const unresolved = [new QNetworkProxy(ProxyType.HttpCachingProxy)];
      QNetworkProxyFactory.setApplicationProxyFactory(new SessionProxies(session, unresolved));
      const socket = new QWebSocket();
      const failed = emitted(socket.errorOccurred);
      socket.open('ws://server.example/');

      expect(await failed).to.deep.equal([SocketError.UnsupportedSocketOperationError]);
    });
  });
});
