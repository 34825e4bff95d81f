import { expect } from 'chai';
import { applyMask, wordsOf } from '../../lib/codec/mask.ts';
import { masked } from '../support/frames.ts';
import { hex } from '../support/hex.ts';

const KEY = 0x37fa213d;

/** Bytes of a buffer of their own that begin `offset` past its start and have no pattern of four. */
function bytesAt(offset: number, length: number): { whole: Uint8Array; bytes: Uint8Array } {
  const whole = new Uint8Array(offset + length + 5).map((_, i) => (i * 37 + 11) % 251);
  return { whole, bytes: whole.subarray(offset, offset + length) };
}

function orOf(bytes: Uint8Array): number {
  return bytes.reduce((seen, byte) => seen | byte, 0);
}

describe('applyMask()', () => {
  it('masks as RFC 6455 §5.3 defines, whatever the length and the alignment', () => {
    for (let offset = 0; offset < 8; offset++) {
      for (let length = 0; length <= 300; length++) {
        const { whole, bytes } = bytesAt(offset, length);
        const expected = Uint8Array.from(whole);
        expected.set(masked(bytes, KEY), offset);

        const seen = applyMask(bytes, KEY);

        const label = `${length} bytes from ${offset}`;
        expect(Buffer.compare(whole, expected), label).to.equal(0);
        expect(seen, label).to.equal(orOf(bytes));
      }
    }
  });

  it('masks only the stretch it is given, beginning with the first octet of the key', () => {
    for (let from = 0; from < 9; from++) {
      for (const length of [0, 1, 5, 63, 64, 65, 66, 67, 68, 130, 257]) {
        const { whole, bytes } = bytesAt(3, 300);
        const expected = Uint8Array.from(whole);
        expected.set(masked(bytes.subarray(from, from + length), KEY), 3 + from);

        const seen = applyMask(bytes, KEY, from, from + length);

        const label = `${length} bytes from ${from}`;
        expect(Buffer.compare(whole, expected), label).to.equal(0);
        expect(seen, label).to.equal(orOf(bytes.subarray(from, from + length)));
      }
    }
  });

  it('works on the words of the whole buffer', () => {
    for (let offset = 0; offset < 4; offset++) {
      const { whole, bytes } = bytesAt(offset, 203);
      const expected = masked(bytes, KEY);

      const seen = applyMask(bytes, KEY, 0, bytes.length, wordsOf(whole.buffer));

      expect(Buffer.compare(bytes, expected)).to.equal(0);
      expect(seen).to.equal(orOf(expected));
    }
  });

  it('gives the bytes back when it is applied twice', () => {
    for (const key of [0, 1, -1, 0x80000000, 0xffffffff, KEY]) {
      for (const length of [7, 100]) {
        const { bytes } = bytesAt(1, length);
        const before = Uint8Array.from(bytes);

        applyMask(bytes, key);
        applyMask(bytes, key);

        expect(bytes).to.deep.equal(before);
      }
    }
  });

  it('tells ASCII from everything else by one byte anywhere', () => {
    for (let at = 0; at < 200; at++) {
      const bytes = new Uint8Array(200).fill(0x61);
      bytes[at] = 0x80;

      expect(applyMask(bytes, 0), `byte ${at}`).to.equal(0xe1);
    }
    expect(applyMask(new Uint8Array(200).fill(0x7f), 0)).to.equal(0x7f);
    expect(applyMask(new Uint8Array(200), 0)).to.equal(0);
  });

  const qtRows: Record<string, [bytes: Buffer, expected: string]> = {
    'no bytes': [Buffer.of(), ''],
    '8 characters': [Buffer.from('abcdefgh'), '7356351c77523110'],
    '9 characters': [Buffer.from('abcdefghi'), '7356351c775231107b'],
    // Six characters as Latin-1; three of them are none and became "?".
    'characters beyond ASCII': [hex('3f3f3fa9f8d8'), '2d0b69d1eaec'],
  };
  for (const [of, [bytes, expected]] of Object.entries(qtRows)) {
    it(`masks ${of} with 12345678 as Qt does`, () => {
      applyMask(bytes, 0x12345678);

      expect(bytes.toString('hex')).to.equal(expected);
    });
  }
});

describe('wordsOf()', () => {
  it('covers the buffer as far as words go', () => {
    for (const [bytes, words] of [
      [0, 0],
      [3, 0],
      [4, 1],
      [303, 75],
    ] as const) {
      expect(wordsOf(new ArrayBuffer(bytes))).to.have.lengthOf(words);
    }
  });

  it('shares the memory of the buffer', () => {
    const bytes = new Uint8Array(8);

    wordsOf(bytes.buffer)[1] = -1;

    expect([...bytes]).to.deep.equal([0, 0, 0, 0, 255, 255, 255, 255]);
  });
});
