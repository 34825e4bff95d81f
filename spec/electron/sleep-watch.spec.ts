import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import sinon from 'sinon';
import { NetWebSocket } from '../../lib/electron/net-websocket.ts';
import { SleepWatch } from '../../lib/electron/sleep-watch.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { FakeNet } from '../support/fake-net.ts';
import { logSignals } from '../support/signal-log.ts';
import { partsOf } from '../support/words-of.ts';

describe('SleepWatch', () => {
  let clock: sinon.SinonFakeTimers;
  let power: EventEmitter;
  let watch: SleepWatch;
  let socket: TestSocket;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    power = new EventEmitter();
    watch = new SleepWatch(power, { deadline: 1000 });
    socket = new TestSocket();
    watch.add(socket);
    connect();
  });

  afterEach(() => {
    watch.stop();
    clock.restore();
  });

  function connect(): void {
    socket.open('ws://server.example/');
    socket.backend.connection().opened('');
  }

  function pings(): number {
    return socket.backend.asked.filter(([name]) => name === 'ping').length;
  }

  for (const event of ['resume', 'unlock-screen']) {
    it(`pings after ${event}, and lets a socket be that answers`, () => {
      power.emit(event);
      expect(pings()).to.equal(1);
      clock.tick(999);
      socket.backend.connection().pong(new Uint8Array());
      clock.tick(100_000);

      expect(socket.state()).to.equal(SocketState.ConnectedState);
    });
  }

  it('gives a socket up that does not answer', () => {
    const log = logSignals(socket);
    power.emit('resume');
    clock.tick(999);
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
      '1000 ms without a pong after the machine woke up',
    ]);
    expect(socket.backend.asked.at(-2)).to.deep.equal(['abort']);
  });

  it('lets the slot that learns of it open the next one', () => {
    socket.errorOccurred.connect(() => socket.open('ws://server.example/'));
    power.emit('resume');
    clock.tick(1000);

    expect(socket.state()).to.equal(SocketState.ConnectingState);
  });

  it('asks once when the screen is unlocked right after waking up', () => {
    power.emit('resume');
    clock.tick(900);
    power.emit('unlock-screen');
    clock.tick(100);

    expect(pings()).to.equal(1);
    expect(socket.state()).to.equal(SocketState.UnconnectedState);
  });

  it('asks anew when the machine slept again meanwhile', () => {
    power.emit('resume');
    clock.tick(900);
    power.emit('suspend');
    clock.tick(100_000);
    expect(socket.state()).to.equal(SocketState.ConnectedState);

    power.emit('resume');
    expect(pings()).to.equal(2);
    clock.tick(1000);
    expect(socket.state()).to.equal(SocketState.UnconnectedState);
  });

  it('asks nobody who is not connected', () => {
    socket.abort();
    power.emit('resume');
    clock.tick(1000);

    expect(pings()).to.equal(0);
    expect(socket.error()).to.equal(SocketError.UnknownSocketError);
  });

  it('holds nothing against the next connection', () => {
    power.emit('resume');
    clock.tick(500);
    socket.abort();
    connect();
    clock.tick(1000);

    expect(socket.state()).to.equal(SocketState.ConnectedState);
  });

  it('listens once for any number of sockets, and each of them once', () => {
    for (let i = 0; i < 20; i++) watch.add(new TestSocket());
    watch.add(socket);
    power.emit('resume');

    expect(power.listenerCount('resume')).to.equal(1);
    expect(pings()).to.equal(1);
  });

  const ends: Record<string, () => void> = {
    'that was removed': () => watch.remove(socket),
    'that was destroyed': () => socket[Symbol.dispose](),
    'once it is stopped': () => watch.stop(),
  };
  for (const [what, end] of Object.entries(ends)) {
    it(`leaves a socket alone ${what}`, () => {
      power.emit('resume');
      end();
      clock.tick(1000);
      power.emit('resume');

      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
      expect(pings()).to.equal(1);
    });
  }

  it('leaves nothing behind in the source', () => {
    watch.stop();

    expect(power.eventNames()).to.deep.equal([]);
  });

  it('leaves nothing behind in a socket', () => {
    watch.remove(socket);
    const before = socket.listenerCount('destroyed');
    watch.add(socket);
    watch.remove(socket);

    expect(socket.listenerCount('destroyed')).to.equal(before);
    expect(socket.listenerCount('pong')).to.equal(0);
  });

  it('takes no sockets that cannot ping', () => {
    expect(() => watch.add(new NetWebSocket(new FakeNet()))).to.throw(TypeError, 'cannot ping');
  });

  for (const deadline of [0, -1, NaN]) {
    it(`takes no deadline of ${deadline}`, () => {
      expect(() => new SleepWatch(power, { deadline })).to.throw(RangeError);
    });
  }
});
