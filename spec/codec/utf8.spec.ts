import { expect } from 'chai';
import { decodeUtf8, Utf8Decoder } from '../../lib/codec/utf8.ts';
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

describe('Utf8Decoder', () => {
  /** What a decoder makes of `pieces`, the last of which ends the text. */
  function decodeAll(pieces: readonly Uint8Array[]): (string | undefined)[] {
    const decoder = new Utf8Decoder();
    return pieces.map((piece, i) => decoder.decode(piece, i === pieces.length - 1));
  }

  it('holds a character back until all of it has come', () => {
    const [first, second, third, fourth] = Buffer.from('😀').values();

    expect(
      decodeAll([Buffer.of(0x61, first!), Buffer.of(second!), Buffer.of(third!, fourth!, 0x62)]),
    ).to.deep.equal(['a', '', '😀b']);
  });

  it('gives the same text wherever it is cut', () => {
    const text = '\ufeffaß€😀\ufeff';
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = decodeAll([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(pieces.join(''), `cut at ${at}`).to.equal(text);
    }
  });

  it('refuses what is no UTF-8, at the latest with the last piece', () => {
    for (const [name, digits] of Object.entries(invalidUtf8)) {
      const bytes = hex(digits);
      for (let at = 0; at <= bytes.length; at++) {
        const pieces = decodeAll([bytes.subarray(0, at), bytes.subarray(at)]);
        expect(pieces.includes(undefined), `${name} cut at ${at}`).to.equal(true);
      }
    }
  });

  it('refuses as soon as no rest can make it right', () => {
    const decoder = new Utf8Decoder();

    expect(decoder.decode(hex('61 c0'), false)).to.equal(undefined);
  });

  it('begins anew after the last piece', () => {
    const decoder = new Utf8Decoder();
    decoder.decode(Buffer.from('one'), true);

    expect(decoder.decode(Buffer.from('\ufefftwo'), true)).to.equal('\ufefftwo');
  });
});
