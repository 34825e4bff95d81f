import { expect } from 'chai';
import { assert, property, string } from 'fast-check';
import { escaped, escapedLines } from '../../lib/cli/escaped.ts';

describe('escaped()', () => {
  const cases: Record<string, [text: string, shown: string]> = {
    'letters of all scripts': ['Hällo, wörld — 你好 👋', 'Hällo, wörld — 你好 👋'],
    'emoji that are joined': ['👩‍🚀', '👩‍🚀'],
    'escape sequences': ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
    'sequences of one character': ['\x9b2J', '\\x9b2J'],
    'line ends': ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    'separators of lines': ['a\u2028b', 'a\\u{2028}b'],
    'turned text': ['abc\u202egpj.exe', 'abc\\u{202e}gpj.exe'],
    'tags that nobody sees': ['a\u{e0041}', 'a\\u{e0041}'],
    'half characters': ['\ud800', '\\u{d800}'],
  };
  for (const [what, [text, shown]] of Object.entries(cases)) {
    it(`shows ${what}`, () => {
      expect(escaped(text)).to.equal(shown);
    });
  }

  it('never leaves a control character in', () => {
    assert(property(string({ unit: 'binary' }), (text) => !/\p{Cc}|\u202e/u.test(escaped(text))));
  });
});

describe('escapedLines()', () => {
  it('indents all lines but the first, so that none passes for one of ours', () => {
    expect(escapedLines('a\n> b\n\x1bc')).to.equal('a\n  > b\n  \\x1bc');
  });
});
