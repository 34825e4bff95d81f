import { expect } from 'chai';
import {
  decodeCheckedUtf8,
  decodeUtf8,
  encodeUtf8,
  isLongAndWide,
  Utf8Checker,
} from '../../lib/codec/utf8.ts';
import { hex } from '../support/hex.ts';
import { invalidUtf8, nonCharacters } from '../support/utf8.ts';

// The way through UTF-16 begins at 1 KiB; the cases are tried on both sides of it.
const pads = ['', 'ä'.repeat(600)];

/** Decodes a stretch in the middle of other bytes. */
function decode(bytes: Uint8Array, isAscii = false): string | undefined {
  const whole = Buffer.concat([hex('ff'), bytes, hex('80')]);
  return decodeUtf8(whole, 1, whole.length - 1, isAscii);
}

describe('decodeUtf8()', () => {
  for (const pad of pads) {
    const size = pad === '' ? 'short' : 'long';

    it(`decodes ${size} text of every kind of character`, () => {
      const text = `${pad}a\0\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}`;
      expect(decode(Buffer.from(text))).to.equal(text);
    });

    it(`keeps every U+FEFF of a ${size} text`, () => {
      const text = `\ufeff\ufeff${pad}\ufeffx`;
      expect(decode(Buffer.from(text))).to.equal(text);
    });

    it(`accepts code points that are no characters in a ${size} text`, () => {
      for (const character of nonCharacters) {
        expect(decode(Buffer.from(pad + character))).to.equal(pad + character);
      }
    });

    it(`refuses what is no UTF-8 at the end of a ${size} text`, () => {
      for (const [name, bytes] of Object.entries(invalidUtf8)) {
        expect(decode(Buffer.concat([Buffer.from(pad), hex(bytes)])), name).to.equal(undefined);
      }
    });
  }

  it('decodes nothing to nothing', () => {
    expect(decode(Buffer.alloc(0))).to.equal('');
    expect(decode(Buffer.alloc(0), true)).to.equal('');
  });

  it('takes text that is known to be ASCII as it is', () => {
    const text = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    expect(decode(Buffer.from(text), true)).to.equal(text);
  });
});

describe('decodeCheckedUtf8()', () => {
  it('decodes a stretch of any size, ASCII or not', () => {
    for (const pad of pads) {
      const whole = Buffer.from(`x${pad}ß€y`);
      expect(decodeCheckedUtf8(whole, 1, whole.length - 1, false)).to.equal(`${pad}ß€`);
    }
    expect(decodeCheckedUtf8(Buffer.from('xabcy'), 1, 4, true)).to.equal('abc');
  });
});

describe('Utf8Checker', () => {
  /** How many bytes a checker takes, one at a time, before it refuses one; all of them when it refuses none. */
  function accepted(bytes: Buffer): number {
    const checker = new Utf8Checker();
    const at = bytes.findIndex((_, i) => !checker.accepts(bytes, i, i + 1));
    return at < 0 ? bytes.length : at;
  }

  it('accepts every kind of character and those that are none', () => {
    const text = `a\0\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}${nonCharacters.join('')}`;
    const bytes = Buffer.from(text);
    expect(accepted(bytes)).to.equal(bytes.length);
    expect(new Utf8Checker().accepts(bytes, 0, bytes.length)).to.equal(true);
  });

  // RFC 3629 §4: what may follow the first byte of a character.
  const provenBy: Record<string, [digits: string, at: number]> = {
    'a byte that only continues': ['80', 0],
    'another one': ['bf', 0],
    'two bytes for what fits into one': ['c1', 0],
    'three bytes for what fits into two': ['e0 9f', 1],
    'four bytes for what fits into three': ['f0 8f', 1],
    'the first half of a surrogate pair': ['ed a0', 1],
    'the second half': ['ed bf', 1],
    'a code point above U+10FFFF': ['f4 90', 1],
    'a first byte far above that': ['f5', 0],
    'five bytes': ['f8', 0],
    'a byte that is never there': ['ff', 0],
    'a character that breaks off before its second byte': ['c3 61', 1],
    'a character that breaks off before its third byte': ['e2 82 61', 2],
    'a character that breaks off before its fourth byte': ['f0 9f 98 c3', 3],
    'a limit of one character taken over to the next': [
      'e0 a0 80 e1 80 80 ed 80 80 f0 90 80 80 c2 c0',
      14,
    ],
  };
  for (const [what, [digits, at]] of Object.entries(provenBy)) {
    it(`refuses ${what} with the byte that proves it`, () => {
      const bytes = Buffer.concat([Buffer.from('κόσμε'), hex(digits)]);
      expect(accepted(bytes)).to.equal(Buffer.byteLength('κόσμε') + at);
    });
  }

  it('says how much of a character has come', () => {
    const checker = new Utf8Checker();
    const bytes = Buffer.from('a😀€');

    const begun = [...bytes].map((_, i) => {
      checker.accepts(bytes, i, i + 1);
      return checker.begun;
    });

    expect(begun).to.deep.equal([0, 1, 2, 3, 0, 1, 2, 0]);
  });

  it('looks at the stretch alone', () => {
    const bytes = hex('ff 61 c3 ff');
    const checker = new Utf8Checker();

    expect(checker.accepts(bytes, 1, 3)).to.equal(true);
    expect(checker.begun).to.equal(1);
  });

  it('finds what is wrong in the middle of a long piece, and at its end', () => {
    for (const length of [14, 15, 16, 17, 20, 70_000]) {
      for (const wrong of ['80 80 80 80 80', 'c0 80', 'e2 82 e2 82 ac']) {
        for (const rest of ['', 'b'.repeat(length)]) {
          const bytes = Buffer.concat([Buffer.alloc(length, 0x61), hex(wrong), Buffer.from(rest)]);
          expect(new Utf8Checker().accepts(bytes, 0, bytes.length)).to.equal(false);
        }
      }
    }
  });
});

describe('encodeUtf8()', () => {
  for (const [what, text] of [
    ['ASCII', 'Hello world! '],
    ['Latin-1', 'Grüße '],
    ['wide characters', '世界 '],
    ['surrogate pairs', '😀 '],
    ['lone surrogates', '世\ud800 '],
    ['wide characters behind the start', `${'a'.repeat(40)}世`],
  ] as const) {
    for (const length of [0, 20, 4095, 4096, 70_000]) {
      it(`encodes ${length} units of ${what}`, () => {
        const whole = text.repeat(Math.ceil(length / text.length)).slice(0, length);

        expect(encodeUtf8(whole).equals(Buffer.from(whole))).to.equal(true);
      });
    }
  }
});

describe('isLongAndWide()', () => {
  it('knows by the length and the first characters', () => {
    expect(isLongAndWide('世'.repeat(4096))).to.equal(true);
    expect(isLongAndWide('世'.repeat(4095))).to.equal(false);
    expect(isLongAndWide('é'.repeat(4096))).to.equal(false);
    expect(isLongAndWide(`${'a'.repeat(32)}${'世'.repeat(5000)}`)).to.equal(false);
  });
});
