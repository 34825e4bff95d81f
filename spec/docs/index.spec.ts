import { expect } from 'chai';
import { posix } from 'node:path';
import { linksOf } from './support/anchors.ts';
import { allPages, readPage } from './support/pages.ts';

const INDEX = 'docs/README.md';

describe(INDEX, () => {
  const reached = reachedFrom(INDEX);

  for (const page of allPages('docs')) {
    it(`leads to ${page}`, () => {
      expect(reached.has(page), `link it in ${INDEX}`).to.equal(true);
    });

    it(`finds a title on the first line of ${page}`, () => {
      expect(readPage(page)).to.match(/^# \S/);
    });
  }
});

/** The pages of docs that the links of a page lead to, over other pages of docs too. */
function reachedFrom(start: string): Set<string> {
  const reached = new Set([start]);
  // A set goes on over what is added meanwhile.
  for (const page of reached) {
    for (const link of linksOf(readPage(page))) {
      const target = posix.join(posix.dirname(page), link.split('#')[0]!);
      if (target.startsWith('docs/') && target.endsWith('.md')) reached.add(target);
    }
  }
  return reached;
}
