import { expect } from 'chai';
import { LineSplitter } from '../../lib/cli/line-splitter.ts';

function linesOf(longest: number, ...chunks: string[]): (string | null)[] {
  const lines: (string | null)[] = [];
  const splitter = new LineSplitter(
    { line: (text) => lines.push(text), tooLong: () => lines.push(null) },
    longest,
  );
  for (const chunk of chunks) splitter.push(Buffer.from(chunk, 'latin1'));
  splitter.end();
  return lines;
}

describe('LineSplitter', () => {
  const cases: Record<string, [chunks: string[], lines: (string | null)[]]> = {
    'lines in one chunk': [['a\nbc\n'], ['a', 'bc']],
    'a line in pieces': [
      ['a', 'b', 'c\nd\n'],
      ['abc', 'd'],
    ],
    'CRLF, also when it is cut': [
      ['a\r\nb\r', '\n'],
      ['a', 'b'],
    ],
    'empty lines': [['\n\r\n\n'], ['', '', '']],
    'a last line without an end': [['a\nb'], ['a', 'b']],
    'a carriage return inside a line': [['a\rb\n'], ['a\rb']],
    'a character in pieces': [['\xc3', '\xa4\n'], ['ä']],
    'bytes that are no UTF-8': [['a\xff\n'], ['a\ufffd']],
    nothing: [[''], []],
  };
  for (const [what, [chunks, lines]] of Object.entries(cases)) {
    it(`reads ${what}`, () => {
      expect(linesOf(10, ...chunks)).to.deep.equal(lines);
    });
  }

  it('takes a line of the longest length', () => {
    expect(linesOf(4, 'abcd\n', 'ab', 'cd')).to.deep.equal(['abcd', 'abcd']);
  });

  it('stops for good at a longer one, before its end has come', () => {
    expect(linesOf(4, 'a\nabc', 'de', '\nb\n', 'c')).to.deep.equal(['a', null]);
  });
});
