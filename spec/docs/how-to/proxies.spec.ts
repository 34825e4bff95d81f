import { expect } from 'chai';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyQuery } from '../../../lib/network/qnetworkproxyquery.ts';
import { QNetworkProxyFactory } from '../../../lib/node/qnetworkproxyfactory.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { ConnectProxy } from '../../support/connect-proxy.ts';
import { emitted } from '../../support/emitted.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  useHttpProxy(host: string, port: number): void;
  openThroughSocks(url: string, host: string, port: number): QWebSocket;
  openDirectly(url: string): QWebSocket;
  useCompanyProxies(): void;
  logInAtProxies(socket: QWebSocket, user: string, password: string): void;
}

const PAGE = 'docs/how-to/proxies.md';
const REFUSAL =
  'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n';

describe(PAGE, () => {
  let code: Code;
  let server: QWebSocketServer;
  let proxy: ConnectProxy;
  let socket: QWebSocket;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'one-proxy.ts', 'rule.ts', 'login.ts');
  });

  beforeEach(async () => {
    server = new QWebSocketServer('Test');
    server.listen('127.0.0.1', 0);
    proxy = await ConnectProxy.listen(server.serverPort());
    socket = new QWebSocket();
  });

  afterEach(() => {
    QNetworkProxy.setApplicationProxy(new QNetworkProxy());
    socket.abort();
    server.nextPendingConnection()?.abort();
    proxy.close();
    server.close();
  });

  it('leads all sockets through one proxy, but for this machine', async () => {
    code.useHttpProxy('127.0.0.1', proxy.port);
    socket.open('ws://server.example/feed');
    await emitted(socket.connected);
    expect(proxy.heads[0]).to.match(/^CONNECT server\.example:80 /);
    socket.abort();

    socket.open(server.serverUrl());
    await emitted(socket.connected);
    expect(proxy.heads).to.have.lengthOf(1);
  });

  it('goes directly where that is asked for', async () => {
    code.useHttpProxy('127.0.0.1', proxy.port);
    socket = code.openDirectly('ws://server.invalid/');
    await emitted(socket.errorOccurred);

    expect(socket.errorString()).to.match(/^Host not found/);
    expect(proxy.heads).to.deep.equal([]);
  });

  it('leads one socket through SOCKS, which looks the name up', async () => {
    const socks = await ScriptedPeer.listen();
    try {
      socket = code.openThroughSocks('ws://server.example/', '127.0.0.1', socks.port);
      const connection = await socks.accept();
      expect(await connection.bytes(2)).to.match(/^05/);
      await connection.bytes(1);
      connection.say(Uint8Array.of(5, 0));

      expect(await connection.bytes(5 + 14 + 2)).to.equal(
        `050100030e${Buffer.from('server.example').toString('hex')}0050`,
      );
    } finally {
      await socks.close();
    }
  });

  it('follows a rule', () => {
    code.useCompanyProxies();
    const typeFor = (host: string): ProxyType => {
      const query = QNetworkProxyQuery.forPeer(host, 443, 'https');
      return QNetworkProxyFactory.proxyForQuery(query)[0]!.type();
    };

    expect(typeFor('wiki.corp.example')).to.equal(ProxyType.NoProxy);
    expect(typeFor('www.example')).to.equal(ProxyType.HttpProxy);
    expect(typeFor('127.0.0.1')).to.equal(ProxyType.NoProxy);
  });

  it('logs in', async () => {
    proxy.refusals.push(REFUSAL);
    const said: unknown[] = [];
    const { log } = console;
    console.log = (text) => said.push(text);
    try {
      socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port));
      code.logInAtProxies(socket, 'ann', 'secret');
      socket.open('ws://server.example/');
      await emitted(socket.connected);
    } finally {
      console.log = log;
    }

    expect(said).to.deep.equal(['127.0.0.1 asks for gate']);
    const basic = Buffer.from('ann:secret').toString('base64');
    expect(proxy.heads[1]).to.match(new RegExp(`^proxy-authorization: basic ${basic}`, 'im'));
  });

  it('reads the environment once it is told to', async () => {
    const before = process.env;
    process.env = {
      ...before,
      ws_proxy: `http://127.0.0.1:${proxy.port}`,
      no_proxy: '.inside.example',
    };
    try {
      QNetworkProxyFactory.setUseSystemConfiguration(true);
      socket.open('ws://server.example/');
      await emitted(socket.connected);
    } finally {
      process.env = before;
    }

    expect(proxy.heads).to.have.lengthOf(1);
  });
});
