import { expect } from 'chai';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { spy } from 'sinon';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import {
  SslMode,
  type QWebSocketServerSignals,
} from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../support/emitted.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { wordsOf } from '../support/words-of.ts';

/** Cases of Qt's own test of QWebSocketServer; docs/qt-tests.md tells where the others are. */
describe('tst_qwebsocketserver', () => {
  let server: QWebSocketServer;
  let log: string[];
  let clients: QWebSocket[];
  let tcp: Server;

  beforeEach(() => {
    server = new QWebSocketServer();
    log = logOf(server);
    clients = [];
    tcp = createServer((stream) => server.handleConnection(stream));
  });

  afterEach(() => {
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
    tcp.close();
  });

  function open(url = server.serverUrl().toString()): QWebSocket {
    const client = new QWebSocket();
    clients.push(client);
    client.open(url);
    return client;
  }

  async function connected(url?: string): Promise<QWebSocket> {
    const client = open(url);
    await emitted(client.connected);
    return client;
  }

  async function close(): Promise<void> {
    const closed = emitted(server.closed);
    server.close();
    await closed;
  }

  // tst_initialisation
  it('is not changed by close() when it does not listen', () => {
    const before = valuesOf(server);

    server.close();

    expect(valuesOf(server)).to.deep.equal(before);
    expect(server.serverUrl().isEmpty()).to.equal(true);
  });

  for (const mode of Object.values(SslMode)) {
    it(`has the default configuration of TLS at first, in mode ${mode}`, () => {
      const fresh = new QWebSocketServer('', mode);

      expect(fresh.secureMode()).to.equal(mode);
      expect(fresh.sslConfiguration().equals(QSslConfiguration.defaultConfiguration())).to.equal(
        true,
      );
    });
  }

  // tst_settersAndGetters
  it('takes a configuration of TLS only when it speaks TLS', () => {
    const secure = new QWebSocketServer('', SslMode.SecureMode);
    const configuration = new QSslConfiguration();
    configuration.setPeerVerifyDepth(7);

    for (const each of [server, secure]) each.setSslConfiguration(configuration);

    expect(server.sslConfiguration().equals(configuration)).to.equal(false);
    expect(secure.sslConfiguration().equals(configuration)).to.equal(true);
  });

  it('refuses a descriptor that is none, and keeps its time-out', () => {
    expect(server.setSocketDescriptor(-2)).to.equal(false);
    expect(server.socketDescriptor()).to.equal(-1);

    for (const msec of [64, 242]) {
      server.setHandshakeTimeout(msec);
      expect([server.handshakeTimeoutMS(), server.handshakeTimeout()]).to.deep.equal([msec, msec]);
    }
  });

  // tst_listening
  it('listens until it is closed, and not on an address of others', async () => {
    expect(server.listen()).to.equal(true);
    expect(server.isListening()).to.equal(true);
    await close();
    expect(log).to.deep.equal(['closed']);
    expect(server.isListening()).to.equal(false);
    expect(server.error()).to.equal(CloseCode.CloseCodeNormal);

    // 192.0.2.1 (RFC 5737) for Qt's 1.2.3.4: nobody has it, not even by chance.
    expect(server.listen(new QHostAddress('192.0.2.1'))).to.equal(false);
    expect(server.error()).to.equal(CloseCode.CloseCodeAbnormalDisconnection);
    expect(wordsOf(server.errorString())).to.equal('The address is not available');
    expect(log).to.deep.equal(['closed', 'serverError 1006']);
  });

  // tst_connectivity
  it('lets a client in, once, and is closed, once', async () => {
    server.listen();
    expect(server.serverAddress().equals(QHostAddress.Any)).to.equal(true);
    expect(server.serverUrl().toString()).to.equal(`ws://127.0.0.1:${server.serverPort()}`);

    await connected();
    await close();

    expect(log).to.deep.equal(['originAuthenticationRequired', 'newConnection', 'closed']);
  });

  // tst_maxPendingConnections
  it('lets no more clients in than may wait', async () => {
    server.setMaxPendingConnections(2);
    server.listen(QHostAddress.LocalHost);
    await connected();
    await connected();
    const both = Array.from({ length: 2 }, () => ['originAuthenticationRequired', 'newConnection']);
    expect(log).to.deep.equal(both.flat());

    const third = open();
    const hasConnected = spy();
    third.connected.connect(hasConnected);
    await emitted(third.disconnected);

    expect(third.state()).to.equal(SocketState.UnconnectedState);
    expect(hasConnected.callCount).to.equal(0);
    expect(log).to.deep.equal([...both.flat(), 'serverError 1006']);
    for (let i = 0; i < 2; i++) {
      expect(server.hasPendingConnections()).to.equal(true);
      server.nextPendingConnection()![Symbol.dispose]();
    }
    expect(server.hasPendingConnections()).to.equal(false);
    expect(server.nextPendingConnection()).to.equal(null);
    expect(server.error()).to.equal(CloseCode.CloseCodeAbnormalDisconnection);

    await close();
    expect(log.slice(5)).to.deep.equal(['closed']);
  });

  // tst_scheme
  it('knows that a request has come without TLS', async () => {
    server.listen(QHostAddress.LocalHost);
    await connected();

    expect(server.nextPendingConnection()!.requestUrl().scheme()).to.equal('ws');
  });

  // tst_handleConnection
  it('makes a WebSocket of a connection that another server has accepted', async () => {
    await listenOnLoopback(tcp);
    const client = await connected(`ws://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
    expect(log).to.deep.equal(['originAuthenticationRequired', 'newConnection']);
    const socket = server.nextPendingConnection()!;
    const dummy = emitted(socket.textMessageReceived);
    client.sendTextMessage('dummy');
    expect(await dummy).to.deep.equal(['dummy']);

    const hello = emitted(client.textMessageReceived);
    socket.sendTextMessage('hello');

    expect(socket.bytesToWrite()).to.be.above(5);
    expect(await hello).to.deep.equal(['hello']);
    expect(socket.bytesToWrite()).to.equal(0);
  });

  // multipleFrames
  it('sends many frames at once, of which the client reads several in one turn', async () => {
    server.listen(QHostAddress.LocalHost);
    const client = await connected();
    const socket = server.nextPendingConnection()!;
    const heard = spy();
    client.binaryMessageReceived.connect(heard);
    const first = emitted(client.binaryMessageReceived);
    const last = new Promise<void>((resolve) => {
      client.binaryMessageReceived.connect(() => {
        if (heard.callCount === 10) resolve();
      });
    });

    for (let i = 0; i < 10; i++) socket.sendBinaryMessage(new Uint8Array(i).fill(i));
    socket.flush();

    // What awaits the first message goes on when the turn that read it is over.
    await first;
    expect(heard.callCount).to.be.above(1);
    await last;
    const sizes = heard.args.map(([message]: Uint8Array[]) => message!.length);
    expect(sizes).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

const signals: readonly (keyof QWebSocketServerSignals)[] = [
  'acceptError',
  'alertReceived',
  'alertSent',
  'closed',
  'handshakeInterruptedOnError',
  'newConnection',
  'originAuthenticationRequired',
  'peerVerifyError',
  'preSharedKeyAuthenticationRequired',
  'serverError',
  'sslErrors',
];

/** Notes what `server` emits from now on: the signals of Qt, with the numbers they carry. */
function logOf(server: QWebSocketServer): string[] {
  const log: string[] = [];
  for (const name of signals) {
    server.on(name, (...args: unknown[]) => {
      log.push([name, ...args.filter((arg) => typeof arg === 'number')].join(' '));
    });
  }
  return log;
}

/** What can be read of a server. */
function valuesOf(server: QWebSocketServer): unknown[] {
  return [
    server.serverName(),
    server.secureMode(),
    server.isListening(),
    server.maxPendingConnections(),
    server.serverPort(),
    server.serverAddress().isNull(),
    server.socketDescriptor(),
    server.hasPendingConnections(),
    server.nextPendingConnection(),
    server.error(),
    server.errorString(),
    server.proxy().type(),
    server.supportedVersions(),
  ];
}
