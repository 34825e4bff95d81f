import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ownCopy, payloadMemory } from '../../lib/codec/payload-memory.ts';

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

describe('payloadMemory()', () => {
  it("has the size it is asked for, and is nobody else's", () => {
    const pieces = [0, 1, 100, KiB, 4096, 100_000].map((size) => payloadMemory(size).fill(size));

    for (const piece of pieces) {
      expect(piece.every((byte) => byte === (piece.length & 0xff))).to.equal(true);
    }
  });
});

describe('Memory of payloads', () => {
  const modulePath = new URL('../../lib/codec/payload-memory.js', import.meta.url).href;

  // In a program of its own: its heap is small, as that of a small server, and the young part of that
  // as large as with a server that has run for a while.
  const flags = ['--min-semi-space-size=16', '--input-type=module', '-e'];

  /** Takes 1 GiB of payloads of this size, and tells how often V8 has collected what is young, and all. */
  function program(size: number): string {
    return `
      import { constants, PerformanceObserver } from 'node:perf_hooks';
      import { ownCopy, payloadMemory } from '${modulePath}';
      let [minors, majors] = [0, 0];
      new PerformanceObserver((list) => {
        for (const { detail } of list.getEntries()) {
          if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) minors++;
          if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majors++;
        }
      }).observe({ entryTypes: ['gc'] });
      const bytes = Buffer.alloc(${size});
      let rest = 2 ** 30;
      function turn() {
        for (let i = 0; i < 2 ** 21; i += 2 * ${size}) {
          // A message comes either whole or in pieces.
          ownCopy(bytes, 0, ${size});
          payloadMemory(${size});
        }
        rest -= 2 ** 21;
        if (rest > 0) setImmediate(turn);
        else setTimeout(() => console.log(JSON.stringify({ minors, majors })), 1);
      }
      turn();`;
  }

  for (const size of [KiB, 16 * KiB, 64 * KiB, 1024 * KiB]) {
    it(`of ${size / KiB} KiB is collected before V8 has to look at the whole heap`, async () => {
      const args = [...flags, program(size)];
      const { stdout } = await promisify(execFile)(process.execPath, args);

      const { minors, majors } = JSON.parse(stdout) as { minors: number; majors: number };
      // By itself it waits for 32 MiB, or, from Node 24 on, collects everything and nothing young.
      expect(minors).to.be.at.least(36);
      expect(majors).to.be.at.most(4);
    });
  }
});
