import { expect } from 'chai';
import sinon from 'sinon';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { Reconnector } from '../../lib/node/reconnector.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { emitted } from '../support/emitted.ts';
import { freePort } from '../support/ports.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { itReconnects } from '../support/reconnector-contract.ts';
import { SecurePeer } from '../support/secure-peer.ts';

describe('Reconnector', () => {
  itReconnects(
    (options) => new Reconnector(new QWebSocket(), options),
    () => WsEchoPeer.start(),
  );

  it('knows the status of HTTP, and how long the server wants to be left alone', async () => {
    const peer = await RawPeer.listen();
    const socket = new QWebSocket();
    using reconnector = new Reconnector(socket, { random: () => 0 });
    const waits = emitted(reconnector.reconnecting);
    socket.open(peer.url);
    const first = await peer.next();
    await first.head();
    first.socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n');
    expect(await waits).to.deep.equal([1, 7_000]);

    const gaveUp = emitted(reconnector.gaveUp);
    reconnector.start();
    const second = await peer.next();
    await second.head();
    second.socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const [reason] = await gaveUp;

    expect(reason).to.contain('Unhandled http status code: 403 (Forbidden).');
    peer.close();
  });

  it('gives up when the certificate cannot be verified', async () => {
    const peer = await SecurePeer.listen();
    const socket = new QWebSocket();
    using reconnector = new Reconnector(socket);
    const gaveUp = emitted(reconnector.gaveUp);
    socket.open(peer.url);
    const [reason] = await gaveUp;

    expect(reason).to.contain('certificate');
    peer.close();
  });

  it('notices that the machine has slept', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const peer = await RawPeer.listen();
    try {
      const socket = new QWebSocket();
      using reconnector = new Reconnector(socket, { random: () => 1, firstDelay: 2 });
      const waits = emitted(reconnector.reconnecting);
      socket.open(peer.url);
      const first = await peer.next();
      await first.head();
      first.socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 600\r\n\r\n');
      await waits;
      clock.setSystemTime(Date.now() + 900_000);
      clock.tick(5_000);

      expect(reconnector.remainingTime()).to.be.within(-1, 4);
      clock.tick(4);
      await peer.next();
      socket.abort();
      expect(clock.countTimers()).to.equal(0);
    } finally {
      clock.restore();
      peer.close();
    }
  });

  describe('many clients of a server that is killed and comes back', () => {
    const CLIENTS = 100;
    const WINDOW = 1_000;
    let port: number;
    let server: QWebSocketServer;
    let clients: { readonly socket: QWebSocket; readonly reconnector: Reconnector }[];
    let accepted: QWebSocketBase[];

    beforeEach(async () => {
      port = await freePort();
      clients = [];
      await listen();
    });

    afterEach(() => {
      for (const { socket } of clients) socket.abort();
      server.close();
      server[Symbol.dispose]();
    });

    async function listen(): Promise<void> {
      accepted = [];
      server = new QWebSocketServer('Test');
      server.setMaxPendingConnections(CLIENTS);
      server.newConnection.connect(() => {
        let socket = server.nextPendingConnection();
        for (; socket !== null; socket = server.nextPendingConnection()) accepted.push(socket);
      });
      expect(server.listen('127.0.0.1', port)).to.equal(true);
    }

    it('come back spread over the window, each once, with all that they have to say', async () => {
      const delays: number[] = [];
      const back: Promise<unknown>[] = [];
      const connected: Promise<unknown>[] = [];
      for (let index = 0; index < CLIENTS; index++) {
        const socket = new QWebSocket();
        const reconnector = new Reconnector(socket, {
          firstDelay: WINDOW,
          resubscribe: (own) => own.sendTextMessage(`subscribe ${index}`),
        });
        clients.push({ socket, reconnector });
        reconnector.reconnecting.connect((attempt, delay) => {
          if (attempt === 1) delays.push(delay);
        });
        connected.push(emitted(socket.connected));
        back.push(emitted(reconnector.reconnected));
        socket.open(`ws://127.0.0.1:${port}/`);
      }
      await Promise.all(connected);

      // As a process that is killed: no Close frame.
      const cut = Promise.all(clients.map(({ socket }) => emitted(socket.disconnected)));
      for (const socket of accepted) socket.abort();
      server.close();
      server[Symbol.dispose]();
      await cut;
      for (const { reconnector } of clients) reconnector.sendTextMessage('kept');
      await listen();
      const heard: string[] = [];
      server.newConnection.connect(() => {
        for (const socket of accepted.splice(0)) {
          socket.textMessageReceived.connect((text) => heard.push(text));
        }
      });
      await Promise.all(back);
      await Promise.all(
        clients.map(({ socket }) => {
          socket.ping();
          return emitted(socket.pong);
        }),
      );

      // With full jitter, a tenth of the window has a tenth of the clients: far from all of them.
      expect(delays).to.have.lengthOf(CLIENTS);
      const tenths = Array(10).fill(0) as number[];
      for (const delay of delays) tenths[Math.floor((delay / WINDOW) * 10)]!++;
      expect(Math.max(...tenths), tenths.join(' ')).to.be.below(CLIENTS / 3);
      expect(tenths.filter((count) => count > 0)).to.have.lengthOf.above(7);
      expect(clients.every(({ socket }) => socket.state() === SocketState.ConnectedState)).to.equal(
        true,
      );
      const wanted = clients.map((_, index) => `subscribe ${index}`);
      expect(heard.filter((text) => text !== 'kept')).to.have.members(wanted);
      expect(heard.filter((text) => text === 'kept')).to.have.lengthOf(CLIENTS);
    });
  });
});
