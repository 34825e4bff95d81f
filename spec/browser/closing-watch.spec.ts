import { expect } from 'chai';
import sinon from 'sinon';
import { watchClosing } from '../../lib/browser/closing-watch.ts';

describe('watchClosing()', () => {
  let clock: sinon.SinonFakeTimers;
  let progress: number;
  let giveUp: sinon.SinonSpy;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    progress = 0;
    giveUp = sinon.spy();
  });

  afterEach(() => {
    clock.restore();
  });

  it('gives up after a timeout without progress, once', () => {
    watchClosing(100, () => progress, giveUp);
    clock.tick(99);
    sinon.assert.notCalled(giveUp);

    clock.tick(10_000);
    sinon.assert.calledOnce(giveUp);
    expect(clock.countTimers()).to.equal(0);
  });

  it('goes on while there is progress', () => {
    watchClosing(100, () => progress, giveUp);
    for (let i = 0; i < 5; i++) {
      progress--;
      clock.tick(100);
    }
    sinon.assert.notCalled(giveUp);

    clock.tick(100);
    sinon.assert.calledOnce(giveUp);
  });

  it('gives up in the end whatever happens', () => {
    watchClosing(100, () => progress++, giveUp);
    clock.tick(1199);
    sinon.assert.notCalled(giveUp);

    clock.tick(1);
    sinon.assert.calledOnce(giveUp);
  });

  it('can be stopped', () => {
    const stop = watchClosing(100, () => progress++, giveUp);
    clock.tick(150);
    stop();

    expect(clock.countTimers()).to.equal(0);
  });

  it('waits for ever with a negative timeout', () => {
    watchClosing(-1, () => progress, giveUp)();

    expect(clock.countTimers()).to.equal(0);
  });
});
