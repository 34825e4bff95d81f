import { expect } from 'chai';
import { ServerCounters } from '../../lib/websockets/server-counters.ts';
import { NO_REFUSALS } from '../../lib/websockets/server-statistics.ts';
import { readPage } from './support/pages.ts';

const page = readPage('docs/how-to/observability.md');

/** The names in the first column of the table below a heading. */
function namesBelow(heading: string): string[] {
  const section = page.split(`\n### ${heading}\n`)[1]!.split('\n#')[0]!;
  const cells = Array.from(section.matchAll(/^\| (`[^|]*)\|/gm), ([, cell]) => cell!);
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name!));
}

describe('docs/how-to/observability.md', () => {
  it('lists everything that is counted', () => {
    const members = Object.keys(new ServerCounters().statistics(0));
    expect(namesBelow('What is counted').toSorted()).to.deep.equal(members.toSorted());
  });

  it('lists the reasons for which clients are refused', () => {
    expect(namesBelow('Why clients are refused')).to.deep.equal(Object.keys(NO_REFUSALS));
  });
});
