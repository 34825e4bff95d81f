import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { assert, restore, spy, useFakeTimers } from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { pulseOf } from '../../lib/websockets/qwebsocket-base.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../support/emitted.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';

describe('KeepAlive on Node', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];
  let keepAlive: KeepAlive;

  beforeEach(() => {
    server = new QWebSocketServer('test', SslMode.NonSecureMode);
    server.listen(QHostAddress.LocalHost);
    clients = [];
    keepAlive = new KeepAlive({ interval: 40, timeout: 5_000 });
  });

  afterEach(() => {
    keepAlive[Symbol.dispose]();
    for (const client of clients) client.abort();
    server[Symbol.dispose]();
    restore();
  });

  /** Connects a client; returns the server's end of it. */
  async function accepted(): Promise<QWebSocket> {
    const client = new QWebSocket();
    clients.push(client);
    client.open(server.serverUrl());
    await emitted(server.newConnection);
    return server.nextPendingConnection()!;
  }

  it('measures the round trip on both sides', async () => {
    const own = await accepted();
    const [client] = clients;
    for (const socket of [own, client!]) {
      keepAlive.add(socket);
      await emitted(socket.pong);
      expect(keepAlive.roundTripTime(socket)).to.be.within(0, 5_000);
    }
  });

  it('keeps all sockets of a server alive, those that are there and those that come', async () => {
    const first = await accepted();
    keepAlive.add(server);
    const second = await accepted();

    expect([first, second].map((socket) => keepAlive.has(socket))).to.deep.equal([true, true]);
    await Promise.all([emitted(first.pong), emitted(second.pong)]);
  });

  it('leaves a server alone with all of its sockets', async () => {
    keepAlive.add(server);
    const first = await accepted();
    keepAlive.remove(server);
    const second = await accepted();

    expect([first, second].map((socket) => keepAlive.has(socket))).to.deep.equal([false, false]);
  });

  it('tells whether it has a server', () => {
    const before = keepAlive.has(server);
    keepAlive.add(server);
    const meanwhile = keepAlive.has(server);
    keepAlive.remove(server);

    expect([before, meanwhile, keepAlive.has(server)]).to.deep.equal([false, true, false]);
  });

  it('forgets the sockets of a server that is destroyed', async () => {
    keepAlive.add(server);
    const own = await accepted();
    server[Symbol.dispose]();

    expect(keepAlive.has(own)).to.equal(false);
  });

  it('forgets a client that has gone', async () => {
    keepAlive.add(server);
    const own = await accepted();
    clients[0]!.close();
    await emitted(own.disconnected);

    expect(keepAlive.has(own)).to.equal(false);
  });

  it('gives a client up that does not answer', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    keepAlive = new KeepAlive({ interval: 10_000, timeout: 5_000 });
    const lost = spy();
    keepAlive.peerLost.connect(lost);
    keepAlive.add(server);
    const client = await RawClient.connect(server.serverPort());
    client.write(upgradeRequest());
    await emitted(server.newConnection);
    const own = server.nextPendingConnection()!;

    clock.tick(10_000);
    await client.hears('keepalive');
    clock.tick(4_999);
    expect(own.state()).to.equal(SocketState.ConnectedState);
    clock.tick(1);

    assert.calledOnceWithExactly(lost, own);
    expect(own.error()).to.equal(SocketError.SocketTimeoutError);
    expect(await client.ended()).to.match(/\r\n\r\n\x89.keepalive \d+$/s);
  });

  it('lets a server be that answers late, since a large message is on its way', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    keepAlive = new KeepAlive({ interval: 10_000, timeout: 5_000 });
    const peer = await RawPeer.listen();
    const socket = new QWebSocket();
    clients.push(socket);
    const connected = emitted(socket.connected);
    socket.open(peer.url);
    const connection = await peer.accept();
    await connected;
    keepAlive.add(socket);
    clock.tick(10_000);
    expect(await connection.frame()).to.include({ opcode: OpCode.Ping });

    // A frame of 100 bytes that comes one by one: each of them is a sign of life.
    connection.socket.write(Buffer.from([0x82, 100]));
    for (let sent = 0; sent < 10; sent++) {
      const { heard } = pulseOf(socket)!;
      connection.socket.write(Buffer.from([sent]));
      while (pulseOf(socket)!.heard === heard) await setImmediate();
      clock.tick(4_000);
    }
    expect(socket.state()).to.equal(SocketState.ConnectedState);

    clock.tick(15_000);
    expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
    peer.close();
  });

  it('keeps no process alive', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const own = await accepted();
    const before = timers();
    keepAlive.add(own);

    expect(timers()).to.equal(before);
  });
});
