import { expect } from 'chai';
import { runInNewContext } from 'node:vm';
import { toBytes } from '../../lib/websockets/bytes.ts';

/** The types that TypeScript has for this runtime do not know them. */
const Resizable = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer;

describe('toBytes()', () => {
  const source = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

  it('returns a Uint8Array as it is', () => {
    expect(toBytes(source)).to.equal(source);
  });

  const views: Record<string, [data: ArrayBuffer | ArrayBufferView, expected: number[]]> = {
    'an ArrayBuffer': [source.buffer, [1, 2, 3, 4, 5, 6, 7, 8]],
    'a DataView of a part': [new DataView(source.buffer, 2, 3), [3, 4, 5]],
    'wider elements, of a part': [new Uint16Array(source.buffer, 2, 2), [3, 4, 5, 6]],
    'signed bytes': [new Int8Array(source.buffer, 7), [8]],
    nothing: [new ArrayBuffer(0), []],
  };
  for (const [of, [data, expected]] of Object.entries(views)) {
    it(`shows the bytes of ${of} without copying`, () => {
      const bytes = toBytes(data);

      expect([...bytes]).to.deep.equal(expected);
      expect(bytes.buffer).to.equal(data instanceof ArrayBuffer ? data : data.buffer);
    });
  }

  for (const made of [
    'new ArrayBuffer(3)',
    'new Uint8Array(3)',
    'new DataView(new ArrayBuffer(3))',
  ]) {
    it(`takes a ${made} of another realm`, () => {
      const bytes = toBytes(runInNewContext(made) as ArrayBuffer);

      expect(bytes).to.be.an.instanceof(Uint8Array);
      expect([...bytes]).to.deep.equal([0, 0, 0]);
    });
  }

  it('throws for what was transferred away, and for views of that', () => {
    const buffer = new ArrayBuffer(8);
    const given = [new Uint8Array(buffer), new DataView(buffer), Buffer.from(buffer, 2, 3)];
    structuredClone(buffer, { transfer: [buffer] });

    for (const data of [buffer, ...given]) expect(() => toBytes(data)).to.throw(TypeError);
  });

  it('throws for it in optimized code as well', () => {
    // V8 takes the length of a transferred view for the one of before once it has seen such buffers.
    const shared = new Uint8Array(new SharedArrayBuffer(8));
    const given = [
      Buffer.alloc(8),
      new Uint8Array(8),
      shared,
      new Uint8Array(new Resizable(8, { maxByteLength: 16 })),
    ];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 1_000_000; i++) toBytes(given[i & 3]!);
      const view = new Uint8Array(8);
      structuredClone(view.buffer, { transfer: [view.buffer] });
      expect(() => toBytes(view)).to.throw(TypeError);
    }
  });

  const others: Record<string, [value: unknown, type: string]> = {
    'a string': ['bytes', 'string'],
    // ws once sent that many bytes of uninitialised memory (CVE-2016-10518).
    'a number': [1000, 'number'],
    null: [null, 'object'],
    undefined: [undefined, 'undefined'],
    'an array': [[1, 2], 'object'],
    'an object that looks like one': [{ length: 3, byteLength: 3 }, 'object'],
  };
  for (const [of, [value, type]] of Object.entries(others)) {
    it(`throws for ${of}`, () => {
      expect(() => toBytes(value as Uint8Array)).to.throw(
        TypeError,
        `Expected bytes (Uint8Array, ArrayBuffer or a view), got ${type}.`,
      );
    });
  }
});
