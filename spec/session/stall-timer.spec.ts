import { expect } from 'chai';
import sinon from 'sinon';
import { StallTimer } from '../../lib/session/stall-timer.ts';

describe('StallTimer', () => {
  let clock: sinon.SinonFakeTimers;
  let watched: { isAwaiting: sinon.SinonStub<[], boolean>; stalled: sinon.SinonSpy };
  let timer: StallTimer;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    watched = { isAwaiting: sinon.stub<[], boolean>().returns(true), stalled: sinon.spy() };
    timer = new StallTimer(watched);
  });

  afterEach(() => {
    clock.restore();
  });

  it('does nothing before the first sign of life', () => {
    expect(clock.countTimers()).to.equal(0);
  });

  it('notices silence after the deadline, once', () => {
    timer.touch(100);
    clock.tick(99);
    sinon.assert.notCalled(watched.stalled);

    clock.tick(1);
    sinon.assert.calledOnce(watched.stalled);
    expect(clock.countTimers()).to.equal(0);
  });

  it('counts from the last sign of life', () => {
    for (let i = 0; i < 10; i++) {
      timer.touch(100);
      clock.tick(60);
    }
    sinon.assert.notCalled(watched.stalled);

    clock.tick(40);
    sinon.assert.calledOnce(watched.stalled);
  });

  it('needs one timer, however many signs of life there are', () => {
    // Of its own: sinon.restore() of a later spec would bring the timers of this one back.
    const sandbox = sinon.createSandbox();
    const setTimer = sandbox.spy(globalThis, 'setTimeout');
    for (let i = 0; i < 1000; i++) timer.touch(100);

    sinon.assert.calledOnce(setTimer);
    sandbox.restore();
  });

  it('notices nothing when nothing is awaited', () => {
    timer.touch(100);
    watched.isAwaiting.returns(false);
    clock.tick(1000);

    sinon.assert.notCalled(watched.stalled);
    expect(clock.countTimers()).to.equal(0);
  });

  it('begins anew with the next sign of life', () => {
    timer.touch(100);
    watched.isAwaiting.returns(false);
    clock.tick(1000);
    watched.isAwaiting.returns(true);
    timer.touch(100);
    clock.tick(100);

    sinon.assert.calledOnce(watched.stalled);
  });

  it('goes by the last deadline once the timer looks', () => {
    timer.touch(100);
    timer.touch(250);
    clock.tick(249);
    sinon.assert.notCalled(watched.stalled);

    clock.tick(1);
    sinon.assert.calledOnce(watched.stalled);
  });

  it('does not wait another time for a fraction of a millisecond', () => {
    // Timers know whole milliseconds only: this one fires half of one early.
    timer.touch(100.5);
    clock.tick(100);

    sinon.assert.calledOnce(watched.stalled);
  });

  it('stops watching', () => {
    timer.touch(100);
    timer.clear();
    clock.tick(1000);

    sinon.assert.notCalled(watched.stalled);
    expect(clock.countTimers()).to.equal(0);
  });
});
