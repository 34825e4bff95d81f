import { expect } from 'chai';
import {
  asciiSet,
  percentDecode,
  percentDecodePretty,
  percentEncode,
} from '../../lib/network/percent-encoding.ts';

describe('percentEncode()', () => {
  const allowed = asciiSet('/');

  const texts: Record<string, string> = {
    '': '',
    'abc-._~/XYZ019': 'abc-._~/XYZ019',
    'a b': 'a%20b',
    '\0\r\n\x7f': '%00%0D%0A%7F',
    '?#[]@': '%3F%23%5B%5D%40',
    'é€': '%C3%A9%E2%82%AC',
    '߿ࠀ￿': '%DF%BF%E0%A0%80%EF%BF%BF',
    '😀!': '%F0%9F%98%80%21',
    'a\ud83d': 'a%EF%BF%BD',
    '\ude00a': '%EF%BF%BDa',
  };
  for (const [text, encoded] of Object.entries(texts)) {
    it(`writes ${JSON.stringify(text)} as ${JSON.stringify(encoded)}`, () => {
      expect(percentEncode(text, allowed, true)).to.equal(encoded);
      expect(percentEncode(text, allowed, false)).to.equal(encoded);
    });
  }

  const escapes: Record<string, [kept: string, literal: string]> = {
    '%20%aF': ['%20%aF', '%2520%25aF'],
    '%zz': ['%25zz', '%25zz'],
    '%2': ['%252', '%252'],
    '%': ['%25', '%25'],
    '%%41': ['%25%41', '%25%2541'],
    '%@1%1G': ['%25%401%251G', '%25%401%251G'],
  };
  for (const [text, [kept, literal]] of Object.entries(escapes)) {
    it(`keeps the escapes of ${text} where it is asked to`, () => {
      expect(percentEncode(text, allowed, true)).to.equal(kept);
    });

    it(`takes every percent sign of ${text} literally otherwise`, () => {
      expect(percentEncode(text, allowed, false)).to.equal(literal);
    });
  }
});

describe('percentDecode()', () => {
  const texts: Record<string, string> = {
    abc: 'abc',
    '%20%C3%BC': ' ü',
    'a%2fb%2Fc': 'a/b/c',
    '%25zz': '%zz',
    '%E2%82%ACx%F0%9F%98%80': '€x😀',
    '%EF%BB%BFa': '\ufeffa',
    '%ff': '\ufffd',
    '%4': '%4',
    '100%': '100%',
  };
  for (const [text, decoded] of Object.entries(texts)) {
    it(`reads ${text} as ${JSON.stringify(decoded)}`, () => {
      expect(percentDecode(text)).to.equal(decoded);
    });
  }
});

describe('percentDecodePretty()', () => {
  const texts: Record<string, string> = {
    '': '',
    '%20': ' ',
    '%41%7Bx%7D': 'A{x}',
    '%C3%BC%E2%82%AC%F0%9F%98%80': 'ü€😀',
    'a%C3%BCb%FFc': 'aüb%FFc',
  };
  for (const [text, decoded] of Object.entries(texts)) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(decoded)}`, () => {
      expect(percentDecodePretty(text)).to.equal(decoded);
    });
  }

  const kept: Record<string, string> = {
    'a percent sign': '%25',
    'reserved characters': '%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D',
    'control characters': '%00%0D%0A%1F%7F%C2%85',
    'a no-break space': '%C2%A0',
    'a line separator': '%E2%80%A8',
    'a mark that turns the text around': '%E2%80%AE',
    'a zero-width space': '%E2%80%8B',
    'an unassigned character': '%EF%BF%BF',
    'a surrogate': '%ED%A0%80',
    'an overlong form': '%C0%AF',
    'half a character': '%E2%82',
  };
  for (const [what, text] of Object.entries(kept)) {
    it(`leaves ${what}`, () => {
      expect(percentDecodePretty(text)).to.equal(text);
    });
  }
});
