import { expect } from 'chai';
import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { anchorsOf, linksOf } from './support/anchors.ts';
import { allPages, readPage } from './support/pages.ts';

const pages = new Map(allPages().map((path) => [path, readPage(path)]));

describe('links between the documents', () => {
  for (const [path, text] of pages) {
    it(`of ${path} lead somewhere`, () => {
      expect(linksOf(text).filter((link) => !leadsSomewhere(path, link))).to.deep.equal([]);
    });
  }
});

function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? from : posix.join(posix.dirname(from), path);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  const text = pages.get(target);
  // What is no page of ours, such as a source, has lines.
  if (text === undefined) return statSync(target).isFile() && /^L\d+$/.test(anchor);
  return anchorsOf(text).has(anchor);
}
