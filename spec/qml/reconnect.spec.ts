import { expect } from 'chai';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import type { WebSocket } from '../../lib/node/qml/websocket.ts';
import { Status, type WebSocketBase, type WebSocketInit } from '../../lib/qml/websocket-base.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { TestWebSocket } from './support/test-websocket.ts';

const URL = 'ws://server.example/feed';

describe('WebSocketBase.reconnect', () => {
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
    return new TestWebSocket({ url: URL, active: true, reconnect: {}, ...init }, family);
  }

  function succeed(element: TestWebSocket): void {
    element.socket.backend.connection().opened('');
  }

  function lose(element: TestWebSocket): void {
    const events = element.socket.backend.connection();
    events.lost(SocketError.RemoteHostClosedError, 'Gone.');
    events.closed();
  }

  function refuse(element: TestWebSocket, status = 503): void {
    const refusal = { status, retryAfter: -1 };
    const error = SocketError.ConnectionRefusedError;
    element.socket.backend.connection().handshakeFailed(error, 'No.', refusal);
  }

  /** What was opened, oldest first. */
  function opened({ sockets }: TestWebSocket): unknown[] {
    return sockets.flatMap(({ backend }) =>
      backend.asked.filter(([name]) => name === 'open').map(([, url]) => url),
    );
  }

  it('is null at first, and then nothing is opened again', () => {
    const element = make({ reconnect: null });
    expect(element.reconnect).to.equal(null);
    succeed(element);
    lose(element);

    expect(element.log).to.deep.equal(['Connecting', 'Open', 'Error', 'Closing', 'Closed']);
    expect(clock.countTimers()).to.equal(0);
  });

  it('opens again what was lost, and stays active', () => {
    const element = make();
    succeed(element);
    lose(element);
    expect(element.status).to.equal(Status.Closed);
    expect(element.active).to.equal(true);
    clock.tick(500);
    succeed(element);

    expect(element.log).to.deep.equal([
      'Connecting',
      'Open',
      'Error',
      'Closing',
      'Closed',
      'reconnecting 1 500',
      'Connecting',
      'Open',
      'reconnected',
    ]);
    expect(opened(element)).to.deep.equal([URL, URL]);
  });

  it('opens again what could not be opened', () => {
    const element = make();
    refuse(element);
    clock.tick(500);

    expect(element.log).to.deep.equal([
      'Connecting',
      'Error',
      'Closed',
      'reconnecting 1 500',
      'Connecting',
    ]);
  });

  it('says when there is no point in it, and stays active', () => {
    const element = make();
    refuse(element, 403);

    expect(element.log.at(-1)).to.equal('gaveUp No.');
    expect(element.active).to.equal(true);
    element.active = false;
    element.active = true;
    expect(opened(element)).to.have.lengthOf(2);
  });

  it('tells of an error once when the URL cannot be opened', () => {
    const failed = sinon.spy();
    const element = make({ onErrorStringChanged: failed });
    element.active = false;
    failed.resetHistory();
    element.log.length = 0;
    const error = SocketError.UnsupportedSocketOperationError;
    element.socket.backend.refusal = { error, description: 'Unsupported.' };
    element.active = true;

    expect(failed.args).to.deep.equal([['Unsupported.']]);
    expect(element.log).to.deep.equal(['Error', 'gaveUp Unsupported.']);
  });

  it('ends with active: while it waits, while it connects, and on a connection', () => {
    const element = make();
    refuse(element);
    element.active = false;
    expect(clock.countTimers()).to.equal(0);

    element.active = true;
    element.active = false;
    expect(clock.countTimers()).to.equal(0);

    element.active = true;
    succeed(element);
    element.active = false;
    element.socket.backend.connection().closed();
    expect(element.status).to.equal(Status.Closed);
    expect(clock.countTimers()).to.equal(0);
  });

  it('goes to the URL and asks for the subprotocols of the moment', () => {
    const element = make();
    refuse(element);
    element.requestedSubprotocols = ['v2'];
    clock.tick(500);
    expect(element.socket.backend.request!.subprotocols).to.deep.equal(['v2']);
    refuse(element);
    element.url = 'ws://other.example/';

    expect(opened(element)).to.deep.equal([URL, URL, 'ws://other.example/']);
  });

  it('goes on with another URL on another connection', () => {
    const element = make();
    succeed(element);
    element.url = 'ws://other.example/';
    expect(element.sockets).to.have.lengthOf(2);
    succeed(element);
    lose(element);
    clock.tick(500);

    expect(opened(element)).to.deep.equal([URL, 'ws://other.example/', 'ws://other.example/']);
  });

  it('asks the hook destination, for the first connection too and without a URL', () => {
    let token = 0;
    const element = make({
      url: '',
      reconnect: { destination: () => `ws://server.example/?${++token}` },
    });
    refuse(element);
    clock.tick(500);

    expect(opened(element)).to.deep.equal(['ws://server.example/?1', 'ws://server.example/?2']);
  });

  it('keeps messages until there is a connection', () => {
    const element = make({
      reconnect: { maxUnsentMessages: 2, resubscribe: (own) => own.sendTextMessage('subscribe') },
    });
    expect(element.sendTextMessage('a')).to.equal(1);
    expect(element.sendBinaryMessage('b')).to.equal(1);
    expect(element.sendTextMessage('c')).to.equal(0);
    expect(element.status).to.equal(Status.Connecting);
    succeed(element);
    const sent = element.socket.backend.asked.filter(([name]) => String(name).startsWith('send'));

    expect(sent.map(([, what]) => what)).to.deep.equal(['subscribe', 'a', [98]]);
    expect(element.sendTextMessage('d')).to.equal(1);
  });

  it('can be set and taken away at any time', () => {
    const changed = sinon.spy();
    const element = make({ reconnect: null, onReconnectChanged: changed });
    succeed(element);
    element.reconnect = { firstDelay: 100 };
    lose(element);
    expect(element.log.at(-1)).to.equal('reconnecting 1 50');
    element.reconnect = null;
    expect(clock.countTimers()).to.equal(0);
    element.reconnect = {};

    expect(opened(element)).to.deep.equal([URL, URL]);
    sinon.assert.calledThrice(changed);
  });

  it('can be bound', () => {
    const switchboard = make({ active: false });
    const element = make({
      reconnect: () => (switchboard.active ? { firstDelay: 20 } : null),
    });
    refuse(element);
    expect(clock.countTimers()).to.equal(0);
    switchboard.active = true;
    expect(opened(element)).to.have.lengthOf(2);
    switchboard.active = false;
    refuse(element);

    expect(element.log.at(-1)).to.equal('Closed');
  });

  it('takes no numbers out of their ranges', () => {
    const element = make();

    expect(() => make({ reconnect: { firstDelay: -1 } })).to.throw(RangeError);
    expect(() => (element.reconnect = { firstDelay: -1 })).to.throw(RangeError);
    expect(element.reconnect).to.deep.equal({});
  });

  it('goes on whatever handlers throw', async () => {
    const element = make({
      onReconnecting() {
        throw new Error('Oops.');
      },
      onStatusChanged() {
        throw new Error('Oops.');
      },
    });
    const errors = await uncaughtErrors(() => {
      refuse(element);
      clock.tick(500);
    });

    expect(errors.map(String)).to.deep.equal(Array(5).fill('Error: Oops.'));
    expect(opened(element)).to.have.lengthOf(2);
  });

  const deeds: Record<string, (element: WebSocketBase) => void> = {
    'destroy it': (element) => element[Symbol.dispose](),
    'end its wish': (element) => (element.active = false),
    'take the property away': (element) => (element.reconnect = null),
  };
  for (const [what, act] of Object.entries(deeds)) {
    for (const handler of ['onReconnecting', 'onReconnected', 'onGaveUp'] as const) {
      it(`lets ${handler} ${what}`, () => {
        const element = make({
          [handler](this: WebSocket) {
            act(this);
          },
        });
        refuse(element, handler === 'onGaveUp' ? 403 : 503);
        if (handler !== 'onReconnected') {
          expect(clock.countTimers()).to.equal(0);
          return;
        }
        clock.tick(500);
        succeed(element);
        lose(element);
        expect(clock.countTimers()).to.equal(0);
      });
    }
  }
});
