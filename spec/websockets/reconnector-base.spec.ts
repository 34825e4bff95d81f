import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import type { ReconnectFailure } from '../../lib/websockets/reconnect-failure.ts';
import type { ReconnectOptions } from '../../lib/websockets/reconnect-options.ts';
import { ReconnectorBase } from '../../lib/websockets/reconnector-base.ts';
import { wakeProbe } from '../../lib/websockets/wake-probe.ts';
import type { WakeSource } from '../../lib/websockets/wake-source.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const URL = 'ws://server.example/feed';
const { ClosingState, ConnectedState, ConnectingState, UnconnectedState } = SocketState;

/** A machine that sleeps when a spec says so. */
class FakeWakes implements WakeSource {
  readonly listeners = new Map<string, Set<() => void>>();

  on(event: string, listener: () => void): this {
    const own = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, own.add(listener));
    return this;
  }

  off(event: string, listener: () => void): this {
    this.listeners.get(event)?.delete(listener);
    return this;
  }

  tell(event: string): void {
    for (const listener of this.listeners.get(event) ?? []) listener();
  }

  get count(): number {
    return [...this.listeners.values()].reduce((sum, own) => sum + own.size, 0);
  }
}

class TestReconnector extends ReconnectorBase {
  /** What it has told, in order. */
  readonly log: string[] = [];

  constructor(socket: QWebSocketBase, options: ReconnectOptions, wakeSource: WakeSource) {
    super(socket, { random: () => 0.5, ...options }, null, { wakeSource, createProbe: wakeProbe });
    this.reconnecting.connect((attempt, delay) =>
      this.log.push(`reconnecting ${attempt} ${delay}`),
    );
    this.reconnected.connect(() => this.log.push('reconnected'));
    this.gaveUp.connect((reason) => this.log.push(`gaveUp ${reason}`));
  }
}

describe('ReconnectorBase', () => {
  let clock: sinon.SinonFakeTimers;
  let socket: KeptSocket;
  let wakes: FakeWakes;
  let reconnector: TestReconnector;

  beforeEach(() => {
    clock = sinon.useFakeTimers({
      now: 1_000_000,
      toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
    });
    socket = new KeptSocket();
    wakes = new FakeWakes();
  });

  afterEach(() => {
    reconnector?.[Symbol.dispose]();
    clock.restore();
  });

  function watch(options: ReconnectOptions = {}): TestReconnector {
    reconnector = new TestReconnector(socket, options, wakes);
    return reconnector;
  }

  /** How often the socket was opened. */
  function attempts(): number {
    return socket.backend.asked.filter(([name]) => name === 'open').length;
  }

  function sent(): unknown[] {
    return socket.backend.asked
      .filter(([name]) => String(name).startsWith('send'))
      .map(([, what]) => what);
  }

  function succeed(): void {
    socket.backend.connection().opened('');
  }

  function refuse(status = 0, retryAfter = -1): void {
    const refusal = status === 0 ? undefined : { status, retryAfter };
    const error = SocketError.ConnectionRefusedError;
    socket.backend.connection().handshakeFailed(error, 'No.', refusal);
  }

  function lose(): void {
    const events = socket.backend.connection();
    events.lost(SocketError.RemoteHostClosedError, 'Gone.');
    events.closed();
  }

  /** The peer closes. */
  function close(code: number, reason = ''): void {
    const events = socket.backend.connection();
    events.closing(code, reason);
    events.closed();
  }

  /** Lets the wait end; returns how long it was. */
  function wait(): number {
    expect(socket.state()).to.equal(UnconnectedState);
    const before = clock.now;
    const opened = attempts();
    clock.next();
    expect(attempts()).to.equal(opened + 1);
    return clock.now - before;
  }

  describe('a connection that is lost', () => {
    it('is made again, to where the socket was opened', () => {
      watch();
      const request = new QNetworkRequest(URL);
      request.setRawHeader('X-Own', 'yes');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['chat']);
      socket.open(request, options);
      succeed();
      lose();
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      expect(wait()).to.equal(500);

      expect(socket.state()).to.equal(ConnectingState);
      expect(socket.backend.request!.url.toString()).to.equal(URL);
      expect(socket.backend.request!.headers.value('x-own')).to.equal('yes');
      expect(socket.backend.request!.subprotocols).to.deep.equal(['chat']);
      succeed();
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnected']);
    });

    it('is one that was there before, too', () => {
      socket.connect();
      watch();
      expect(reconnector.isActive()).to.equal(true);
      lose();

      expect(wait()).to.equal(500);
    });

    it('leaves the signals of the socket as they are', () => {
      watch();
      const states: number[] = [];
      socket.stateChanged.connect((state) => states.push(state));
      socket.open(URL);
      refuse();

      expect(states).to.deep.equal([ConnectingState, UnconnectedState]);
    });
  });

  describe('the waits', () => {
    it('are random, up to a limit that doubles until 30 s', () => {
      watch();
      socket.open(URL);
      const waits: number[] = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        refuse();
        waits.push(wait());
      }

      expect(waits).to.deep.equal([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    });

    it('go from nothing to all of the limit', () => {
      const random = sinon.stub().returns(0);
      watch({ random, firstDelay: 400 });
      socket.open(URL);
      refuse();
      expect(wait()).to.equal(0);
      random.returns(1);
      refuse();
      expect(wait()).to.equal(800);
    });

    it('go on to grow when connections are lost at once', () => {
      watch();
      socket.open(URL);
      const waits: number[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        succeed();
        clock.tick(59_999);
        lose();
        waits.push(wait());
      }

      expect(waits).to.deep.equal([500, 1000, 2000]);
    });

    it('begin anew after a connection that has lasted', () => {
      watch();
      socket.open(URL);
      refuse();
      wait();
      refuse();
      wait();
      succeed();
      clock.tick(60_000);
      lose();

      expect(wait()).to.equal(500);
    });

    it('begin anew after a connection that has lasted, also when the clock was put back', () => {
      watch();
      socket.open(URL);
      refuse();
      wait();
      succeed();
      clock.tick(60_000);
      clock.setSystemTime(clock.now - 3_600_000);
      lose();

      expect(reconnector.log.at(-1)).to.equal('reconnecting 1 500');
    });

    it('do without a random source that throws, or gives no number between 0 and 1', async () => {
      const random = sinon.stub();
      random.onFirstCall().throws(new Error('No dice.'));
      random.onSecondCall().returns(NaN);
      random.onThirdCall().returns(7);
      watch({ random, firstDelay: 1000 });
      socket.open(URL);
      const errors = await uncaughtErrors(() => {
        for (let attempt = 0; attempt < 3; attempt++) {
          refuse();
          expect(wait()).to.be.within(0, 1000 * 2 ** attempt);
        }
      });

      expect(errors.map(String)).to.deep.equal(['Error: No dice.']);
    });

    it('are as long as Retry-After wants, and then spread', () => {
      watch();
      socket.open(URL);
      refuse(503, 20_000);

      expect(reconnector.remainingTime()).to.equal(20_500);
      expect(wait()).to.equal(20_500);
    });

    it('are no longer than an hour on behalf of Retry-After', () => {
      watch();
      socket.open(URL);
      refuse(429, 2 ** 31 - 1);

      expect(wait()).to.equal(3_600_500);
    });

    it('are 5 to 30 seconds when the service restarts', () => {
      const random = sinon.stub().returns(0);
      watch({ random });
      socket.open(URL);
      succeed();
      close(1012);
      expect(wait()).to.equal(5_000);
      random.returns(1);
      succeed();
      close(1012);
      expect(wait()).to.equal(30_000);
    });

    it('stay long when the service is overloaded', () => {
      watch();
      socket.open(URL);
      succeed();
      close(1013);
      expect(wait()).to.equal(17_500);
      refuse();

      expect(wait()).to.equal(15_000);
    });

    it('count as one each, also when the service is overloaded', () => {
      watch({ maxAttempts: 2 });
      socket.open(URL);
      succeed();
      close(1013);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 17500']);
      wait();
      refuse();

      expect(reconnector.log.at(-1)).to.equal('reconnecting 2 15000');
    });
  });

  describe('gives up', () => {
    const statuses = [400, 401, 403, 404, 407, 410, 426];
    for (const status of statuses) {
      it(`after HTTP ${status}`, () => {
        watch();
        socket.open(URL);
        refuse(status);

        expect(reconnector.log).to.deep.equal(['gaveUp No.']);
        expect(reconnector.lastFailure()!.status).to.equal(status);
        expect(reconnector.isActive()).to.equal(false);
        expect(clock.countTimers()).to.equal(0);
      });
    }

    const fatalErrors = {
      UnsupportedSocketOperationError: SocketError.UnsupportedSocketOperationError,
      SslHandshakeFailedError: SocketError.SslHandshakeFailedError,
      SslInvalidUserDataError: SocketError.SslInvalidUserDataError,
      ProxyAuthenticationRequiredError: SocketError.ProxyAuthenticationRequiredError,
    };
    for (const [name, error] of Object.entries(fatalErrors)) {
      it(`after ${name}`, () => {
        watch();
        socket.open(URL);
        socket.backend.connection().unreachable(error, 'Never.');

        expect(reconnector.log).to.deep.equal(['gaveUp Never.']);
      });
    }

    for (const code of [1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003]) {
      it(`after ${code}`, () => {
        watch();
        socket.open(URL);
        succeed();
        close(code, 'So it is.');

        expect(reconnector.log).to.deep.equal([
          `gaveUp The connection was closed with ${code}: So it is.`,
        ]);
      });
    }

    it('what cannot be opened', () => {
      watch();
      socket.backend.refusal = { error: SocketError.ConnectionRefusedError, description: 'Bad.' };
      socket.open(URL);
      reconnector.start();

      expect(reconnector.log).to.deep.equal(['gaveUp Bad.']);
    });

    it('after as many attempts as it may make', () => {
      watch({ maxAttempts: 2 });
      socket.open(URL);
      refuse();
      wait();
      refuse();
      wait();
      refuse();

      expect(reconnector.log).to.deep.equal([
        'reconnecting 1 500',
        'reconnecting 2 1000',
        'gaveUp Attempts in a row that have failed: 2. No.',
      ]);
    });

    it('when the next attempt would come too late', () => {
      watch({ maxElapsedTime: 3_000 });
      socket.open(URL);
      refuse();
      wait();
      refuse();
      wait();
      clock.tick(10);
      refuse();

      expect(reconnector.log.at(-1)).to.equal(
        'gaveUp No connection has lasted within 3000 ms. No.',
      );
    });

    it('and the time does not count in which the machine sleeps', () => {
      watch({ maxElapsedTime: 60_000 });
      socket.open(URL);
      refuse();
      clock.setSystemTime(clock.now + 8 * 3_600_000);
      wait();
      refuse();
      expect(reconnector.log.at(-1)).to.equal('reconnecting 2 1000');
      clock.tick(1_000);
      clock.tick(60_000);
      refuse();

      expect(reconnector.log.at(-1)).to.match(/^gaveUp No connection has lasted within 60000 ms/);
    });

    it('and begins anew with the next open()', () => {
      watch({ maxAttempts: 0 });
      socket.open(URL);
      refuse();
      expect(reconnector.isActive()).to.equal(false);
      socket.open(URL);

      expect(reconnector.isActive()).to.equal(true);
    });

    it('when the application thinks so, and not when it does not', () => {
      const isFatal = sinon.spy((failure: ReconnectFailure) => failure.closeCode === 4001);
      watch({ isFatal });
      socket.open(URL);
      refuse(403);
      wait();
      succeed();
      close(4001, 'Signed out.');

      expect(reconnector.log.at(-1)).to.equal(
        'gaveUp The connection was closed with 4001: Signed out.',
      );
      expect(isFatal.args.map(([failure]) => failure.isFatal)).to.deep.equal([true, false]);
    });

    it('as it would without an application that throws when it is asked', async () => {
      watch({
        isFatal: () => {
          throw new Error('Undecided.');
        },
      });
      socket.open(URL);
      const errors = await uncaughtErrors(() => refuse(503));

      expect(errors.map(String)).to.deep.equal(['Error: Undecided.']);
      expect(wait()).to.equal(500);
    });
  });

  describe('tries again', () => {
    for (const status of [200, 302, 408, 425, 429, 500, 502, 503, 511]) {
      it(`after HTTP ${status}`, () => {
        watch();
        socket.open(URL);
        refuse(status);

        expect(wait()).to.equal(500);
      });
    }

    it('after a refusal of which no status is known, as in pages', () => {
      watch();
      socket.open(URL);
      refuse();

      expect(wait()).to.equal(500);
    });

    for (const error of [
      SocketError.ConnectionRefusedError,
      SocketError.HostNotFoundError,
      SocketError.SocketTimeoutError,
      SocketError.NetworkError,
      SocketError.ProxyConnectionRefusedError,
      SocketError.SocketResourceError,
    ]) {
      it(`after error ${error} on the way`, () => {
        watch();
        socket.open(URL);
        socket.backend.connection().unreachable(error, 'Later.');

        expect(wait()).to.equal(500);
      });
    }

    for (const code of [1000, 1001, 1005, 1011, 1014, 3008, 4000]) {
      it(`after ${code}`, () => {
        watch();
        socket.open(URL);
        succeed();
        close(code);

        expect(wait()).to.equal(500);
        expect(reconnector.lastFailure()!.reason).to.equal(
          `The connection was closed with ${code}.`,
        );
      });
    }

    it('with short waits after a status that says nothing about the connection before', () => {
      watch();
      socket.open(URL);
      refuse(403);
      socket.open(URL);
      succeed();
      lose();

      expect(reconnector.lastFailure()).to.include({ status: 0, closeCode: 1006, isFatal: false });
    });
  });

  describe('the socket decides', () => {
    for (const end of ['close', 'abort'] as const) {
      it(`that ${end}() ends it while it waits`, () => {
        watch();
        socket.open(URL);
        refuse();
        socket[end]();

        expect(reconnector.isActive()).to.equal(false);
        expect(clock.countTimers()).to.equal(0);
      });

      it(`that ${end}() ends it on an open connection`, () => {
        watch();
        socket.open(URL);
        succeed();
        socket[end]();
        if (end === 'close') close(1000);

        expect(socket.state()).to.equal(UnconnectedState);
        expect(clock.countTimers()).to.equal(0);
        expect(reconnector.log).to.deep.equal([]);
      });

      it(`that ${end}() ends an attempt`, () => {
        watch();
        socket.open(URL);
        refuse();
        wait();
        socket[end]();

        expect(reconnector.isActive()).to.equal(false);
        expect(clock.countTimers()).to.equal(0);
      });
    }

    it('that open() begins anew, in the place of a wait', () => {
      watch();
      socket.open(URL);
      refuse();
      wait();
      refuse();
      socket.open('ws://other.example/');
      expect(clock.countTimers()).to.equal(0);
      refuse();

      expect(reconnector.log.at(-1)).to.equal('reconnecting 1 500');
      wait();
      expect(socket.backend.request!.url.host()).to.equal('other.example');
    });

    it('that a slot may open it before the wait has begun', () => {
      socket.disconnected.connect(() => socket.open('ws://other.example/'));
      watch();
      socket.open(URL);
      refuse();

      expect(attempts()).to.equal(2);
      expect(clock.countTimers()).to.equal(0);
    });

    it('that an open() that leads to nothing ends a connection for good', () => {
      watch();
      socket.open(URL);
      succeed();
      socket.backend.refusal = { error: SocketError.ConnectionRefusedError, description: 'Bad.' };
      socket.open('ws://other.example/');

      expect(reconnector.log).to.deep.equal(['gaveUp Bad.']);
      expect(reconnector.isActive()).to.equal(false);
    });

    it('that an open() without a URL changes nothing', () => {
      watch();
      socket.open(URL);
      refuse();
      socket.open('');
      expect(wait()).to.equal(500);
      socket.open('');
      succeed();

      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnected']);
    });

    it('that a slot may give an attempt up for another one as it begins', () => {
      watch();
      socket.open(URL);
      refuse();
      socket.stateChanged.connect((state) => {
        if (state !== ConnectingState) return;
        socket.abort();
        socket.open('ws://other.example/');
      }, ConnectionType.SingleShotConnection);
      clock.tick(500);
      expect(socket.requestUrl().host()).to.equal('other.example');
      expect(reconnector.isActive()).to.equal(true);
      refuse();

      expect(reconnector.log.at(-1)).to.equal('reconnecting 1 500');
    });

    it('that there is nothing to open any more when it is destroyed', () => {
      watch({ destination: () => URL });
      reconnector.start();
      socket[Symbol.dispose]();
      reconnector.start();

      expect(reconnector.isActive()).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
    });

    it('that an attempt may fail before open() returns, which counts once', () => {
      watch();
      socket.open(URL);
      refuse();
      socket.stateChanged.connect((state) => {
        if (state === ConnectingState) refuse(503);
      });
      clock.tick(500);

      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnecting 2 1000']);
      expect(reconnector.isActive()).to.equal(true);
    });

    it('that it is over when it is destroyed', () => {
      watch();
      socket.open(URL);
      refuse();
      socket[Symbol.dispose]();

      expect(reconnector.isActive()).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
      expect(wakes.count).to.equal(0);
    });

    it('that it has one Reconnector at a time', () => {
      watch();
      expect(() => new TestReconnector(socket, {}, wakes)).to.throw(TypeError, 'already');
      reconnector[Symbol.dispose]();
      watch();
      socket.open(URL);

      expect(reconnector.isActive()).to.equal(true);
    });

    it('that the one of a server has none', () => {
      socket = KeptSocket.accepted();

      expect(() => watch()).to.throw(TypeError, 'server');
    });
  });

  describe('start() and stop()', () => {
    it('tries at once instead of after the wait', () => {
      watch();
      socket.open(URL);
      refuse();
      reconnector.start();
      expect(attempts()).to.equal(2);
      expect(clock.countTimers()).to.equal(0);
      succeed();

      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnected']);
    });

    it('keeps a connection and an attempt', () => {
      watch();
      socket.open(URL);
      reconnector.start();
      succeed();
      reconnector.start();

      expect(attempts()).to.equal(1);
      expect(socket.state()).to.equal(ConnectedState);
    });

    it('connects again what was closed', () => {
      watch();
      socket.open(URL);
      succeed();
      socket.abort();
      reconnector.start();

      expect(attempts()).to.equal(2);
      expect(reconnector.isActive()).to.equal(true);
    });

    it('connects again when what is being closed has ended', () => {
      watch();
      socket.open(URL);
      succeed();
      socket.close();
      reconnector.start();
      expect(attempts()).to.equal(1);
      socket.backend.connection().closed();

      expect(wait()).to.equal(500);
    });

    it('leaves a connection alone from now on', () => {
      watch();
      socket.open(URL);
      succeed();
      reconnector.stop();
      expect(socket.state()).to.equal(ConnectedState);
      lose();

      expect(clock.countTimers()).to.equal(0);
      expect(wakes.count).to.equal(0);
    });

    it('leaves nothing behind in a socket that has no room when it is destroyed', () => {
      watch();
      socket.open(URL);
      reconnector.sendTextMessage('1');
      socket.backend.isRoomy = false;
      socket.backend.waiting = 1;
      succeed();
      expect(socket.listenerCount('bytesWritten')).to.equal(1);
      reconnector[Symbol.dispose]();

      expect(socket.eventNames()).to.deep.equal([]);
    });

    it('does nothing once destroyed, and leaves nothing behind', () => {
      watch();
      socket.open(URL);
      refuse();
      reconnector[Symbol.dispose]();
      reconnector.start();
      socket.open(URL);
      refuse();

      expect(attempts()).to.equal(2);
      expect(clock.countTimers()).to.equal(0);
      expect(wakes.count).to.equal(0);
    });
  });

  describe('slots', () => {
    it('may throw', async () => {
      watch();
      for (const signal of [reconnector.reconnecting, reconnector.reconnected, socket.connected]) {
        signal.connect(() => {
          throw new Error('Oops.');
        });
      }
      socket.open(URL);
      const errors = await uncaughtErrors(() => {
        refuse();
        wait();
        succeed();
        lose();
        wait();
      });

      expect(errors.map(String)).to.deep.equal(Array(4).fill('Error: Oops.'));
      expect(reconnector.isActive()).to.equal(true);
    });

    const deeds: Record<string, () => void> = {
      'stop it': () => reconnector.stop(),
      'destroy it': () => reconnector[Symbol.dispose](),
      'destroy the socket': () => socket[Symbol.dispose](),
      'close the socket': () => socket.close(),
    };
    for (const [what, act] of Object.entries(deeds)) {
      it(`may ${what} when it begins to wait`, () => {
        watch();
        reconnector.reconnecting.connect(act);
        socket.open(URL);
        refuse();

        expect(reconnector.isActive()).to.equal(false);
        expect(clock.countTimers()).to.equal(0);
      });

      it(`may ${what} when they are asked whether to give up`, () => {
        watch({
          isFatal: () => {
            act();
            return false;
          },
        });
        socket.open(URL);
        refuse();

        expect(reconnector.log).to.deep.equal([]);
        expect(clock.countTimers()).to.equal(0);
      });
    }

    it('may open the socket when they are asked whether to give up', () => {
      watch({
        isFatal: () => {
          socket.open('ws://other.example/');
          return true;
        },
      });
      socket.open(URL);
      refuse();

      expect(attempts()).to.equal(2);
      expect(reconnector.log).to.deep.equal([]);
      expect(reconnector.isActive()).to.equal(true);
    });

    it('may start it when it has given up', () => {
      watch();
      reconnector.gaveUp.connect(() => reconnector.start());
      socket.open(URL);
      refuse(403);

      expect(attempts()).to.equal(2);
      expect(reconnector.isActive()).to.equal(true);
    });

    it('may close the socket as soon as an attempt begins', () => {
      watch();
      socket.open(URL);
      refuse();
      socket.stateChanged.connect((state) => {
        if (state === ConnectingState) socket.abort();
      });
      clock.next();

      expect(reconnector.isActive()).to.equal(false);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      expect(clock.countTimers()).to.equal(0);
    });
  });

  describe('a hook that hears that nobody waits for it any more', () => {
    /** A Reconnector that waits for `destination`, which does something when its signal is aborted. */
    function waiting(act: () => void): void {
      watch({
        destination: (signal) => {
          signal.addEventListener('abort', act);
          return new Promise<string>(() => {});
        },
      });
      reconnector.start();
    }

    it('may start again what is being stopped', () => {
      waiting(() => reconnector.start());
      reconnector.stop();

      expect(reconnector.isActive()).to.equal(true);
    });

    it('starts nothing that is being destroyed', () => {
      waiting(() => reconnector.start());
      reconnector[Symbol.dispose]();

      expect(reconnector.isActive()).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
    });

    it('may abort the socket that was opened in its place', () => {
      waiting(() => socket.abort());
      socket.open(URL);

      expect(socket.state()).to.equal(UnconnectedState);
      expect(reconnector.isActive()).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
    });

    it('may open the socket', () => {
      waiting(() => socket.open(URL));
      clock.tick(30_000);

      expect(reconnector.isActive()).to.equal(true);
      expect(socket.state()).to.equal(ConnectingState);
      expect(attempts()).to.equal(1);
    });

    it('is no reason for what comes after it', () => {
      watch({
        resubscribe: (_, signal) => {
          signal.addEventListener('abort', () => {
            socket.abort();
            reconnector.start();
          });
          return new Promise(() => {});
        },
      });
      socket.open(URL);
      succeed();
      clock.tick(30_000);
      expect(socket.state()).to.equal(ConnectingState);
      refuse(503);

      expect(reconnector.lastFailure()!.cause).to.equal(undefined);
    });
  });

  describe('the hook destination', () => {
    it('leads each attempt elsewhere', () => {
      let token = 0;
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['v2']);
      watch({
        destination: () => {
          token++;
          const target = `ws://server.example/?token=${token}`;
          return token === 1 ? target : { target, handshakeOptions: options };
        },
      });
      reconnector.start();
      expect(socket.backend.request!.url.query()).to.equal('token=1');
      refuse();
      wait();

      expect(socket.backend.request!.url.query()).to.equal('token=2');
      expect(socket.backend.request!.subprotocols).to.deep.equal(['v2']);
    });

    for (const target of [new QUrl(URL), new QNetworkRequest(URL), new globalThis.URL(URL)]) {
      it(`may return a ${target.constructor.name}`, () => {
        watch({ destination: () => target });
        reconnector.start();

        expect(socket.backend.request!.url.toString()).to.equal(URL);
      });
    }

    it('may take its time', async () => {
      watch({ destination: () => Promise.resolve(URL) });
      reconnector.start();
      expect(attempts()).to.equal(0);
      await clock.tickAsync(0);

      expect(attempts()).to.equal(1);
      expect(clock.countTimers()).to.equal(0);
    });

    it('may not take for ever', async () => {
      const signals: AbortSignal[] = [];
      watch({
        destination: (signal) => {
          signals.push(signal);
          return new Promise<string>(() => {});
        },
      });
      reconnector.start();
      await clock.tickAsync(30_000);

      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      expect(reconnector.lastFailure()!.reason).to.equal(
        'Operation aborted (request: destination() has failed: ' +
          'destination() took longer than 30000 ms).',
      );
      expect(signals[0]!.aborted).to.equal(true);
      await clock.tickAsync(500);
      expect(signals).to.have.lengthOf(2);
    });

    const failures: Record<string, () => string | Promise<string>> = {
      throw: () => {
        throw new Error('No token.');
      },
      'be rejected': () => Promise.reject(new Error('No token.')),
    };
    for (const [what, destination] of Object.entries(failures)) {
      it(`may ${what}, which fails the attempt`, async () => {
        const isFatal = sinon.spy(() => false);
        watch({ destination, isFatal });
        reconnector.start();
        await clock.tickAsync(0);

        const [[failure]] = isFatal.args as unknown as [[ReconnectFailure]];
        expect(failure.error).to.equal(SocketError.OperationError);
        expect((failure.cause as Error).message).to.equal('No token.');
        expect(failure.reason).to.equal(
          'Operation aborted (request: destination() has failed: No token).',
        );
        expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      });
    }

    const strange: Record<string, [thrown: unknown, words: string]> = {
      'an error whose message is no text': [Object.assign(new Error(), { message: 404 }), '404'],
      'what cannot be made a text': [Object.create(null), 'an object without words'],
      'a symbol': [Symbol('signed out'), 'Symbol(signed out)'],
      nothing: [undefined, 'undefined'],
    };
    for (const [what, [thrown, words]] of Object.entries(strange)) {
      it(`may be rejected with ${what}`, async () => {
        // oxlint-disable-next-line prefer-promise-reject-errors -- that is what it is about
        watch({ destination: () => Promise.reject(thrown) });
        reconnector.start();
        await clock.tickAsync(0);

        expect(reconnector.lastFailure()!.reason).to.contain(`has failed: ${words})`);
        expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      });
    }

    for (const nowhere of [undefined, null, 7, 'ws://host:99999/', {}] as string[]) {
      it(`may return ${JSON.stringify(nowhere)}, which fails the attempt`, () => {
        watch({ destination: () => nowhere });
        reconnector.start();

        expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
        expect(reconnector.lastFailure()!.reason).to.not.equal('');
      });
    }

    it('gives up when that never works', () => {
      watch({ destination: () => 'http://server.example/' });
      const { UnsupportedSocketOperationError } = SocketError;
      const description = 'Unsupported WebSocket scheme: http';
      socket.backend.refusal = { error: UnsupportedSocketOperationError, description };
      reconnector.start();

      expect(reconnector.log).to.deep.equal([`gaveUp ${description}`]);
    });

    it('is not waited for when the socket is opened meanwhile', async () => {
      let resolve!: (target: string) => void;
      let signal!: AbortSignal;
      let calls = 0;
      watch({
        destination: (given) => {
          signal = given;
          calls++;
          return new Promise<string>((done) => (resolve = done));
        },
      });
      reconnector.start();
      reconnector.start();
      expect(calls).to.equal(1);
      socket.open('ws://other.example/');
      expect(signal.aborted).to.equal(true);
      resolve(URL);
      await clock.tickAsync(0);

      expect(attempts()).to.equal(1);
      expect(clock.countTimers()).to.equal(0);
    });

    it('is not waited for once it is stopped, and may fail then', async () => {
      let reject!: (error: Error) => void;
      watch({ destination: () => new Promise<string>((_, no) => (reject = no)) });
      reconnector.start();
      reconnector.stop();
      reject(new Error('Nobody cares.'));
      await clock.tickAsync(0);

      expect(reconnector.log).to.deep.equal([]);
      expect(clock.countTimers()).to.equal(0);
    });
  });

  describe('the hook resubscribe', () => {
    it('is called on each connection, before what has waited', () => {
      const connected = sinon.spy();
      watch({ resubscribe: (own) => own.sendTextMessage('subscribe') });
      socket.connected.connect(connected);
      socket.open(URL);
      reconnector.sendTextMessage('first');
      succeed();
      expect(sent()).to.deep.equal(['subscribe', 'first']);
      lose();
      reconnector.sendTextMessage('second');
      wait();
      succeed();

      expect(sent()).to.deep.equal(['subscribe', 'first', 'subscribe', 'second']);
      sinon.assert.calledTwice(connected);
    });

    for (const isSlow of [false, true]) {
      it(`is called once, also when a slot starts it before connected (${isSlow})`, async () => {
        const resubscribe = sinon.spy(() => (isSlow ? Promise.resolve() : undefined));
        watch({ resubscribe });
        socket.stateChanged.connect((state) => {
          if (state === ConnectedState) reconnector.start();
        });
        socket.open(URL);
        succeed();
        await clock.tickAsync(0);

        sinon.assert.calledOnce(resubscribe);
      });
    }

    it('may take its time, for which messages wait', async () => {
      let resolve!: () => void;
      watch({ resubscribe: () => new Promise<void>((done) => (resolve = done)) });
      socket.open(URL);
      refuse();
      wait();
      succeed();
      expect(reconnector.sendTextMessage('first')).to.equal(5);
      expect(sent()).to.deep.equal([]);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
      resolve();
      await clock.tickAsync(0);

      expect(sent()).to.deep.equal(['first']);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnected']);
      expect(clock.countTimers()).to.equal(0);

      lose();
      wait();
      succeed();
      reconnector.sendTextMessage('second');
      expect(sent()).to.deep.equal(['first']);
    });

    const failures: Record<string, () => unknown> = {
      throw: () => {
        throw new Error('Signed out.');
      },
      'be rejected': () => Promise.reject(new Error('Signed out.')),
    };
    for (const [what, resubscribe] of Object.entries(failures)) {
      it(`may ${what}, which ends the connection`, async () => {
        watch({ resubscribe });
        socket.open(URL);
        reconnector.sendTextMessage('kept');
        succeed();
        await clock.tickAsync(0);

        expect(socket.state()).to.equal(UnconnectedState);
        expect(socket.closeCode()).to.equal(1006);
        expect(socket.error()).to.equal(SocketError.OperationError);
        expect(socket.errorString()).to.contain('resubscribe() has failed: Signed out');
        expect((reconnector.lastFailure()!.cause as Error).message).to.equal('Signed out.');
        expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
        expect(reconnector.unsentMessages()).to.equal(1);
      });
    }

    it('may not take for ever', async () => {
      watch({ resubscribe: () => new Promise<void>(() => {}), hookTimeout: 2_000 });
      socket.open(URL);
      succeed();
      await clock.tickAsync(2_000);

      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
    });

    it('is not waited for when the connection is lost meanwhile', async () => {
      let reject!: (error: Error) => void;
      let signal!: AbortSignal;
      watch({
        resubscribe: (_, given) => {
          signal = given;
          return new Promise<void>((__, no) => (reject = no));
        },
      });
      socket.open(URL);
      succeed();
      lose();
      expect(signal.aborted).to.equal(true);
      reject(new Error('Lost.'));
      wait();
      succeed();
      await clock.tickAsync(0);

      expect(socket.state()).to.equal(ConnectedState);
    });

    it('may close the connection', () => {
      watch({ resubscribe: (own) => own.close() });
      socket.open(URL);
      succeed();
      close(1000);

      expect(reconnector.isActive()).to.equal(false);
      expect(clock.countTimers()).to.equal(0);
    });

    it('comes after all when it was stopped before it was through', () => {
      const resubscribe = sinon.stub().returns(new Promise<void>(() => {}));
      watch({ resubscribe });
      socket.open(URL);
      succeed();
      reconnector.stop();
      reconnector.start();

      sinon.assert.calledTwice(resubscribe);
    });
  });

  describe('messages', () => {
    it('go out at once while there is a connection', () => {
      watch();
      socket.open(URL);
      succeed();

      expect(reconnector.sendTextMessage('ä')).to.equal(2);
      expect(reconnector.sendBinaryMessage(Uint8Array.of(1, 2, 3))).to.equal(3);
      expect(reconnector.sendPreparedMessage(QWebSocketPreparedMessage.fromText('x'))).to.equal(1);
      expect(sent()).to.deep.equal(['ä', [1, 2, 3], 'x']);
      expect(reconnector.unsentMessages()).to.equal(0);
    });

    it('wait for one in their order, as they were when they were sent', () => {
      watch();
      socket.open(URL);
      const bytes = Uint8Array.of(1, 2);
      reconnector.sendTextMessage('ä');
      reconnector.sendBinaryMessage(bytes, { compress: false });
      reconnector.sendPreparedMessage(QWebSocketPreparedMessage.fromText(''));
      bytes[0] = 9;
      expect(reconnector.unsentMessages()).to.equal(3);
      expect(reconnector.unsentBytes()).to.equal(4);
      succeed();

      expect(sent()).to.deep.equal(['ä', [1, 2], '']);
      expect(reconnector.unsentMessages()).to.equal(0);
      expect(reconnector.unsentBytes()).to.equal(0);
    });

    it('wait already when a slot sends them that hears of the end first', () => {
      let taken = -1;
      socket.stateChanged.connect((state) => {
        if (state === ClosingState) taken = reconnector.sendTextMessage('late');
      });
      watch();
      socket.open(URL);
      succeed();
      lose();

      expect(taken).to.equal(4);
      expect(reconnector.takeUnsentMessages()).to.deep.equal(['late']);
    });

    it('wait already when a slot sends them as the connection is lost', () => {
      watch();
      socket.open(URL);
      succeed();
      let taken = 0;
      socket.errorOccurred.connect(() => (taken = reconnector.sendTextMessage('late')));
      lose();
      // The socket itself still counts as connected in that moment, and takes it.
      expect(taken).to.equal(4);
    });

    it('are refused when too many wait', () => {
      watch({ maxUnsentMessages: 2 });
      socket.open(URL);

      expect(['a', 'b', 'c'].map((text) => reconnector.sendTextMessage(text))).to.deep.equal([
        1, 1, 0,
      ]);
      expect(reconnector.takeUnsentMessages()).to.deep.equal(['a', 'b']);
    });

    it('are refused when too much waits', () => {
      watch({ maxUnsentBytes: 5 });
      socket.open(URL);

      expect(reconnector.sendTextMessage('abcd')).to.equal(4);
      expect(reconnector.sendTextMessage('ef')).to.equal(0);
      expect(reconnector.sendBinaryMessage(Uint8Array.of(1))).to.equal(1);
      expect(reconnector.takeUnsentMessages()).to.deep.equal(['abcd', Uint8Array.of(1)]);
      expect(reconnector.unsentBytes()).to.equal(0);
    });

    it('go nowhere while it is not active', () => {
      watch();

      expect(reconnector.sendTextMessage('a')).to.equal(0);
      expect(reconnector.unsentMessages()).to.equal(0);
    });

    it('are kept when it gives up', () => {
      watch();
      socket.open(URL);
      reconnector.sendTextMessage('kept');
      refuse(403);

      expect(reconnector.takeUnsentMessages()).to.deep.equal(['kept']);
      expect(reconnector.takeUnsentMessages()).to.deep.equal([]);
    });

    it('go on when the socket has room again, and keep their order', () => {
      watch();
      socket.open(URL);
      reconnector.sendTextMessage('a');
      reconnector.sendTextMessage('b');
      socket.backend.isRoomy = false;
      socket.backend.waiting = 100;
      succeed();
      expect(reconnector.unsentMessages()).to.equal(2);
      reconnector.sendTextMessage('c');
      socket.backend.isRoomy = true;
      socket.backend.connection().bytesWritten(100);

      expect(sent().slice(-3)).to.deep.equal(['a', 'b', 'c']);
      expect(reconnector.unsentMessages()).to.equal(0);
    });

    it('are told of and dropped when the socket takes them in no case', () => {
      watch();
      const refused = sinon.spy();
      reconnector.messageRefused.connect(refused);
      socket.open(URL);
      reconnector.sendTextMessage('huge');
      reconnector.sendTextMessage('small');
      sinon.stub(socket.backend, 'sendPrepared').callsFake(({ text }) => text !== 'huge');
      succeed();

      sinon.assert.calledOnceWithExactly(refused, 'huge');
      expect(reconnector.unsentMessages()).to.equal(0);
    });
  });

  describe('waking up', () => {
    for (const event of ['resume', 'unlock-screen']) {
      it(`cuts a wait short (${event})`, () => {
        watch();
        socket.open(URL);
        for (let attempt = 0; attempt < 6; attempt++) {
          refuse();
          wait();
        }
        refuse();
        expect(reconnector.remainingTime()).to.equal(15_000);
        wakes.tell(event);

        expect(reconnector.log.at(-1)).to.equal('reconnecting 1 500');
        expect(wait()).to.equal(500);
      });
    }

    it('never makes a wait longer', () => {
      watch();
      socket.open(URL);
      refuse();
      clock.tick(400);
      wakes.tell('resume');

      expect(wait()).to.equal(100);
    });

    it('goes by the clock on the wall when the other one has stood still', () => {
      watch();
      socket.open(URL);
      refuse(503, 60_000);
      clock.setSystemTime(clock.now + 3_600_000);
      wakes.tell('resume');

      expect(reconnector.remainingTime()).to.equal(500);
    });

    it('goes by the other clock when the one on the wall was put back', () => {
      watch();
      socket.open(URL);
      refuse(503, 60_000);
      clock.tick(10_000);
      clock.setSystemTime(clock.now - 86_400_000);
      expect(reconnector.remainingTime()).to.equal(50_500);
      wakes.tell('resume');

      expect(wait()).to.equal(50_500);
    });

    it('does not cut what the server has asked for', () => {
      watch();
      socket.open(URL);
      refuse(503, 60_000);
      clock.tick(10_000);
      wakes.tell('resume');

      expect(wait()).to.equal(50_500);
    });

    it('cuts each wait short', () => {
      watch();
      socket.open(URL);
      refuse();
      wait();
      for (let time = 0; time < 3; time++) {
        refuse();
        expect(reconnector.remainingTime()).to.equal(1_000);
        wakes.tell('resume');
        expect(wait()).to.equal(500);
      }
    });

    it('counts once for each wait, since sources may tell without end', () => {
      watch();
      socket.open(URL);
      for (let attempt = 0; attempt < 4; attempt++) {
        refuse();
        wait();
      }
      refuse();
      for (let time = 0; time < 100; time++) wakes.tell('resume');

      expect(reconnector.log.filter((line) => line === 'reconnecting 1 500')).to.have.lengthOf(2);
    });

    it('leaves the waits as long as they are when a source tells without end', () => {
      watch();
      socket.open(URL);
      for (let time = 0; time < 600_000; time += 100) {
        wakes.tell('resume');
        if (socket.state() === ConnectingState) refuse();
        clock.tick(100);
      }

      // With nobody to tell, there would be 43.
      expect(attempts()).to.be.within(43, 200);
    });

    it('asks a peer that seems to be there, and gives it up when it does not answer', () => {
      watch();
      socket.open(URL);
      succeed();
      wakes.tell('resume');
      expect(socket.pings()).to.have.lengthOf(1);
      clock.tick(5_000);

      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500']);
    });

    it('keeps a peer that answers', () => {
      watch({ wakeTimeout: 1_000 });
      socket.open(URL);
      succeed();
      wakes.tell('resume');
      socket.answer();
      clock.tick(60_000);

      expect(socket.state()).to.equal(ConnectedState);
    });

    it('is not told by a source that throws, and goes on without', async () => {
      const own = {
        on(): void {
          throw new Error('No power.');
        },
        off(): void {
          throw new Error('No power.');
        },
      };
      watch({ wakeSource: own });
      const errors = await uncaughtErrors(() => {
        socket.open(URL);
        refuse();
        wait();
        refuse(403);
      });

      expect(errors.map(String)).to.deep.equal(Array(2).fill('Error: No power.'));
      expect(reconnector.log.at(-1)).to.equal('gaveUp No.');
    });

    it('may be told by a source of the application', () => {
      const own = new FakeWakes();
      watch({ wakeSource: own });
      socket.open(URL);
      refuse();
      own.tell('resume');

      expect(wakes.count).to.equal(0);
      expect(reconnector.log).to.deep.equal(['reconnecting 1 500', 'reconnecting 1 500']);
      reconnector.stop();
      expect(own.count).to.equal(0);
    });
  });

  describe('numbers', () => {
    const wrong: ReconnectOptions[] = [
      { firstDelay: 0 },
      { firstDelay: NaN },
      { longestDelay: -1 },
      { longestDelay: Infinity },
      { stableAfter: -1 },
      { maxAttempts: -1 },
      { maxElapsedTime: NaN },
      { longestRetryAfter: Infinity },
      { maxUnsentMessages: -1 },
      { maxUnsentBytes: NaN },
      { hookTimeout: 0 },
      { wakeTimeout: 0 },
      { firstDelay: '100' as unknown as number },
    ];
    for (const options of wrong) {
      const [[name, value]] = Object.entries(options) as [[string, number]];
      it(`do not include ${name}: ${String(value)}`, () => {
        expect(() => watch(options)).to.throw(RangeError, name);
      });
    }

    it('that are left out have their defaults', () => {
      watch({ firstDelay: undefined as unknown as number });
      socket.open(URL);
      refuse();

      expect(wait()).to.equal(500);
    });
  });

  it('tells what it does', () => {
    watch();
    expect(reconnector.socket()).to.equal(socket);
    expect(reconnector.isActive()).to.equal(false);
    expect(reconnector.remainingTime()).to.equal(-1);
    expect(reconnector.lastFailure()).to.equal(undefined);
    socket.open(URL);
    succeed();
    lose();
    clock.tick(200);

    expect(reconnector.remainingTime()).to.equal(300);
    expect(reconnector.lastFailure()).to.deep.equal({
      wasConnected: true,
      error: SocketError.RemoteHostClosedError,
      closeCode: 1006,
      closeReason: '',
      status: 0,
      retryAfter: -1,
      cause: undefined,
      reason: 'Gone.',
      isFatal: false,
    });
  });
});
