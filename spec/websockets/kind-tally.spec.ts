import { expect } from 'chai';
import { KindTally } from '../../lib/websockets/kind-tally.ts';

describe('KindTally', () => {
  it('counts by kind', () => {
    const tally = new KindTally();
    for (const kind of ['1000', '1006', '1000', '__proto__']) tally.add(kind);

    expect(Object.entries(tally.counts())).to.deep.equal([
      ['1000', 2],
      ['1006', 1],
      ['__proto__', 1],
    ]);
  });

  it('gives a copy', () => {
    const tally = new KindTally();
    const before = tally.counts();
    tally.add('1000');
    expect(before).to.deep.equal({});
  });

  it('keeps 64 kinds apart, whatever a peer names, and goes on counting those', () => {
    const tally = new KindTally();
    for (let code = 3000; code < 5000; code++) tally.add(String(code));
    tally.add('3000');

    const counts = tally.counts();
    expect(Object.keys(counts)).to.have.lengthOf(65);
    expect(counts).to.include({ 3000: 2, 3063: 1, other: 2000 - 64 });
  });
});
