import { expect } from 'chai';
import { tokensOf, type Dialect } from '../../../lib/cli/report/tokens.ts';

function textsOf(source: string, dialect: Dialect = 'c++'): string[] {
  return tokensOf(source, dialect).map(({ text }) => text);
}

describe('tokensOf()', () => {
  const cases: [what: string, dialect: Dialect, source: string, texts: string[]][] = [
    ['words and arrows', 'c++', 'm_a->b();', ['m_a', '->', 'b', '(', ')', ';']],
    ['scopes', 'c++', '&A::b', ['&', 'A', '::', 'b']],
    ['no comment of a line', 'c++', 'a // b\nc', ['a', 'c']],
    ['no comment that goes on behind a backslash', 'c++', 'a // b\\\nc\nd', ['a', 'd']],
    ['no comment of several lines', 'c++', 'a /* b\n * c */ d', ['a', 'd']],
    ['no comment that does not end', 'c++', 'a /* b', ['a']],
    ['strings as one', 'c++', 'a "b // \\" c" d', ['a', '"b // \\" c"', 'd']],
    ['a string that does not end until the line does', 'c++', 'a "b\nc', ['a', '"b', 'c']],
    ['characters', 'c++', `'"' '\\'' a`, [`'"'`, `'\\''`, 'a']],
    ['raw strings', 'c++', 'R"(a" // )" b', ['R"(a" // )"', 'b']],
    ['raw strings with a delimiter', 'c++', 'u8R"x(a)" )x" b', ['u8R"x(a)" )x"', 'b']],
    ['a raw string that does not end', 'c++', 'a R"(b', ['a', 'R"(b']],
    ['numbers with separators', 'c++', "1'000 0x1F 1.5f a", ["1'000", '0x1F', '1.5f', 'a']],
    ['names in other scripts', 'c++', 'größe->b', ['größe', '->', 'b']],
    ['arrow functions', 'qml', 'a => a === 1', ['a', '=>', 'a', '===', '1']],
    ['templates', 'qml', '`a ${b} " //` c', ['`a ${b} " //`', 'c']],
    ['no comment of Python', 'python', 'a # b\nc', ['a', 'c']],
    ['texts of Python', 'python', '"""a\n"b" # c""" d', ['"""a\n"b" # c"""', 'd']],
    ['a text of Python that does not end', 'python', "'''a\nb", ["'''a\nb"]],
    ['no comment of CMake', 'cmake', 'a # b\nc', ['a', 'c']],
    ['nothing', 'c++', '', []],
  ];
  for (const [what, dialect, source, texts] of cases) {
    it(`finds ${what}`, () => {
      expect(textsOf(source, dialect)).to.deep.equal(texts);
    });
  }

  it('counts lines, also those within comments and strings', () => {
    const tokens = tokensOf('a\n/*\n*/ b\nR"(\n)" c\r\nd', 'c++');

    expect(tokens.map(({ text, line }) => [text, line])).to.deep.equal([
      ['a', 1],
      ['b', 3],
      ['R"(\n)"', 4],
      ['c', 5],
      ['d', 6],
    ]);
  });
});
