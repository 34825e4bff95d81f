import { expect } from 'chai';
import { HeadBudget } from '../../lib/node/head-budget.ts';

const KiB = 1024;
const SHARED = 16 * 1024 * KiB;

describe('HeadBudget', () => {
  let budget: HeadBudget;

  beforeEach(() => {
    budget = new HeadBudget();
  });

  it('grants 8 KiB to everybody, whatever others hold', () => {
    budget.grants(0, SHARED + 9 * KiB);

    for (let i = 0; i < 10_000; i++) expect(budget.grants(0, 8 * KiB)).to.equal(true);
  });

  it('grants 16 MiB to all together beyond that', () => {
    expect(budget.grants(0, SHARED / 2 + 8 * KiB)).to.equal(true);
    expect(budget.grants(0, SHARED / 2 + 8 * KiB)).to.equal(true);

    expect(budget.grants(8 * KiB, 8 * KiB + 1)).to.equal(false);
  });

  it('counts what a head has grown by, and gets it back', () => {
    expect(budget.grants(0, SHARED)).to.equal(true);
    expect(budget.grants(SHARED, SHARED + 8 * KiB)).to.equal(true);
    expect(budget.grants(0, 9 * KiB)).to.equal(false);
    budget.grants(9 * KiB, 0);

    budget.grants(SHARED + 8 * KiB, 0);

    expect(budget.grants(0, SHARED + 8 * KiB)).to.equal(true);
  });
});
