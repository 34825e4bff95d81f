import { expect } from 'chai';
import { quoted } from '../../examples/support/quoted.ts';

describe('quoted', () => {
  const texts: Record<string, string> = {
    'Hällo, wörld! 👋': '"Hällo, wörld! 👋"',
    'say "hi"': String.raw`"say \"hi\""`,
    'a\\b': String.raw`"a\\b"`,
    '\b\f\n\r\t': String.raw`"\b\f\n\r\t"`,
    '\u001b[2J\u009b\u007f\u0000': String.raw`"\u001B[2J\u009B\u007F\u0000"`,
    'zero\u200bwidth, left\u202eright': String.raw`"zero\u200Bwidth, left\u202Eright"`,
    'half \ud83d': String.raw`"half \uD83D"`,
    '\u{e0001}': String.raw`"\U000E0001"`,
    '': '""',
  };
  for (const [text, expected] of Object.entries(texts)) {
    it(`prints the text ${expected}`, () => {
      expect(quoted(text)).to.equal(expected);
    });
  }

  const bytes: Record<string, string> = {
    'abc ~': '"abc ~"',
    'say "hi"\\': String.raw`"say \"hi\"\\"`,
    '\n\t': String.raw`"\n\t"`,
    '\x00\x1b\x7f\xff': String.raw`"\x00\x1B\x7F\xFF"`,
    '\x00a\x00g\xff9\n9': String.raw`"\x00""a\x00g\xFF""9\n9"`,
  };
  for (const [text, expected] of Object.entries(bytes)) {
    it(`prints the bytes ${expected}`, () => {
      expect(quoted(Buffer.from(text, 'latin1'))).to.equal(expected);
    });
  }
});
