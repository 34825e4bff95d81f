import { expect } from 'chai';
import fc from 'fast-check';
import { isUtf8 } from 'node:buffer';
import { decodeUtf8, Utf8Checker } from '../../lib/codec/utf8.ts';
import { cut } from '../support/frames.ts';

const text = fc.string({ unit: 'binary', maxLength: 60 });
// Bytes of which many begin or continue a character.
const noise = fc
  .array(fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xa0, 0xf0, 0xf4, 0x90, 0xff), {
    maxLength: 12,
  })
  .map((bytes) => Buffer.from(bytes));
// Long enough for Node's own check.
const padded = fc
  .tuple(fc.nat(40), noise, fc.nat(40))
  .map(([before, bytes, after]) =>
    Buffer.concat([Buffer.from('é'.repeat(before)), bytes, Buffer.from('é'.repeat(after))]),
  );
const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** How many of `bytes`, cut into pieces, a checker takes before it refuses one of them. */
function accepted(bytes: Buffer, at: readonly number[]): { pieces: number; begun: number } {
  const checker = new Utf8Checker();
  let pieces = 0;
  for (const piece of cut(bytes, at)) {
    if (!checker.accepts(piece, 0, piece.length)) break;
    pieces++;
  }
  return { pieces, begun: checker.begun };
}

/** Whether some text begins with `bytes`: whether one of four characters that may end it makes it right. */
function canGoOn(bytes: Buffer): boolean {
  const rests = ['', '80', 'bf', '8080', 'a080', '9080', '808080', '908080', 'bf8080', '8f8080'];
  return rests.some((rest) => isUtf8(Buffer.concat([bytes, Buffer.from(rest, 'hex')])));
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
});

describe('Utf8Checker, for any bytes', () => {
  it('refuses with the first byte that no rest can make right', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        const checker = new Utf8Checker();
        for (let end = 1; end <= bytes.length; end++) {
          const mayGoOn = canGoOn(bytes.subarray(0, end));
          expect(checker.accepts(bytes, end - 1, end)).to.equal(mayGoOn);
          if (!mayGoOn) return;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with itself wherever the bytes are cut, and with the decoder on the whole', () => {
    fc.assert(
      fc.property(fc.oneof(noise, padded), cuts, (bytes, at) => {
        const { pieces, begun } = accepted(bytes, at);
        const isWhole = pieces === cut(bytes, at).length && begun === 0;
        expect(isWhole).to.equal(isUtf8(bytes));
        expect(accepted(bytes, []).pieces === 1).to.equal(pieces === cut(bytes, at).length);
      }),
      { numRuns: 2000 },
    );
  });
});
