import { expect } from 'chai';
import { restore, spy } from 'sinon';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import { emitted } from '../support/emitted.ts';

describe('topics of a server', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    server.listen(QHostAddress.LocalHost);
    clients = [];
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
  });

  /** A client that remembers what it gets, and its end on the server. */
  async function connected(at = server): Promise<[got: unknown[], socket: QWebSocket]> {
    const client = new QWebSocket();
    clients.push(client);
    const got: unknown[] = [];
    client.textMessageReceived.connect((message) => got.push(message));
    client.binaryMessageReceived.connect((message) => got.push([...message]));
    const arrived = emitted(at.newConnection);
    client.open(at.serverUrl());
    await Promise.all([arrived, emitted(client.connected)]);
    return [got, at.nextPendingConnection()!];
  }

  /** Waits until all that was sent to `socket` has arrived. */
  async function delivered(socket: QWebSocket): Promise<void> {
    socket.ping();
    await emitted(socket.pong);
  }

  it('carry text and bytes to subscribers, the latest value first', async () => {
    const [got, socket] = await connected();
    server.publish('AAPL', '1', { retain: true });

    server.subscribe(socket, 'AAPL');
    server.publish('AAPL', Uint8Array.of(2), { retain: true });
    server.publish('AAPL', '3');

    await delivered(socket);
    expect(got).to.deep.equal(['1', [2], '3']);
    expect(server.retainedMessage('AAPL')).to.deep.equal(Uint8Array.of(2));
  });

  it('prepare a message once for all subscribers', async () => {
    const prepared = spy(SharedMessage.prototype, 'frames');
    const sockets = [];
    for (let count = 0; count < 3; count++) sockets.push((await connected())[1]);
    for (const socket of sockets) server.subscribe(socket, 'AAPL');

    server.publish('AAPL', 'x'.repeat(100_000));

    await Promise.all(sockets.map(delivered));
    expect(new Set(prepared.thisValues).size).to.equal(1);
    expect(prepared.callCount).to.equal(3);
  });

  it('take sockets of another server', async () => {
    const other = new QWebSocketServer('Other');
    other.listen(QHostAddress.LocalHost);
    const [got, socket] = await connected(other);

    expect(server.subscribe(socket, 'AAPL')).to.equal(true);
    server.publish('AAPL', '1');

    await delivered(socket);
    expect(got).to.deep.equal(['1']);
    other[Symbol.dispose]();
    expect(server.topics()).to.deep.equal([]);
  });

  it('lose a client that goes', async () => {
    const [, socket] = await connected();
    server.subscribe(socket, 'AAPL');

    clients[0]!.abort();
    await emitted(socket.disconnected);

    expect(server.topics()).to.deep.equal([]);
    expect(server.subscribers('AAPL')).to.deep.equal([]);
  });

  it('tell who has subscribed to what', async () => {
    const [, socket] = await connected();
    server.subscribe(socket, 'AAPL');

    expect(server.topics(socket)).to.deep.equal(['AAPL']);
    expect(server.subscribers('AAPL')).to.deep.equal([socket]);
    expect(server.unsubscribe(socket, 'AAPL')).to.equal(true);
    expect(server.topics()).to.deep.equal([]);
  });

  it('hand a copy of retained bytes out', () => {
    server.publish('frames', Uint8Array.of(1, 2), { retain: true });

    (server.retainedMessage('frames') as Uint8Array).fill(0);

    expect(server.retainedMessage('frames')).to.deep.equal(Uint8Array.of(1, 2));
    expect(server.clearRetainedMessage('frames')).to.equal(true);
    expect(server.retainedMessage('frames')).to.equal(null);
  });

  it('outlive close(), and end with the server', async () => {
    const [got, socket] = await connected();
    server.subscribe(socket, 'AAPL');
    server.close();
    expect(server.publish('AAPL', '1')).to.equal(1);
    await delivered(socket);
    expect(got).to.deep.equal(['1']);

    server[Symbol.dispose]();

    expect(server.topics()).to.deep.equal([]);
    expect(server.subscribe(socket, 'AAPL')).to.equal(false);
    expect(server.publish('AAPL', '2', { retain: true })).to.equal(-1);
    expect(socket.listeners('stateChanged')).to.have.lengthOf(0);
  });

  it('are no longer than the limits, which are cut to what is possible', () => {
    server.setMaxTopicLength(1_000);
    expect(server.maxTopicLength()).to.equal(256);
    server.setMaxTopicLength(-1);
    expect(server.maxTopicLength()).to.equal(0);
  });
});
