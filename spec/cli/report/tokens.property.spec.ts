import { expect } from 'chai';
import { array, assert, constantFrom, property, string } from 'fast-check';
import { tokensOf, type Dialect } from '../../../lib/cli/report/tokens.ts';

const dialects = constantFrom<Dialect>('c++', 'qml', 'python', 'cmake');

/** What comments, strings and their halves are made of. */
const crumbs = array(
  constantFrom(
    ...'/ * // /* */ " \' ` \\ R"( )" R"x( )x" # """ \'\'\' a 1 -> :: \n \r\n ä 👋'.split(' '),
  ),
  { maxLength: 60 },
).map((parts) => parts.join(''));

describe('tokensOf(), whatever the source', () => {
  for (const [what, sources] of [
    ['any characters', string({ unit: 'binary', maxLength: 200 })],
    ['halves of comments and strings', crumbs],
  ] as const) {
    it(`takes its tokens out of the source in their order, of ${what}`, () => {
      assert(
        property(sources, dialects, (source, dialect) => {
          let at = 0;
          let line = 1;
          for (const token of tokensOf(source, dialect)) {
            const found = source.indexOf(token.text, at);
            expect(found).to.be.at.least(at);
            expect(token.text).to.not.equal('');
            expect(token.line).to.be.at.least(line);
            at = found + token.text.length;
            line = token.line;
          }
          expect(line).to.be.at.most(source.split('\n').length);
        }),
      );
    });

    it(`finds the same behind a comment, in ${what}`, () => {
      assert(
        property(sources, dialects, (source, dialect) => {
          const comment = dialect === 'c++' || dialect === 'qml' ? '/* x */\n' : '# x\n';
          const plain = tokensOf(source, dialect);
          const commented = tokensOf(comment + source, dialect);

          expect(commented.map(({ text }) => text)).to.deep.equal(plain.map(({ text }) => text));
          expect(commented.map(({ line }) => line - 1)).to.deep.equal(
            plain.map(({ line }) => line),
          );
        }),
      );
    });
  }

  // Were each looked for to the end again, a source of openings would take hours.
  const endless: [dialect: Dialect, opening: string, tokens: number][] = [
    ['c++', '/* ', 0],
    ['c++', 'R"(', 1],
    ['c++', 'R"x(', 1],
    ['qml', '/* ', 0],
  ];
  for (const [dialect, opening, tokens] of endless) {
    it(`takes the rest at once for ${opening} that does not end`, () => {
      expect(tokensOf(`${opening.repeat(10_000)}\n`, dialect)).to.have.lengthOf(tokens);
    });
  }
});
