import { expect } from 'chai';
import sinon from 'sinon';
import { ClosingTimer } from '../../lib/session/closing-timer.ts';

describe('ClosingTimer', () => {
  let clock: sinon.SinonFakeTimers;
  let closing: {
    progress: sinon.SinonStub<[], number>;
    isAtWork: sinon.SinonStub<[], boolean>;
    closingTimedOut: sinon.SinonSpy;
  };
  let timer: ClosingTimer;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    closing = {
      progress: sinon.stub<[], number>().returns(0),
      isAtWork: sinon.stub<[], boolean>().returns(false),
      closingTimedOut: sinon.spy(),
    };
    timer = new ClosingTimer(closing);
  });

  afterEach(() => {
    clock.restore();
  });

  it('tells of a timeout without progress, once', () => {
    timer.start(100);
    clock.tick(99);
    sinon.assert.notCalled(closing.closingTimedOut);

    clock.tick(1);
    clock.tick(10_000);
    sinon.assert.calledOnceWithExactly(closing.closingTimedOut, 100);
    expect(clock.countTimers()).to.equal(0);
  });

  it('goes on while there is progress', () => {
    timer.start(100);
    for (let i = 1; i <= 5; i++) {
      closing.progress.returns(i);
      clock.tick(100);
    }
    sinon.assert.notCalled(closing.closingTimedOut);

    clock.tick(100);
    sinon.assert.calledOnce(closing.closingTimedOut);
  });

  it('goes on while there is work of our own', () => {
    closing.isAtWork.returns(true);
    timer.start(100);
    clock.tick(500);
    sinon.assert.notCalled(closing.closingTimedOut);

    closing.isAtWork.returns(false);
    clock.tick(100);
    sinon.assert.calledOnce(closing.closingTimedOut);
  });

  it('ends after twelve timeouts, whatever drips', () => {
    closing.progress.callsFake(() => closing.progress.callCount);
    timer.start(100);
    clock.tick(1199);
    sinon.assert.notCalled(closing.closingTimedOut);

    clock.tick(1);
    sinon.assert.calledOnce(closing.closingTimedOut);
  });

  it('begins anew', () => {
    timer.start(100);
    clock.tick(99);
    timer.start(50);
    clock.tick(49);
    sinon.assert.notCalled(closing.closingTimedOut);

    clock.tick(1);
    sinon.assert.calledOnceWithExactly(closing.closingTimedOut, 50);
  });

  it('waits for ever when it is told so', () => {
    timer.start(100);
    timer.start(-1);

    expect(clock.countTimers()).to.equal(0);
  });

  it('stops', () => {
    timer.start(100);
    timer.stop();
    clock.tick(1000);

    sinon.assert.notCalled(closing.closingTimedOut);
    expect(clock.countTimers()).to.equal(0);
  });
});
