import { expect } from 'chai';
import sinon from 'sinon';
import { Stopwatch } from '../../lib/websockets/stopwatch.ts';

describe('Stopwatch', () => {
  let clock: sinon.SinonFakeTimers;
  let watch: Stopwatch;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['Date', 'performance'] });
    watch = new Stopwatch();
    clock.tick(1_500);
  });

  afterEach(() => clock.restore());

  it('tells the time since it was made', () => {
    expect(watch.elapsed()).to.equal(1_500);
  });

  it('counts the sleep of a machine whose steady clock stands still meanwhile', () => {
    clock.setSystemTime(Date.now() + 3_600_000);

    expect(watch.elapsed()).to.equal(3_601_500);
  });

  it('does not go back with the clock on the wall', () => {
    clock.setSystemTime(Date.now() - 3_600_000);

    expect(watch.elapsed()).to.equal(1_500);
  });
});
