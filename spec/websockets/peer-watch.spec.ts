import { expect } from 'chai';
import sinon from 'sinon';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { PeerWatch } from '../../lib/websockets/peer-watch.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const HOUR = 3_600_000;

describe('PeerWatch', () => {
  let clock: sinon.SinonFakeTimers;
  let watch: PeerWatch;
  let lost: QWebSocketBase[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    lost = [];
    watch = newWatch(30_000, 10_000);
  });

  afterEach(() => {
    watch.clear();
    clock.restore();
  });

  function newWatch(interval: number, timeout: number): PeerWatch {
    return new PeerWatch({
      interval,
      timeout,
      detail: 'silent',
      lost: (socket) => lost.push(socket),
    });
  }

  function kept(): KeptSocket {
    const socket = KeptSocket.connected();
    watch.add(socket);
    return socket;
  }

  /** Lets time pass in which every ping of `sockets` is answered. */
  function live(milliseconds: number, sockets: readonly KeptSocket[]): void {
    const answered = new Map(sockets.map((socket) => [socket, socket.pings().length]));
    for (let passed = 0; passed < milliseconds; passed += 500) {
      clock.tick(500);
      for (const socket of sockets) {
        const count = socket.pings().length;
        if (count > answered.get(socket)!) socket.answer();
        answered.set(socket, count);
      }
    }
  }

  it('pings at each interval', () => {
    const socket = kept();
    live(29_500, [socket]);
    expect(socket.pings()).to.have.lengthOf(0);
    live(90_500, [socket]);

    expect(socket.pings()).to.have.lengthOf(4);
  });

  it('pings at each interval also when the timeout is longer', () => {
    watch = newWatch(5_000, 20_000);
    const socket = kept();
    live(60_000, [socket]);

    expect(socket.pings()).to.have.lengthOf(12);
  });

  it('has one timer for all', () => {
    for (let i = 0; i < 50; i++) {
      kept();
      clock.tick(100);
    }

    expect(clock.countTimers()).to.equal(1);
  });

  it('has no timer without a connection to watch', () => {
    watch.add(new KeptSocket());
    expect(clock.countTimers()).to.equal(0);

    const socket = kept();
    watch.remove(socket);
    clock.tick(30_000);
    expect(clock.countTimers()).to.equal(0);
  });

  it('pings a hundred in a turn, so that messages need not wait', () => {
    const sockets = Array.from({ length: 250 }, kept);
    const count = (): number => sockets.filter((socket) => socket.pings().length > 0).length;
    clock.tick(30_000);

    expect(count()).to.equal(100);
    clock.tick(10);
    expect(count()).to.equal(200);
    clock.tick(10);
    expect(count()).to.equal(250);
  });

  it('is through with very many in a hundred turns', () => {
    const sockets = Array.from({ length: 12_000 }, kept);
    clock.tick(31_000);

    expect(sockets.every((socket) => socket.pings().length === 1)).to.equal(true);
  });

  describe('after the machine has slept', () => {
    it('asks anew instead of giving everybody up', () => {
      const sockets = Array.from({ length: 5 }, kept);
      clock.tick(31_000);
      clock.setSystemTime(clock.Date.now() + HOUR);
      clock.tick(9_000);

      expect(lost).to.deep.equal([]);
      expect(sockets.map((socket) => socket.pings().length)).to.deep.equal([2, 2, 2, 2, 2]);
    });

    it('gives those up that do not answer now', () => {
      const [alive, dead] = [kept(), kept()];
      clock.tick(31_000);
      clock.setSystemTime(clock.Date.now() + HOUR);
      clock.tick(9_000);
      alive.answer();
      clock.tick(10_000);

      expect(lost).to.deep.equal([dead]);
    });

    it('notices by the other clock as well', () => {
      const socket = kept();
      clock.tick(31_000);
      clock.jump(HOUR);

      expect(lost).to.deep.equal([]);
      expect(socket.pings()).to.have.lengthOf(2);
    });

    it('does not take for an answer what may have been sent before', () => {
      const socket = kept();
      clock.jump(HOUR);
      expect(socket.pings()).to.have.lengthOf(1);
      socket.backend.heard++;
      clock.tick(10_000);
      expect(lost).to.deep.equal([]);

      clock.tick(10_000);
      expect(lost).to.deep.equal([socket]);
    });

    it('is not misled by a clock that is set back', () => {
      const socket = kept();
      clock.setSystemTime(0);
      clock.tick(40_000);

      expect(lost).to.deep.equal([socket]);
    });
  });

  it('does not count the time in which this program did not get to run', () => {
    const socket = kept();
    clock.tick(35_000);
    // The timer of 40,000 fires 4,000 late, and what has come meanwhile is read after that.
    clock.jump(9_000);
    expect(lost).to.deep.equal([]);
    socket.answer();
    clock.tick(10_000);

    expect(lost).to.deep.equal([]);
    expect(socket.pings()).to.have.lengthOf(1);
  });

  it('gives a silent peer up all the same', () => {
    const socket = kept();
    clock.tick(35_000);
    clock.jump(9_000);
    clock.tick(10_000);

    expect(lost).to.deep.equal([socket]);
  });

  describe('probe()', () => {
    it('asks at once, and gives up who does not answer', () => {
      const socket = kept();
      watch.probe();
      expect(socket.pings()).to.have.lengthOf(1);
      clock.tick(9_999);
      expect(lost).to.deep.equal([]);
      clock.tick(1);

      expect(lost).to.deep.equal([socket]);
    });

    it('asks once, however often it is called', () => {
      const socket = kept();
      watch.probe();
      watch.probe();

      expect(socket.pings()).to.have.lengthOf(1);
    });

    it('asks nobody who is not connected', () => {
      const socket = new KeptSocket();
      watch.add(socket);
      watch.probe();

      expect(socket.pings()).to.have.lengthOf(0);
    });
  });

  it('expects no answer after forgive()', () => {
    const socket = kept();
    clock.tick(35_000);
    watch.forgive();
    clock.tick(29_000);

    expect(lost).to.deep.equal([]);
    expect(socket.pings()).to.have.lengthOf(1);
  });

  it('goes on when a stream throws', async () => {
    const [bad, good] = [kept(), kept()];
    sinon.stub(bad.backend, 'ping').throws(new Error('of the stream'));

    const errors = await uncaughtErrors(() => clock.tick(30_000));

    expect(errors.map(String)).to.deep.equal(['Error: of the stream']);
    expect(good.pings()).to.have.lengthOf(1);
  });

  it('leaves a connection alone whose end it could not hear of', () => {
    const socket = kept();
    socket.blockSignals(true);
    socket.abort();
    clock.tick(HOUR);

    expect(socket.pings()).to.have.lengthOf(0);
    expect(socket.state()).to.equal(SocketState.UnconnectedState);
    expect(clock.countTimers()).to.equal(0);
  });

  it('leaves a connection alone of which it could not hear that it has no ping', () => {
    const socket = kept();
    socket.blockSignals(true);
    socket.abort();
    socket.backend.canPing = false;
    socket.connect();
    watch.probe();
    clock.tick(HOUR);

    expect(socket.pings()).to.have.lengthOf(0);
    expect(lost).to.deep.equal([]);
  });

  it('lets go of what a server has accepted and whose end it could not hear of', () => {
    const socket = KeptSocket.accepted();
    watch.add(socket);
    socket.blockSignals(true);
    socket.abort();
    clock.tick(30_000);

    expect(watch.has(socket)).to.equal(false);
  });
});
