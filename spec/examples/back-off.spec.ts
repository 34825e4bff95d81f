import { expect } from 'chai';
import { BackOff } from '../../examples/support/back-off.ts';

describe('BackOff', () => {
  it('doubles the longest wait up to fifteen seconds', () => {
    const backOff = new BackOff(() => 1);

    const waits = Array.from({ length: 7 }, () => backOff.next());

    expect(waits).to.deep.equal([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  it('waits at least half of that', () => {
    const backOff = new BackOff(() => 0);

    expect([backOff.next(), backOff.next()]).to.deep.equal([250, 500]);
  });

  it('starts anew after a success', () => {
    const backOff = new BackOff(() => 1);
    backOff.next();
    backOff.next();
    expect(backOff.isTrying).to.equal(true);

    backOff.succeed();

    expect(backOff.isTrying).to.equal(false);
    expect(backOff.next()).to.equal(500);
  });
});
