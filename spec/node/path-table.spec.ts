import { expect } from 'chai';
import fc from 'fast-check';
import { PathPattern } from '../../lib/codec/path-pattern.ts';
import { PathTable } from '../../lib/node/path-table.ts';

/** A table whose targets are the patterns that they have, '' for none. */
function tableOf(...patterns: string[]): PathTable<string> {
  const table = new PathTable<string>();
  for (const pattern of patterns) {
    table.add(pattern, pattern === '' ? undefined : (PathPattern.read(pattern) as PathPattern));
  }
  return table;
}

describe('PathTable', () => {
  const all = ['', '/<a>/<b>', '/<a>/y', '/x/<b>', '/x/y', '/<a>', '/x'];
  const finds: Record<string, string> = {
    '/x/y': '/x/y',
    '/x/z': '/x/<b>',
    '/z/y': '/<a>/y',
    '/z/z': '/<a>/<b>',
    '/x': '/x',
    '/z': '/<a>',
    '/': '',
    '/x/y/z': '',
    '/x/': '',
  };
  for (const [path, target] of Object.entries(finds)) {
    it(`has ${path} go to who has ${target || 'none'}, in whatever order they came`, () => {
      fc.assert(
        fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
          expect(tableOf(...order).find(path)?.target).to.equal(target);
        }),
        { numRuns: 50 },
      );
    });
  }

  it('has the first of equal ones', () => {
    expect(tableOf('/<a>', '/<b>').find('/x')?.target).to.equal('/<a>');
    expect(tableOf('/<b>', '/<a>').find('/x')?.target).to.equal('/<b>');
  });

  it('has the first of those without a path', () => {
    const table = new PathTable<number>();
    for (const target of [1, 2]) table.add(target, undefined);

    expect(table.find('/x')?.target).to.equal(1);
  });

  it('finds nobody when nobody has the path, or has it any more', () => {
    const table = tableOf('/x');
    expect(table.find('/y')).to.equal(undefined);

    expect([table.remove('/x'), table.remove('/x')]).to.deep.equal([true, false]);

    expect(table.find('/x')).to.equal(undefined);
    expect([table.size, table.has('/x')]).to.deep.equal([0, false]);
  });

  it('does not go on to another one when parameters cannot be read', () => {
    expect(tableOf('', '/<a>').find('/%')).to.deep.equal({ target: '/<a>', parameters: undefined });
  });

  it('takes a path of nothing but slashes in its stride', () => {
    const path = '/'.repeat(8192);
    const table = tableOf('/<a>/<b>', path);

    expect(table.find(path)?.target).to.equal(path);
  });
});
