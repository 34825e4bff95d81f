import { expect } from 'chai';
import { Tally } from '../../lib/node/tally.ts';

describe('Tally', () => {
  let tally: Tally;

  beforeEach(() => {
    tally = new Tally();
    for (const kind of ['a', 'b', 'b']) tally.add(kind);
  });

  it('counts each kind for itself', () => {
    expect(['a', 'b', 'c'].map((kind) => tally.count(kind))).to.deep.equal([1, 2, 0]);
  });

  it('finds the kind of which there are more', () => {
    expect(tally.above(1)).to.equal('b');
    expect(tally.above(2)).to.equal(undefined);
  });

  it('forgets what was removed', () => {
    for (const kind of ['a', 'b']) tally.remove(kind);

    expect(['a', 'b'].map((kind) => tally.count(kind))).to.deep.equal([0, 1]);
    expect(tally.above(0)).to.equal('b');
  });
});
