import { expect } from 'chai';
import sinon from 'sinon';
import { MaskMemory } from '../../lib/codec/mask-memory.ts';
import { masked } from '../support/frames.ts';
import { hex } from '../support/hex.ts';

const KEY = 0x87fa213d;
const PAGE = 64 * 1024;

const engine = globalThis as unknown as {
  WebAssembly: { Module: unknown; Memory: unknown; Instance: unknown };
};

/** Gives the bytes no pattern of four. */
function fill(memory: MaskMemory): MaskMemory {
  for (let i = 0; i < memory.bytes.length; i++) memory.bytes[i] = (i * 37 + 11) % 251;
  return memory;
}

function orOf(bytes: Uint8Array): number {
  return bytes.reduce((seen, byte) => seen | byte, 0);
}

function withVectors(size: number): MaskMemory {
  return new MaskMemory(size);
}

function withoutWebAssembly(size: number): MaskMemory {
  const stub = sinon.stub(engine, 'WebAssembly').value(undefined);
  try {
    return new MaskMemory(size);
  } finally {
    stub.restore();
  }
}

describe('MaskMemory', () => {
  const kinds = { 'with WebAssembly': withVectors, 'without WebAssembly': withoutWebAssembly };
  for (const [kind, create] of Object.entries(kinds)) {
    describe(kind, () => {
      it('masks "Hello" as RFC 6455 §5.7 shows it', () => {
        const memory = create(16);
        memory.bytes.write('Hello', 3);

        memory.mask(3, 8, 0x37fa213d);

        expect(memory.bytes.subarray(3, 8)).to.deep.equal(hex('7f 9f 4d 51 58'));
      });

      it('masks as RFC 6455 §5.3 defines, whatever the length and the alignment', () => {
        const memory = create(300);
        for (let from = 0; from < 17; from++) {
          for (let length = 0; length <= 200; length++) {
            fill(memory);
            const expected = Buffer.from(memory.bytes);
            expected.set(masked(expected.subarray(from, from + length), KEY), from);

            const seen = memory.mask(from, from + length, KEY);

            const label = `${length} bytes from ${from}`;
            expect(memory.bytes.equals(expected), label).to.equal(true);
            expect(seen, label).to.equal(orOf(expected.subarray(from, from + length)));
          }
        }
      });

      it('masks up to the last byte', () => {
        for (const size of [1, 15, 100, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE]) {
          const memory = fill(create(size));
          const expected = masked(memory.bytes, KEY);

          memory.mask(0, size, KEY);

          expect(memory.bytes.equals(expected), `${size} bytes`).to.equal(true);
        }
      });

      it('gives the bytes back when it is applied twice', () => {
        for (const key of [0, 1, -1, 0x80000000, 0xffffffff, KEY | 0]) {
          const memory = fill(create(100));
          const before = Buffer.from(memory.bytes);

          memory.mask(1, 100, key);
          memory.mask(1, 100, key);

          expect(memory.bytes.equals(before), `key ${key}`).to.equal(true);
        }
      });

      it('tells ASCII from everything else by one byte anywhere', () => {
        const memory = create(200);
        for (let at = 0; at < 200; at++) {
          memory.bytes.fill(0x61);
          memory.bytes[at] = 0x80;

          expect(memory.mask(0, 200, 0), `byte ${at}`).to.equal(0xe1);
        }
        memory.bytes.fill(0x7f);
        expect(memory.mask(0, 200, 0)).to.equal(0x7f);
        memory.bytes.fill(0);
        expect(memory.mask(0, 200, 0)).to.equal(0);
      });

      it('begins with zeros', () => {
        expect(orOf(create(PAGE).bytes)).to.equal(0);
      });

      it('shows the same memory as words', () => {
        const memory = create(100);

        memory.words[24] = -1;

        expect(memory.bytes).to.have.lengthOf(100);
        expect([...memory.bytes.subarray(94)]).to.deep.equal([0, 0, 255, 255, 255, 255]);
      });

      it('lies apart from other memory', () => {
        const [first, second] = [create(8), create(8)];

        first.mask(0, 8, -1);

        expect([orOf(first.bytes), orOf(second.bytes)]).to.deep.equal([255, 0]);
      });
    });
  }

  it('is made by WebAssembly where it is to be had, in its pages', () => {
    const instance = sinon.spy(engine.WebAssembly, 'Instance');
    try {
      expect(new MaskMemory(PAGE + 1).bytes.buffer.byteLength).to.equal(2 * PAGE);
      sinon.assert.calledOnce(instance);
    } finally {
      instance.restore();
    }
  });

  for (const part of ['Memory', 'Instance'] as const) {
    it(`is made without it where ${part} is refused`, () => {
      const stub = sinon.stub(engine.WebAssembly, part).throws(new RangeError('No.'));
      try {
        const memory = fill(withVectors(100));
        const expected = masked(memory.bytes, KEY);

        memory.mask(0, 100, KEY);

        expect(memory.bytes.buffer.byteLength).to.equal(100);
        expect(memory.bytes.equals(expected)).to.equal(true);
      } finally {
        stub.restore();
      }
    });
  }
});
