import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { readPage } from './support/pages.ts';

const PAGE = 'docs/differences-from-qt.md';
const DIVERGENCES = 'spec/oracle/open/divergences.json';

/** Not a row: what later versions of Qt do otherwise than the one that was recorded. */
const LATER_QT = 'Qt6.9+';

describe(PAGE, () => {
  const lines = readPage(PAGE).matchAll(/^\| ([A-Z]\d+) *\|(.*)\|$/gm);
  const rows = Array.from(lines, ([, id, cells]) => ({
    id: id!,
    cells: cells!.split('|').map((cell) => cell.trim()),
  }));
  const ids = rows.map(({ id }) => id);

  it('has each row once', () => {
    expect(ids).to.deep.equal([...new Set(ids)]);
  });

  for (const { id, cells } of rows) {
    it(`says of ${id} what Qt does, what we do, why, and since when`, () => {
      expect(cells).to.have.lengthOf(4);
      expect(cells.filter((cell) => cell === '')).to.deep.equal([]);
    });
  }

  it('has the rows that the oracle judges by', () => {
    const { rows: known } = JSON.parse(readFileSync(DIVERGENCES, 'utf8')) as {
      rows: Record<string, unknown>;
    };
    const judging = Object.keys(known).filter((id) => id !== LATER_QT);

    expect(judging.length).to.be.greaterThan(20);
    expect(judging.filter((id) => !ids.includes(id))).to.deep.equal([]);
  });
});
