import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { BackPressure } from '../../../lib/websockets/back-pressure.ts';
import { ConnectionError } from '../../../lib/websockets/connection-error.ts';
import { holdBack } from '../../../lib/websockets/qwebsocket-base.ts';
import { emitted } from '../../support/emitted.ts';
import { RawPeer, type RawConnection } from '../../support/raw-peer.ts';
import { rejectionOf } from '../../support/rejection-of.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  sendAll(socket: QWebSocket, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  readonly server: QWebSocketServer;
  readonly pressure: BackPressure;
  publish(symbol: string, price: number): void;
}

const PAGE = 'docs/how-to/back-pressure.md';
const PIECE = 512 * 1024;
// More than what the system takes by itself.
const MANY = 32;

describe(PAGE, function () {
  this.timeout(60_000);
  let code: Code;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'send-all.ts', 'ticker.ts');
  });

  describe('sendAll()', () => {
    let peer: RawPeer;
    let socket: QWebSocket;
    let connection: RawConnection;
    let asked: number;

    beforeEach(async () => {
      peer = await RawPeer.listen();
      socket = new QWebSocket();
      const connected = emitted(socket.connected);
      socket.open(peer.url);
      connection = await peer.accept();
      await connected;
      connection.socket.pause();
    });

    afterEach(() => {
      socket.abort();
      peer.close();
    });

    beforeEach(() => (asked = 0));

    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (; asked < MANY; asked++) yield new Uint8Array(PIECE);
    }

    /** Waits until nothing moves any more. */
    async function stall(): Promise<void> {
      for (let before = -1, turns = 0; turns < 200; turns++) {
        if (asked !== before) turns = 0;
        before = asked;
        await setImmediate();
      }
    }

    it('asks for no more while the peer does not read, and ends when it has', async () => {
      const all = code.sendAll(socket, pieces());
      await stall();
      expect(asked).to.be.below(MANY - 1);
      expect(socket.bytesToWrite()).to.be.within(64 * 1024, 2 * PIECE);

      connection.socket.resume();
      await all;
      for (let piece = 0; piece < MANY; piece++) {
        expect((await connection.frame()).payload).to.have.lengthOf(PIECE);
      }
    });

    it('says when the connection ends before', async () => {
      const all = code.sendAll(socket, pieces());
      await stall();
      connection.socket.destroy();

      expect(await rejectionOf(all)).to.be.instanceOf(ConnectionError);
    });
  });

  describe('publish()', () => {
    it('brings one who was behind up to date with the latest prices', async () => {
      const { server, pressure } = code;
      server.listen(QHostAddress.LocalHost);
      const client = new QWebSocket();
      client.open(server.serverUrl());
      await Promise.all([emitted(server.newConnection), emitted(client.connected)]);
      const socket = server.nextPendingConnection()!;
      const prices: string[] = [];
      client.textMessageReceived.connect((price) => prices.push(price));
      const letGo = holdBack(client);
      socket.sendBinaryMessage(new Uint8Array(MANY * PIECE));
      for (let price = 1; price <= 100; price++) {
        code.publish('QT', price);
        code.publish('NODE', price);
      }
      letGo();
      await pressure.waitForDrained(socket);
      while (prices.length < 2) await emitted(client.textMessageReceived);

      expect(prices.map((price) => JSON.parse(price) as unknown)).to.deep.equal([
        { symbol: 'QT', price: 100 },
        { symbol: 'NODE', price: 100 },
      ]);
      client.abort();
      server[Symbol.dispose]();
    });
  });
});
