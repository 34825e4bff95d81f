import { expect } from 'chai';
import sinon from 'sinon';
import { ClockJumps } from '../../lib/websockets/clock-jumps.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

describe('ClockJumps', () => {
  let clock: sinon.SinonFakeTimers;
  let jumps: ClockJumps;
  let woken: sinon.SinonSpy;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    jumps = new ClockJumps();
    woken = sinon.spy();
    jumps.on('resume', woken);
  });

  afterEach(() => {
    clock.restore();
  });

  /** Timers stand still while the clock goes on. */
  function sleep(ms: number): void {
    clock.setSystemTime(Date.now() + ms);
  }

  it('tells nothing while the machine is awake', () => {
    clock.tick(3_600_000);

    sinon.assert.notCalled(woken);
  });

  it('tells once that the machine has slept', () => {
    clock.tick(7_000);
    sleep(60_000);
    clock.tick(5_000);
    sinon.assert.calledOnce(woken);
    clock.tick(3_600_000);

    sinon.assert.calledOnce(woken);
  });

  it('takes a process that was busy for no sleep', () => {
    sleep(9_000);
    clock.tick(5_000);

    sinon.assert.notCalled(woken);
  });

  it('takes a clock that was put back for no sleep', () => {
    sleep(-3_600_000);
    clock.tick(10_000);

    sinon.assert.notCalled(woken);
  });

  it('looks only while somebody listens', () => {
    expect(clock.countTimers()).to.equal(1);
    jumps.off('resume', woken);
    expect(clock.countTimers()).to.equal(0);
    jumps.on('suspend', woken);
    expect(clock.countTimers()).to.equal(0);
  });

  it('tells all who listen, whatever one of them throws', async () => {
    const other = sinon.spy();
    woken = sinon.spy(() => {
      throw new Error('Tired.');
    });
    for (const listener of [woken, other]) jumps.on('resume', listener);
    sleep(60_000);
    const errors = await uncaughtErrors(() => clock.tick(5_000));

    expect(errors.map(String)).to.deep.equal(['Error: Tired.']);
    sinon.assert.calledOnce(other);
  });

  it('tells each of them once, also one that listens anew meanwhile', () => {
    const again = sinon.spy(() => {
      jumps.off('resume', again);
      if (again.callCount < 10) jumps.on('resume', again);
    });
    jumps.on('resume', again);
    sleep(60_000);
    clock.tick(5_000);

    sinon.assert.calledOnce(again);
  });

  it('wakes a KeepAlive', () => {
    const keepAlive = new KeepAlive({ interval: Infinity, wakeSource: jumps });
    const socket = KeptSocket.connected();
    keepAlive.add(socket);
    sleep(60_000);
    clock.tick(6_000);

    expect(socket.pings()).to.have.lengthOf(1);
    keepAlive[Symbol.dispose]();
  });
});
