import { expect } from 'chai';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { statisticsOf } from '../../lib/node/statistics-of.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import type { RefusalReason } from '../../lib/websockets/server-statistics.ts';
import { checkSums, sum } from '../support/check-sums.ts';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { identified } from '../support/secure-client.ts';
import { SocketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

const KEY = 0x37fa213d;

describe('QWebSocketServer.statistics()', () => {
  let server: QWebSocketServer;
  let raws: RawClient[];
  let others: { close(): unknown }[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    raws = [];
    others = [];
  });

  afterEach(() => {
    checkSums(server.statistics());
    server[Symbol.dispose]();
    for (const { socket } of raws) socket.destroy();
    for (const other of others) other.close();
  });

  async function raw(port = server.serverPort()): Promise<RawClient> {
    const client = await RawClient.connect(port);
    raws.push(client);
    return client;
  }

  async function opened(): Promise<RawClient> {
    const client = await raw();
    const arrived = emitted(server.newConnection);
    client.write(upgradeRequest());
    await arrived;
    await client.hears('\r\n\r\n');
    return client;
  }

  it('tells of each stage of a connection', async () => {
    server.listen(QHostAddress.LocalHost);
    expect(server.statistics()).to.include({ accepted: 0, handshaking: 0, open: 0, waiting: 0 });

    const client = await raw();
    await until(() => server.statistics().accepted === 1);
    expect(server.statistics()).to.include({ handshaking: 1, opened: 0 });

    client.write(upgradeRequest());
    await emitted(server.newConnection);
    expect(server.statistics()).to.include({ handshaking: 0, opened: 1, open: 1, waiting: 1 });

    server.nextPendingConnection()!.abort();
    expect(server.statistics()).to.include({ accepted: 1, opened: 1, open: 0, waiting: 0 });
  });

  it('adds up what all connections carry, also those that are gone', async () => {
    server.listen(QHostAddress.LocalHost);
    const request = upgradeRequest();
    const hello = frame(1, 'Hellö', { key: KEY });
    for (let i = 0; i < 2; i++) {
      const client = await raw();
      const arrived = emitted(server.newConnection);
      client.write(request);
      await arrived;
      const socket = server.nextPendingConnection()!;
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(text + text));
      client.write(hello);
      client.write(frame(9, 'abc', { key: KEY }));
      await client.hears('\x8a\x03abc');
      if (i === 0) socket.abort();
    }

    expect(server.statistics()).to.include({
      messagesReceived: 2,
      messagesSent: 2,
      payloadReceived: 2 * 6,
      payloadSent: 2 * 12,
      bytesReceived: 2 * (hello.length + 2 + 4 + 3),
      bytesSent: 2 * (2 + 12 + 2 + 3),
      pingsReceived: 2,
      pongsSent: 2,
      pingsSent: 0,
      pongsReceived: 0,
      open: 1,
    });
  });

  it('tells who has closed, and with what code', async () => {
    server.listen(QHostAddress.LocalHost);
    const acts: ((client: RawClient, socket: QWebSocket) => void)[] = [
      (client) => client.write(frame(8, Buffer.of(0x0f, 0xa0), { key: KEY })),
      (client) => client.write(frame(8, '', { key: KEY })),
      (client) => client.write(Buffer.of(0xff, 0x80, 0, 0, 0, 0)),
      (client, socket) => {
        socket.close(4001);
        client.write(frame(8, Buffer.of(0x0f, 0xa1), { key: KEY }));
      },
      (_client, socket) => socket.abort(),
      (client) => client.socket.end(),
      (client) => client.socket.resetAndDestroy(),
    ];
    for (const act of acts) {
      const client = await opened();
      const socket = server.nextPendingConnection()!;
      const ended = emitted(socket.disconnected);
      act(client, socket);
      client.socket.end();
      await ended;
    }
    await until(() => server.statistics().open === 0);

    const { closedByPeer, closedByServer, lost } = server.statistics();
    expect(closedByPeer).to.deep.equal({ 4000: 1, 1005: 1 });
    expect(closedByServer).to.deep.equal({ 1002: 1, 4001: 1, 1006: 1 });
    expect(sum(lost)).to.equal(2);
    expect(Object.keys(lost)).to.include('RemoteHostClosedError');
  });

  it('counts those that do not read among those that it has cut', async () => {
    server.setBacklogLimit(0, BacklogPolicy.Disconnect);
    server.listen(QHostAddress.LocalHost);
    await opened();
    const socket = server.nextPendingConnection()!;
    const ended = emitted(socket.disconnected);
    const block = new Uint8Array(1 << 20);
    while (socket.isValid() && socket.sendBinaryMessage(block) > 0);
    await ended;

    expect(server.statistics().closedByServer).to.deep.equal({ 1006: 1 });
  });

  /** What refuses a client, for each reason. */
  const refusals: Record<RefusalReason, () => unknown> = {
    tooManyConnections: async () => {
      server.setMaxConnections(0);
      await (await raw()).ended();
    },
    tooManyFromOneAddress: async () => {
      server.setMaxConnectionsPerAddress(0);
      await (await raw()).ended();
    },
    tooManyHandshakes: async () => {
      server.setMaxPendingHandshakes(0);
      await (await raw()).ended();
    },
    tooManyPending: async () => {
      server.setMaxPendingConnections(0);
      await asks(upgradeRequest());
    },
    proxy: async () => {
      server.setProxyProtocolEnabled(true);
      await (await raw()).ended();
    },
    tls: async () => {
      server[Symbol.dispose]();
      server = new QWebSocketServer('Test', SslMode.SecureMode);
      server.setSslConfiguration(identified());
      server.listen(QHostAddress.LocalHost);
      await asks('GET / HTTP/1.1\r\n\r\n');
    },
    malformed: () => asks('Hello?\r\n\r\n'),
    tooLarge: () => asks(upgradeRequest({ Cookie: 'x'.repeat(10_000) })),
    noUpgrade: () => asks(upgradeRequest({ Upgrade: 'h2c' })),
    version: () => asks(upgradeRequest({ 'Sec-WebSocket-Version': '8' })),
    path: async () => {
      const http: HttpServer = createServer();
      await listenOnLoopback(http);
      others.push(http);
      server.close();
      server.attach(http, { path: '/chat' });
      const client = await raw((http.address() as AddressInfo).port);
      client.write(upgradeRequest({}, 'GET /news HTTP/1.1'));
      await client.ended();
    },
    origin: () => asks(upgradeRequest({ Origin: 'http://evil.example' })),
    denied: () => {
      server.addWebSocketUpgradeVerifier(server, () => QHttpServerWebSocketUpgradeResponse.deny());
      return asks(upgradeRequest());
    },
    timeout: async () => {
      server.setHandshakeTimeout(1);
      await (await raw()).ended();
    },
    left: async () => {
      (await raw()).socket.end();
    },
    closed: async () => {
      await raw();
      await until(() => server.statistics().accepted === 1);
      server.close();
    },
    failed: async () => {
      server.setServerName('two\r\nlines');
      await asks(upgradeRequest());
    },
  };

  async function asks(request: string): Promise<void> {
    const client = await raw();
    client.write(request);
    await client.ended();
  }

  for (const [reason, act] of Object.entries(refusals)) {
    it(`counts a client that was refused: ${reason}`, async () => {
      server.listen(QHostAddress.LocalHost);
      await act();
      await until(() => sum(server.statistics().refused) > 0);

      const { refused, accepted, handshaking } = server.statistics();
      expect(refused).to.include({ [reason]: 1 });
      expect({ accepted, handshaking }).to.deep.equal({ accepted: 1, handshaking: 0 });
    });
  }

  it('counts a client that is cut in the middle of TLS, once', async () => {
    server = new QWebSocketServer('Test', SslMode.SecureMode);
    server.setSslConfiguration(identified());
    server.setHandshakeTimeout(1);
    server.listen(QHostAddress.LocalHost);
    await (await raw()).ended();
    await until(() => sum(server.statistics().refused) > 0);

    expect(server.statistics().refused).to.include({ timeout: 1, left: 0, tls: 0 });
  });
});

describe('statisticsOf()', () => {
  let pair: SocketPair | undefined;

  afterEach(() => {
    pair?.close();
    pair = undefined;
  });

  it('is all zeros before there was a connection', () => {
    const numbers = Object.values(statisticsOf(new QWebSocket()));
    expect(numbers).to.have.lengthOf(6);
    expect(new Set(numbers)).to.deep.equal(new Set([0]));
  });

  it('tells what a connection has carried, on either side and after its end', async () => {
    pair = await SocketPair.connect();
    const { client, accepted } = pair;
    const heard = emitted(accepted.binaryMessageReceived);
    client.sendTextMessage('Hellö');
    client.sendBinaryMessage(new Uint8Array(200));
    await heard;
    await until(() => statisticsOf(client).bytesSent > 200);
    client.abort();

    const payload = 6 + 200;
    const bytes = 2 + 4 + 6 + 4 + 4 + 200;
    expect(statisticsOf(client)).to.deep.equal({
      messagesReceived: 0,
      messagesSent: 2,
      payloadReceived: 0,
      payloadSent: payload,
      bytesReceived: 0,
      bytesSent: bytes,
    });
    expect(statisticsOf(accepted)).to.deep.equal({
      messagesReceived: 2,
      messagesSent: 0,
      payloadReceived: payload,
      payloadSent: 0,
      bytesReceived: bytes,
      bytesSent: 0,
    });
  });

  it('begins anew with a connection', async () => {
    pair = await SocketPair.connect();
    const { client, server } = pair;
    client.sendTextMessage('Hello');
    expect(statisticsOf(client).messagesSent).to.equal(1);
    client.open(server.serverUrl());
    await emitted(client.connected);

    expect(statisticsOf(client).messagesSent).to.equal(0);
  });

  it('shows what compression saves', async () => {
    pair = await SocketPair.connect(false, {});
    const { client, accepted } = pair;
    const heard = emitted(accepted.textMessageReceived);
    client.sendTextMessage('ha'.repeat(5000));
    await heard;

    const { payloadReceived, bytesReceived } = statisticsOf(accepted);
    expect(payloadReceived).to.equal(10_000);
    expect(bytesReceived).to.be.below(200);
  });
});
