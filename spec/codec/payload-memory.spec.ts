import { expect } from 'chai';
import { ownCopy } from '../../lib/codec/payload-memory.ts';

const KiB = 1024;

function numbered(length: number, first: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (first + 7 * i) & 0xff));
}

describe('ownCopy()', () => {
  const sizes = [
    0,
    1,
    125,
    KiB - 1,
    KiB,
    4095,
    4096,
    4097,
    16 * KiB,
    32 * KiB - 1,
    32 * KiB,
    32 * KiB + 1,
    70_000,
  ];

  it('copies exactly the stretch, and never touches a copy again', () => {
    const made: [copy: Buffer, expected: Buffer][] = [];
    for (let round = 0; round < 20; round++) {
      for (const size of sizes) {
        const bytes = numbered(size + 20, round);
        const copy = ownCopy(bytes, 10, size + 10);
        made.push([copy, Buffer.from(bytes.subarray(10, size + 10))]);
        bytes.fill(0);
      }
    }

    for (const [copy, expected] of made) expect(copy.equals(expected)).to.equal(true);
  });

  it('keeps copies apart: what is written into one shows in no other', () => {
    const copies = Array.from({ length: 40 }, (_, i) => ownCopy(Buffer.alloc(5000, i), 0, 5000));
    copies.forEach((copy, i) => copy.fill(100 + i));

    copies.forEach((copy, i) => {
      expect(copy.every((byte) => byte === 100 + i)).to.equal(true);
    });
  });

  it('takes at most 64 KiB for one that is kept', () => {
    // What is smaller lies in Node's own pool.
    for (const size of sizes.filter((one) => one >= KiB)) {
      const copy = ownCopy(Buffer.alloc(size), 0, size);
      expect(copy.buffer.byteLength, String(size)).to.be.at.most(Math.max(size, 64 * KiB));
    }
  });

  it('begins where numbers of any width can', () => {
    for (const size of [4097, 5001, 9999, 4096]) {
      expect(ownCopy(Buffer.alloc(size), 0, size).byteOffset % 8).to.equal(0);
    }
  });
});
