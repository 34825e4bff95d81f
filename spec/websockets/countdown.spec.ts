import { expect } from 'chai';
import sinon from 'sinon';
import { Countdown } from '../../lib/websockets/countdown.ts';

describe('Countdown', () => {
  let clock: sinon.SinonFakeTimers;
  let over: sinon.SinonSpy;
  let countdown: Countdown;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    over = sinon.spy();
    countdown = new Countdown(over);
  });

  afterEach(() => {
    countdown.stop();
    expect(clock.countTimers()).to.equal(0);
    clock.restore();
  });

  it('does not run at first', () => {
    expect(countdown.isRunning).to.equal(false);
    expect(countdown.remainingTime()).to.equal(-1);
  });

  it('tells how long it takes, and when it is over', () => {
    countdown.start(1_000, 0);
    clock.tick(400);
    expect(countdown.remainingTime()).to.equal(600);
    clock.tick(600);

    sinon.assert.calledOnceWithExactly(over, 0);
    expect(countdown.isRunning).to.equal(false);
  });

  it('tells how much longer it has taken, as when the machine slept', () => {
    countdown.start(1_000, 0);
    clock.setSystemTime(Date.now() + 60_000);
    expect(countdown.remainingTime()).to.equal(0);
    clock.tick(1_000);

    sinon.assert.calledOnceWithExactly(over, 60_000);
  });

  it('can begin again in another, and be stopped', () => {
    const begin = sinon.spy(() => countdown.start(2_000, 0));
    countdown = new Countdown(begin);
    countdown.start(500, 0);
    countdown.start(1_000, 0);
    clock.tick(1_000);
    sinon.assert.calledOnce(begin);
    expect(countdown.remainingTime()).to.equal(2_000);
    countdown.stop();

    expect(countdown.remainingTime()).to.equal(-1);
  });

  const cuts: Record<
    string,
    { readonly after: number; readonly to: number; readonly left: number }
  > = {
    'to what it is cut to': { after: 1_000, to: 500, left: 500 },
    'never to more than is left': { after: 9_900, to: 500, left: 100 },
    'to what it is cut to when it is overdue': { after: 0, to: 500, left: 500 },
  };
  for (const [what, { after, to, left }] of Object.entries(cuts)) {
    it(`is cut short ${what}`, () => {
      countdown.start(10_000, 0);
      clock.tick(after);
      if (after === 0) clock.setSystemTime(Date.now() + 60_000);

      expect(countdown.cut(to)).to.equal(left);
      expect(countdown.remainingTime()).to.equal(left);
    });
  }

  it('is not cut as far as the server has asked for it', () => {
    countdown.start(60_500, 60_000);
    clock.tick(10_000);
    expect(countdown.cut(100)).to.equal(50_100);
    clock.tick(10_000);

    expect(countdown.cut(50)).to.equal(40_050);
  });
});
