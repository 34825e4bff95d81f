import { expect } from 'chai';
import { isThere, titlesOf } from './page-references.ts';

describe('titlesOf()', () => {
  it('finds titles in every kind of quotes, however they are broken', () => {
    const source = `
      describe('outer', () => {
        it("it's one", () => {});
        it(\`names \${one} and \${'two'}\`, () => {});
        it(
          'is \\'quoted\\'',
        );
      });`;

    expect(titlesOf(source).map(({ text }) => text)).to.deep.equal([
      'outer',
      "it's one",
      'names … and …',
      "is 'quoted'",
    ]);
  });
});

describe('isThere()', () => {
  const titles = ['one', 'of', 'two', 'of'].map((text, at) => ({ text, at }));

  const rows: Record<string, boolean> = {
    of: true,
    'one › of': true,
    'two › of': true,
    'of › one': false,
    'one › on': false,
    three: false,
  };
  for (const [path, expected] of Object.entries(rows)) {
    it(`is ${expected} for “${path}”`, () => {
      expect(isThere(path, titles)).to.equal(expected);
    });
  }
});
