import { expect } from 'chai';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { BackPressure } from '../../lib/websockets/back-pressure.ts';
import { ConnectionError } from '../../lib/websockets/connection-error.ts';
import { drained } from '../../lib/websockets/drained.ts';
import { holdBack } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { QueuePolicy } from '../../lib/websockets/queue-policy.ts';
import { emitted } from '../support/emitted.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { identified } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';

const KiB = 1024;
const MESSAGE = 256 * KiB;

/** What the system keeps for a connection over loopback is less, or there is no end of it. */
const MOST = 1000;

/** A client, its end on the server, and what it has got. */
interface Subscriber {
  readonly client: QWebSocket;
  readonly socket: QWebSocket;
  readonly got: string[];
}

interface Way {
  readonly isSecure?: boolean;
  readonly isCompressed?: boolean;
  /** Two sockets are then streams of one connection. */
  readonly isHttp2?: boolean;
}

const ways: Record<string, Way> = {
  'ws:': {},
  'wss:': { isSecure: true },
  'ws: with compression': { isCompressed: true },
  'HTTP/2': { isSecure: true, isHttp2: true },
};

describe('BackPressure on Node', function () {
  this.timeout(60_000);

  let server: QWebSocketServer;
  let pressure: BackPressure;
  let clients: QWebSocket[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    pressure = new BackPressure({ policy: QueuePolicy.LatestPerKey, maxBytes: 2 * MESSAGE });
    clients = [];
  });

  afterEach(() => {
    pressure[Symbol.dispose]();
    for (const client of clients) client.abort();
    server[Symbol.dispose]();
  });

  function listen({ isSecure = false, isCompressed = false, isHttp2 = false }: Way = {}): void {
    if (isSecure) {
      server[Symbol.dispose]();
      server = new QWebSocketServer('Test', SslMode.SecureMode);
      const configuration = identified();
      if (isHttp2) configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
      server.setSslConfiguration(configuration);
    }
    server.setCompressionEnabled(isCompressed);
    server.listen(QHostAddress.LocalHost);
  }

  async function subscriber({
    isCompressed = false,
    isHttp2 = false,
  }: Way = {}): Promise<Subscriber> {
    const client = new QWebSocket();
    clients.push(client);
    client.setSslConfiguration(trusting());
    client.setCompressionEnabled(isCompressed);
    const got: string[] = [];
    client.textMessageReceived.connect((message) => got.push(message.trimEnd()));
    const arrived = emitted(server.newConnection);
    const request = new QNetworkRequest(server.serverUrl());
    request.setAttribute(QNetworkRequest.Http2AllowedAttribute, isHttp2);
    client.open(request);
    await Promise.all([arrived, emitted(client.connected)]);
    if (isHttp2) expect(client.sslConfiguration().nextNegotiatedProtocol()).to.equal('h2');
    return { client, socket: server.nextPendingConnection()!, got };
  }

  /** Sends long messages, with `key`, until one of two has to wait; returns how many there were. */
  async function untilCongested(slow: Subscriber, fast: Subscriber, key: string): Promise<number> {
    for (let count = 1; count < MOST; count++) {
      // What does not compress takes as much room as it is long.
      const message = QWebSocketPreparedMessage.fromText(`${key} ${count}`.padEnd(MESSAGE), {
        compress: false,
      });
      expect(pressure.broadcast(server, message, { key })).to.equal(2);
      await has(fast, count);
      if (pressure.waitingMessages(slow.socket) > 0) return count;
    }
    throw new Error('The system has no end of room.');
  }

  for (const [name, way] of Object.entries(ways)) {
    it(`holds nobody else up, and brings one who reads on up to date, over ${name}`, async () => {
      listen(way);
      const [slow, fast] = [await subscriber(way), await subscriber(way)];
      const letGo = holdBack(slow.client);
      const filling = await untilCongested(slow, fast, 'filling');
      for (let value = 1; value <= 100; value++) {
        for (const key of ['a', 'b']) pressure.broadcast(server, `${key} ${value}`, { key });
      }
      await has(fast, filling + 200);
      expect(pressure.waitingMessages(slow.socket)).to.equal(3);
      expect(pressure.droppedMessages(slow.socket)).to.equal(198);
      expect(pressure.isCongested(fast.socket)).to.equal(false);

      letGo();
      await pressure.waitForDrained(slow.socket);
      pressure.broadcast(server, 'a 101', { key: 'a' });
      await has(slow, filling + 3);

      expect(slow.got.slice(-4)).to.deep.equal([`filling ${filling}`, 'a 100', 'b 100', 'a 101']);
    });
  }

  it('holds no more than it may for one who reads nothing, however much is sent', async () => {
    listen();
    const slow = await subscriber();
    holdBack(slow.client);
    using bounded = new BackPressure({ policy: QueuePolicy.DropOldest, maxBytes: 2 * MESSAGE });
    const message = QWebSocketPreparedMessage.fromBinary(new Uint8Array(MESSAGE));
    for (let count = 0; count < MOST; count++) {
      bounded.send(slow.socket, message);
      if (count % 10 === 0) await new Promise(setImmediate);
      expect(bounded.waitingBytes(slow.socket)).to.be.at.most(2 * MESSAGE);
      expect(slow.socket.bytesToWrite()).to.be.at.most(64 * KiB + MESSAGE + 10);
    }

    expect(bounded.waitingMessages(slow.socket)).to.equal(2);
    expect(bounded.droppedMessages(slow.socket)).to.be.above(MOST / 2);
  });

  it('passes over sockets that nobody has fetched', async () => {
    listen();
    const fetched = await subscriber();
    const waiting = new QWebSocket();
    clients.push(waiting);
    const arrived = emitted(server.newConnection);
    waiting.open(server.serverUrl());
    await arrived;

    expect(pressure.broadcast(server, 'news')).to.equal(1);
    expect(pressure.broadcast(server, 'news', { filter: () => false })).to.equal(0);
    expect(await has(fetched, 1)).to.deep.equal(['news']);
  });

  describe('closes the connection of a peer that is too slow', () => {
    let slow: Subscriber;
    let letGo: () => void;

    beforeEach(async () => {
      listen();
      slow = await subscriber();
      letGo = holdBack(slow.client);
    });

    async function overload(): Promise<void> {
      for (let count = 0; slow.socket.isValid() && count < MOST; count++) {
        pressure.send(slow.socket, String(count).padEnd(MESSAGE));
        await new Promise(setImmediate);
      }
    }

    it('and tells it why, when it reads on', async () => {
      await overload();
      letGo();
      await emitted(slow.client.disconnected);

      expect(slow.client.closeCode()).to.equal(1013);
      expect(slow.client.closeReason()).to.match(
        /^The peer reads too slowly: \d+ messages wait\.$/,
      );
    });

    it('and cuts it off, when it does not', async () => {
      slow.socket.setCloseTimeout(100);
      await overload();
      await emitted(slow.socket.disconnected);

      expect(slow.socket.closeCode()).to.equal(1013);
      expect(slow.socket.bytesToWrite()).to.equal(0);
      letGo();
      await emitted(slow.client.disconnected);
      expect(slow.client.closeCode()).to.equal(1006);
    });
  });

  const rows: Record<string, (socket: QWebSocket) => Promise<void>> = {
    'drained()': async (socket) => {
      socket.sendBinaryMessage(new Uint8Array(MESSAGE));
      await drained(socket);
    },
    'waitForDrained()': async (socket) => {
      pressure.send(socket, new Uint8Array(MESSAGE));
      await pressure.waitForDrained(socket);
    },
  };
  for (const [name, sendAndWait] of Object.entries(rows)) {
    it(`has an endless row of messages end with the connection, by ${name}`, async () => {
      listen();
      const { client, socket } = await subscriber();
      client.abort();
      const row = async (): Promise<void> => {
        for (;;) await sendAndWait(socket);
      };

      expect(await rejectionOf(row())).to.be.instanceOf(ConnectionError);
    });
  }

  it('keeps a row of messages out of memory with drained()', async () => {
    listen();
    const { client, socket } = await subscriber();
    let received = 0;
    client.binaryMessageReceived.connect((message) => void (received += message.length));
    let most = 0;
    for (let count = 0; count < 100; count++) {
      socket.sendBinaryMessage(new Uint8Array(MESSAGE));
      await drained(socket);
      most = Math.max(most, socket.bytesToWrite());
    }
    socket.sendTextMessage('the end');
    await emitted(client.textMessageReceived);

    expect(received).to.equal(100 * MESSAGE);
    expect(most).to.be.at.most(64 * KiB);
  });
});

/** Waits until `subscriber` has `count` messages. */
async function has({ client, got }: Subscriber, count: number): Promise<string[]> {
  while (got.length < count) await emitted(client.textMessageReceived);
  return got;
}
