import { decodeUtf8, Utf8Checker } from '../../../lib/codec/utf8.ts';
import { invalidUtf8 } from '../../support/utf8.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { expectSame } from '../engine/violated.ts';
import { readUtf8 } from '../models/utf8.ts';

const TEXT = Buffer.from(
  'a\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}\ufeffgrün',
);

// The cases of the Autobahn test suite.
const seeds = Object.values(invalidUtf8).map((digits) => Buffer.from(digits, 'hex'));

/** Text, whole and in pieces, against the table of RFC 3629 and the platform's own decoder. */
export const utf8: FuzzTarget = {
  name: 'utf8',
  generate(random) {
    const base = random.oneIn(4) ? random.pick(seeds) : anyText(random);
    return mutate(base, random, () => anyText(random));
  },
  check(input, random) {
    const { whole, brokenAt = Infinity } = readUtf8(input);
    const expected = whole < input.length ? undefined : platformText(input);
    expectSame(decodeUtf8(input, 0, input.length), expected, 'The text');

    const checker = new Utf8Checker();
    let end = 0;
    for (const piece of inPieces(input, random)) {
      end += piece.length;
      const isGood = checker.accepts(piece, 0, piece.length);
      expectSame(isGood, end <= brokenAt, `Whether the first ${end} bytes are right`);
      if (!isGood) return;
    }
    expectSame(checker.begun, input.length - whole, 'The bytes of a character without its rest');
  },
  hard: {
    ascii: (size) => filled(size, 'a'),
    'long characters': (size) => filled(size, '\xf0\x90\x80\x80'),
    'an end that is missing': (size) => filled(size, '\xe2\x82\xac', '', '\xe2'),
  },
};

function platformText(bytes: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function anyText(random: Random): Buffer {
  const from = random.below(TEXT.length);
  const part = TEXT.subarray(from, from + random.below(TEXT.length));
  const times = random.oneIn(32) ? 80 : 1;
  return Buffer.concat(Array.from({ length: times }, () => part));
}
