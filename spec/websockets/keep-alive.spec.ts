import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { logSignals } from '../support/signal-log.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { partsOf } from '../support/words-of.ts';

describe('KeepAlive', () => {
  let clock: sinon.SinonFakeTimers;
  let keepAlive: KeepAlive;
  let socket: KeptSocket;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    keepAlive = new KeepAlive();
    socket = KeptSocket.connected();
  });

  afterEach(() => {
    keepAlive[Symbol.dispose]();
    clock.restore();
  });

  it('pings after 30 seconds and waits for 10 unless told otherwise', () => {
    expect(keepAlive.interval()).to.equal(30_000);
    expect(keepAlive.timeout()).to.equal(10_000);
  });

  for (const times of [
    { interval: 0 },
    { interval: NaN },
    { timeout: -1 },
    { timeout: Infinity },
  ]) {
    it(`takes no ${JSON.stringify(times)}`, () => {
      expect(() => new KeepAlive(times)).to.throw(RangeError, 'above 0 ms');
    });
  }

  describe('a peer that shows no sign of life', () => {
    it('is given up after the timeout', () => {
      keepAlive.add(socket);
      const log = logSignals(socket);
      clock.tick(39_999);
      expect(log).to.deep.equal([]);
      clock.tick(1);

      expect(log).to.deep.equal([
        'errorOccurred 5',
        'error 5',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
      expect(socket.closeCode()).to.equal(1006);
      expect(partsOf(socket.errorString())).to.deep.equal([
        'Socket operation timed out',
        'timeout',
        '10000 ms without a sign of life after a ping',
      ]);
    });

    it('is told of, after the signals of the socket', () => {
      const lost = sinon.spy();
      const disconnected = sinon.spy();
      keepAlive.peerLost.connect(lost);
      socket.disconnected.connect(disconnected);
      keepAlive.add(socket);
      clock.tick(40_000);

      sinon.assert.calledOnceWithExactly(lost, socket);
      sinon.assert.callOrder(disconnected, lost);
    });

    it('is given up as soon as it was asked for', () => {
      keepAlive.add(socket);
      keepAlive.probe();
      clock.tick(10_000);

      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
    });
  });

  describe('a sign of life', () => {
    const signs: Record<string, () => void> = {
      'the pong': () => socket.answer(),
      'another pong': () => socket.answer(new Uint8Array()),
      'a part of a message that keeps the pong waiting': () => void socket.backend.heard++,
    };
    for (const [what, sign] of Object.entries(signs)) {
      it(`is ${what}`, () => {
        keepAlive.add(socket);
        clock.tick(35_000);
        sign();
        clock.tick(20_000);
        expect(socket.state()).to.equal(SocketState.ConnectedState);

        clock.tick(15_000);
        expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
      });
    }

    it('is that the peer takes what the ping waits behind', () => {
      socket.backend.waiting = 1000;
      keepAlive.add(socket);
      clock.tick(35_000);
      socket.backend.taken = 600;
      socket.backend.waiting = 400;
      clock.tick(14_000);
      expect(socket.state()).to.equal(SocketState.ConnectedState);

      clock.tick(1_000);
      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
    });

    it('is not that the system takes what is sent after the ping', () => {
      keepAlive.add(socket);
      clock.tick(35_000);
      socket.backend.taken = 600;
      clock.tick(5_000);

      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
    });
  });

  describe('the pings of the application', () => {
    it('keep their elapsed times', () => {
      keepAlive.add(socket);
      const log = logSignals(socket);
      clock.tick(29_990);
      socket.ping(Uint8Array.of(7));
      clock.tick(15);
      expect(socket.pings()).to.have.lengthOf(2);
      socket.answer(Uint8Array.of(7));

      expect(log).to.deep.equal(['pong 15 07']);
    });

    it('keep them after some of ours', () => {
      keepAlive.add(socket);
      clock.tick(30_000);
      socket.answer();
      const log = logSignals(socket);
      clock.tick(20);
      socket.ping(Uint8Array.of(7));
      clock.tick(15);
      socket.answer(Uint8Array.of(7));

      expect(log).to.deep.equal(['pong 15 07']);
    });

    it('keep them also before the first one, and from before they were kept alive', () => {
      clock.tick(50);
      socket.ping();
      clock.tick(50);
      keepAlive.add(socket);
      keepAlive.probe();
      const log = logSignals(socket);
      clock.tick(10);
      socket.answer(new Uint8Array());

      expect(log).to.deep.equal(['pong 60 ']);
    });

    it('are told apart: the pong of ours has its own time and payload', () => {
      keepAlive.add(socket);
      const pong = sinon.spy();
      socket.pong.connect(pong);
      socket.ping();
      clock.tick(30_020);
      socket.answer();

      const [, ours] = socket.pings();
      sinon.assert.calledOnceWithExactly(pong, 20, ours!);
      expect(new TextDecoder().decode(ours)).to.match(/^keepalive \d+$/);
    });
  });

  describe('roundTripTime()', () => {
    it('is that of the last ping, in milliseconds', () => {
      keepAlive.add(socket);
      expect(keepAlive.roundTripTime(socket)).to.equal(-1);
      clock.tick(30_042);
      socket.answer();

      expect(keepAlive.roundTripTime(socket)).to.equal(42);
    });

    it('is unknown again in the next connection', () => {
      keepAlive.add(socket);
      clock.tick(30_042);
      socket.answer();
      socket.abort();
      socket.connect();

      expect(keepAlive.roundTripTime(socket)).to.equal(-1);
    });

    it('is unknown of a socket that is not kept alive', () => {
      expect(keepAlive.roundTripTime(socket)).to.equal(-1);
    });
  });

  describe('a client', () => {
    it('is kept alive in its next connection, of which old questions count no more', () => {
      keepAlive.add(socket);
      clock.tick(35_000);
      socket.abort();
      socket.connect();
      clock.tick(29_999);
      expect(socket.state()).to.equal(SocketState.ConnectedState);
      expect(socket.pings()).to.have.lengthOf(1);
      clock.tick(1);

      expect(socket.pings()).to.have.lengthOf(2);
    });

    it('may be added before it connects', () => {
      const later = new KeptSocket();
      expect(keepAlive.add(later)).to.equal(true);
      clock.tick(30_000);
      later.connect();
      clock.tick(30_000);

      expect(later.pings()).to.have.lengthOf(1);
    });

    it('is left alone while it closes', () => {
      keepAlive.add(socket);
      clock.tick(35_000);
      socket.close();
      clock.tick(60_000);

      expect(socket.pings()).to.have.lengthOf(1);
      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    });

    it('leaves when it is destroyed', () => {
      keepAlive.add(socket);
      socket[Symbol.dispose]();

      expect(keepAlive.has(socket)).to.equal(false);
    });
  });

  describe("a server's socket", () => {
    const ends: Record<string, (own: KeptSocket) => void> = {
      'is aborted': (own) => own.abort(),
      closes: (own) => own.close(),
      'is closed by its peer': (own) => own.backend.connection().closing(1000, ''),
      'is destroyed': (own) => own[Symbol.dispose](),
    };
    for (const [when, end] of Object.entries(ends)) {
      it(`leaves when it ${when}`, () => {
        const own = KeptSocket.accepted();
        expect(keepAlive.add(own)).to.equal(true);
        end(own);

        expect(keepAlive.has(own)).to.equal(false);
        expect(own.listenerCount('stateChanged')).to.equal(0);
      });
    }

    it('cannot be added when its connection is over', () => {
      const own = KeptSocket.accepted();
      own.abort();

      expect(keepAlive.add(own)).to.equal(false);
    });
  });

  it('takes no sockets that cannot ping, and leaves them alone', () => {
    socket.backend.canPing = false;
    expect(keepAlive.add(socket)).to.equal(false);
    clock.tick(40_000);

    expect(keepAlive.has(socket)).to.equal(false);
    expect(socket.state()).to.equal(SocketState.ConnectedState);
  });

  it('leaves a connection alone that turns out to have no ping', () => {
    const later = new KeptSocket();
    expect(keepAlive.add(later)).to.equal(true);
    later.backend.canPing = false;
    later.connect();
    keepAlive.probe();
    clock.tick(100_000);

    expect(later.pings()).to.have.lengthOf(0);
    expect(later.state()).to.equal(SocketState.ConnectedState);
  });

  it('refuses what is neither a socket nor a server, and keeps nothing of it', async () => {
    expect(() => keepAlive.add(new QObject() as never)).to.throw(TypeError, 'takes a QWebSocket');

    expect(await uncaughtErrors(() => keepAlive[Symbol.dispose]())).to.deep.equal([]);
  });

  it('takes a socket once', () => {
    keepAlive.add(socket);
    expect(keepAlive.add(socket)).to.equal(true);
    clock.tick(30_000);

    expect(socket.pings()).to.have.lengthOf(1);
  });

  it('leaves a socket alone that was removed', () => {
    keepAlive.add(socket);
    clock.tick(35_000);
    keepAlive.remove(socket);
    clock.tick(60_000);

    expect(socket.state()).to.equal(SocketState.ConnectedState);
    expect(socket.listenerCount('stateChanged')).to.equal(0);
  });

  it('leaves all alone when it is destroyed, and takes no more', () => {
    keepAlive.add(socket);
    keepAlive[Symbol.dispose]();
    clock.tick(60_000);

    expect(socket.pings()).to.have.lengthOf(0);
    expect(keepAlive.add(socket)).to.equal(false);
    expect(clock.countTimers()).to.equal(0);
  });

  describe('a wakeSource', () => {
    let power: EventEmitter;

    beforeEach(() => {
      power = new EventEmitter();
      keepAlive = new KeepAlive({ interval: Infinity, timeout: 1_000, wakeSource: power });
      keepAlive.add(socket);
    });

    for (const event of ['resume', 'unlock-screen']) {
      it(`has all peers pinged after ${event}, of which those stay that answer`, () => {
        power.emit(event);
        expect(socket.pings()).to.have.lengthOf(1);
        clock.tick(999);
        socket.answer();
        clock.tick(3_600_000);

        expect(socket.pings()).to.have.lengthOf(1);
        expect(socket.state()).to.equal(SocketState.ConnectedState);
      });
    }

    it('lets those be given up that do not', () => {
      power.emit('resume');
      clock.tick(1_000);

      expect(socket.error()).to.equal(SocketError.SocketTimeoutError);
    });

    it('has a peer pinged once when the screen is unlocked right after waking up', () => {
      power.emit('resume');
      clock.tick(900);
      power.emit('unlock-screen');
      clock.tick(100);

      expect(socket.pings()).to.have.lengthOf(1);
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });

    it('has no answers expected of a time in which the machine sleeps again', () => {
      power.emit('resume');
      clock.tick(900);
      power.emit('suspend');
      clock.tick(100_000);
      expect(socket.state()).to.equal(SocketState.ConnectedState);

      power.emit('resume');
      expect(socket.pings()).to.have.lengthOf(2);
      clock.tick(1_000);
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });

    it('is listened to once for any number of sockets, and left with nothing', () => {
      for (let count = 0; count < 20; count++) keepAlive.add(KeptSocket.connected());
      expect(power.listenerCount('resume')).to.equal(1);
      keepAlive[Symbol.dispose]();

      expect(power.eventNames()).to.deep.equal([]);
    });
  });

  it('shares a socket with another one, each with times of its own', () => {
    using strict = new KeepAlive({ interval: 5_000, timeout: 1_000 });
    keepAlive.add(socket);
    strict.add(socket);
    for (let second = 0; second < 60; second++) {
      clock.tick(1000);
      socket.answer();
    }

    expect(socket.pings()).to.have.lengthOf(14);
    clock.tick(6_000);
    expect(partsOf(socket.errorString())[2]).to.match(/^1000 ms/);
  });

  describe('a slot', () => {
    const acts: Record<string, (other: KeptSocket) => void> = {
      'remove another socket': (other) => keepAlive.remove(other),
      'destroy another socket': (other) => other[Symbol.dispose](),
      'abort another socket': (other) => other.abort(),
      'destroy what keeps alive': () => keepAlive[Symbol.dispose](),
      'destroy its own socket': () => socket[Symbol.dispose](),
      'ask all': () => keepAlive.probe(),
    };
    for (const [what, act] of Object.entries(acts)) {
      for (const signal of ['errorOccurred', 'disconnected'] as const) {
        it(`may ${what} during ${signal}`, () => {
          const others = Array.from({ length: 3 }, () => KeptSocket.connected());
          for (const each of [socket, ...others]) keepAlive.add(each);
          const slot = sinon.spy(() => act(others[1]!));
          socket[signal].connect(slot);
          clock.tick(100_000);

          sinon.assert.calledOnce(slot);
          expect(clock.countTimers()).to.equal(0);
        });
      }
    }

    it('may destroy what keeps alive, which leaves no timer for those examined before', () => {
      const other = KeptSocket.connected();
      for (const each of [other, socket]) keepAlive.add(each);
      socket.disconnected.connect(() => keepAlive[Symbol.dispose]());
      clock.tick(30_000);
      other.answer();
      clock.tick(10_000);

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      expect(clock.countTimers()).to.equal(0);
    });

    it('may open and add what is new', () => {
      const added = KeptSocket.connected();
      socket.disconnected.connect(() => {
        socket.connect();
        keepAlive.add(added);
      });
      keepAlive.add(socket);
      clock.tick(40_000);
      expect(socket.state()).to.equal(SocketState.ConnectedState);
      clock.tick(30_000);

      expect(added.pings()).to.have.lengthOf(1);
      expect(socket.pings()).to.have.lengthOf(2);
    });

    it('may throw, which keeps nobody from being asked and told', async () => {
      const other = KeptSocket.connected();
      for (const each of [socket, other]) {
        keepAlive.add(each);
        each.errorOccurred.connect(() => {
          throw new Error('of a slot');
        });
      }
      const lost = sinon.spy();
      keepAlive.peerLost.connect(lost);
      const errors = await uncaughtErrors(() => clock.tick(100_000));

      expect(errors).to.have.lengthOf(2);
      sinon.assert.calledTwice(lost);
    });
  });
});
