import { expect } from 'chai';
import fc from 'fast-check';
import { decodeUtf8, Utf8Decoder } from '../../lib/codec/utf8.ts';
import { cut } from '../support/frames.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
// Bytes of which many begin or continue a character.
const noise = fc
  .array(fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0xf0, 0xf4, 0x90, 0xff), {
    maxLength: 12,
  })
  .map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(), { maxLength: 8 });

function decodePieces(pieces: readonly Buffer[]): string | undefined {
  const decoder = new Utf8Decoder();
  let whole = '';
  for (const [i, piece] of pieces.entries()) {
    const decoded = decoder.decode(piece, i === pieces.length - 1);
    if (decoded === undefined) return undefined;
    whole += decoded;
  }
  return whole;
}

describe('decodeUtf8(), for any bytes', () => {
  it('gives back the text that was encoded, however long', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(1, 40), (sent, times) => {
        const bytes = Buffer.from(sent.repeat(times));
        expect(decodeUtf8(bytes, 0, bytes.length)).to.equal(sent.repeat(times));
      }),
    );
  });

  it('agrees with the decoder for pieces, wherever those are cut', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, at) => {
        expect(decodePieces(cut(bytes, at))).to.equal(decodeUtf8(bytes, 0, bytes.length));
      }),
      { numRuns: 1000 },
    );
  });
});
