import { expect } from 'chai';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { WebSocket as PageWebSocket } from '../../lib/browser/qml/websocket.ts';
import { WebSocketServer as PageWebSocketServer } from '../../lib/browser/qml/websocketserver.ts';
import { WebSocket } from '../../lib/node/qml/websocket.ts';
import { WebSocketServer } from '../../lib/node/qml/websocketserver.ts';
import {
  adopt,
  Status,
  type WebSocketBase,
  type WebSocketInit,
} from '../../lib/qml/websocket-base.ts';
import { emitted } from '../support/emitted.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { reaches } from './support/reaches.ts';
import { TestWebSocket } from './support/test-websocket.ts';

const URL = 'ws://server.example/feed';
const GONE = 'Socket operation timed out (timeout: 10000 ms without a sign of life after a ping).';

describe('WebSocketBase.keepAlive', () => {
  let clock: sinon.SinonFakeTimers;
  let family: QObject;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    family = new QObject();
  });

  afterEach(() => {
    family[Symbol.dispose]();
    expect(clock.countTimers()).to.equal(0);
    clock.restore();
  });

  function make(init: WebSocketInit = {}): TestWebSocket {
    const element = new TestWebSocket({ url: URL, active: true, ...init }, family);
    succeed(element);
    return element;
  }

  function succeed(element: TestWebSocket): void {
    element.socket.backend.connection().opened('');
  }

  /** The peer answers the last ping after so many milliseconds. */
  function answer(element: TestWebSocket, after: number): void {
    clock.tick(after);
    element.socket.answer();
  }

  it('is null at first, and then nobody is pinged', () => {
    const element = make();

    expect(element.keepAlive).to.equal(null);
    expect(element.roundTripTime).to.equal(-1);
    expect(clock.countTimers()).to.equal(0);
  });

  it('pings the peer, and gives up the one that is gone', () => {
    let words = '';
    const element = make({ keepAlive: {}, onErrorStringChanged: (text) => (words ||= text) });
    clock.tick(30_000);
    expect(element.socket.pings()).to.have.lengthOf(1);
    clock.tick(10_000);

    expect(element.log).to.deep.equal(['Connecting', 'Open', 'Error', 'Closing', 'Closed']);
    expect(words).to.equal(GONE);
    expect(element.active).to.equal(true);
  });

  it('lets reconnect make the next connection, and keeps that alive as well', () => {
    const element = make({ keepAlive: { interval: 1000, timeout: 500 }, reconnect: {} });
    clock.tick(1500);
    clock.tick(500);
    succeed(element);
    clock.tick(1000);

    expect(element.log.slice(-3)).to.deep.equal(['Connecting', 'Open', 'reconnected']);
    expect(element.socket.pings()).to.have.lengthOf(2);
  });

  it('tells how long the peer took for an answer', () => {
    const told: number[] = [];
    const element = make({
      keepAlive: { interval: 1000 },
      onRoundTripTimeChanged() {
        told.push(this.roundTripTime);
      },
    });
    clock.tick(1000);
    answer(element, 40);
    clock.tick(960);
    answer(element, 40);
    clock.tick(960);
    answer(element, 50);
    element.active = false;

    expect(told).to.deep.equal([40, 50, -1]);
    expect(element.roundTripTime).to.equal(-1);
  });

  it('tells of a new connection nothing that was measured before', () => {
    const element = make();
    element.keepAlive = { interval: 1000 };
    clock.tick(1000);
    answer(element, 40);
    const told = sinon.spy();
    element.roundTripTimeChanged.connect(told);
    element.active = false;
    element.socket.backend.connection().closed();
    element.active = true;
    succeed(element);

    expect(element.roundTripTime).to.equal(-1);
    sinon.assert.calledOnce(told);
  });

  it('can be assigned at any time, and be taken back', () => {
    const element = make();
    const changed = sinon.spy();
    element.keepAliveChanged.connect(changed);
    const options = { interval: 1000 };
    element.keepAlive = options;
    element.keepAlive = options;
    expect(element.keepAlive).to.equal(options);
    clock.tick(1000);
    answer(element, 40);
    element.keepAlive = null;

    sinon.assert.calledTwice(changed);
    expect(element.roundTripTime).to.equal(-1);
    expect(clock.countTimers()).to.equal(0);
  });

  it('can be bound', () => {
    const lamp = make();
    const element = make({
      keepAlive: () => (lamp.status === Status.Open ? { interval: 1000 } : null),
    });
    clock.tick(1000);
    expect(element.socket.pings()).to.have.lengthOf(1);
    lamp.active = false;

    expect(element.keepAlive).to.equal(null);
  });

  it('refuses what is no time, and stays as it was', () => {
    const options = { interval: 1000 };
    const element = make({ keepAlive: options });

    expect(() => (element.keepAlive = { timeout: 0 })).to.throw(RangeError, 'above 0 ms');
    expect(element.keepAlive).to.equal(options);
    clock.tick(1000);
    expect(element.socket.pings()).to.have.lengthOf(1);
  });

  it('lets go of a connection that closes because there is another URL', () => {
    const element = make({ keepAlive: { interval: 1000 } });
    const before = element.socket;
    element.url = 'ws://server.example/other';
    expect(element.socket).not.to.equal(before);
    succeed(element);
    clock.tick(1000);

    expect(before.pings()).to.have.lengthOf(0);
    expect(before.listeners('stateChanged')).to.have.lengthOf(0);
    expect(element.socket.pings()).to.have.lengthOf(1);
  });

  it('goes on when a connection that a server has accepted is opened anew', () => {
    const element = new TestWebSocket({ keepAlive: { interval: 1000 } }, family);
    const socket = KeptSocket.accepted();
    adopt(element, socket, () => undefined);
    socket.backend.connection().closing(1000, '');
    socket.backend.connection().closed();
    element.active = false;
    element.active = true;
    socket.backend.connection().opened('');
    clock.tick(1000);

    expect(socket.pings()).to.have.lengthOf(1);
  });

  it('has no effect in pages, which cannot ping', () => {
    const page = new PageWebSocket({ keepAlive: { interval: 1000 } }, family);
    const server = new PageWebSocketServer({ keepAlive: { interval: 1000 } }, family);

    expect(page.keepAlive).to.deep.equal({ interval: 1000 });
    expect(server.keepAlive).to.deep.equal({ interval: 1000 });
    expect(clock.countTimers()).to.equal(0);
  });
});

describe('WebSocketServerBase.keepAlive', () => {
  let family: QObject;

  beforeEach(() => (family = new QObject()));

  afterEach(() => family[Symbol.dispose]());

  /** What `server` makes of one more client. */
  async function joined(server: WebSocketServer): Promise<WebSocketBase> {
    const accepted = emitted(server.clientConnected);
    const dialling = new WebSocket({ url: server.url }, family);
    dialling.active = true;
    const [client] = await accepted;
    return client;
  }

  it('pings all clients, of which each tells how fast it answers', async () => {
    const server = new WebSocketServer({ listen: true, keepAlive: { interval: 10 } }, family);
    const client = await joined(server);
    await emitted(client.roundTripTimeChanged);

    expect(client.roundTripTime).to.be.at.least(0);
    expect(client.keepAlive).to.equal(null);
  });

  it('gives up the client that is gone', async () => {
    const times = { interval: 10, timeout: 20 };
    const server = new WebSocketServer({ listen: true, keepAlive: times }, family);
    const accepted = emitted(server.clientConnected);
    const peer = await RawClient.connect(server.port);
    peer.write(upgradeRequest());
    const [client] = await accepted;
    const words = emitted(client.errorStringChanged);
    await reaches(client, Status.Closed);

    expect((await words)[0]).to.contain('20 ms without a sign of life');
    await peer.ended();
  });

  it('can be assigned while there are clients, and be taken back', async () => {
    const server = new WebSocketServer({ listen: true }, family);
    const changed = sinon.spy();
    server.keepAliveChanged.connect(changed);
    const client = await joined(server);
    const options = { interval: 10 };
    server.keepAlive = options;
    server.keepAlive = options;
    await emitted(client.roundTripTimeChanged);
    server.keepAlive = null;

    sinon.assert.calledTwice(changed);
    expect(server.keepAlive).to.equal(null);
  });

  it('goes on with the server that another name makes', async () => {
    const server = new WebSocketServer({ listen: true, keepAlive: { interval: 10 } }, family);
    server.name = 'Another';
    const client = await joined(server);
    await emitted(client.roundTripTimeChanged);

    expect(client.roundTripTime).to.be.at.least(0);
  });

  it('may differ for one client', async () => {
    const server = new WebSocketServer({ listen: true }, family);
    const client = await joined(server);
    client.keepAlive = { interval: 10 };
    await emitted(client.roundTripTimeChanged);

    expect(client.roundTripTime).to.be.at.least(0);
  });

  it('refuses what is no time', () => {
    const server = new WebSocketServer({}, family);

    expect(() => (server.keepAlive = { interval: 0 })).to.throw(RangeError, 'above 0 ms');
    expect(server.keepAlive).to.equal(null);
  });
});
