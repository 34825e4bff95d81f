import { expect } from 'chai';
import { FrameReader } from '../../lib/codec/frame-reader.ts';
import { keepSpare, takeSpare } from '../../lib/codec/spare-memory.ts';
import { frame } from '../support/frames.ts';
import { RecordingSink } from '../support/recording-sink.ts';

const KiB = 1024;

describe('Spare memory', () => {
  beforeEach(() => {
    takeSpare(8 * KiB);
  });

  after(() => {
    takeSpare(8 * KiB);
  });

  it('is not there before some is kept', () => {
    expect(takeSpare(8 * KiB)).to.equal(undefined);
  });

  it('is given to one at a time', () => {
    const bytes = Buffer.alloc(20 * KiB);
    keepSpare(bytes);

    expect(takeSpare(10 * KiB)).to.equal(bytes);
    expect(takeSpare(10 * KiB)).to.equal(undefined);
  });

  it('stays where it is too small, or more than is worth it', () => {
    const bytes = Buffer.alloc(20 * KiB);
    keepSpare(bytes);

    expect(takeSpare(21 * KiB)).to.equal(undefined);
    expect(takeSpare(1 * KiB)).to.equal(undefined);
    expect(takeSpare(20 * KiB)).to.equal(bytes);
  });

  it('is the largest that was kept, up to a little more than 1 MiB', () => {
    const large = Buffer.alloc(1024 * KiB);
    for (const bytes of [Buffer.alloc(20 * KiB), large, Buffer.alloc(30 * KiB)]) keepSpare(bytes);
    keepSpare(Buffer.alloc(2048 * KiB));

    expect(takeSpare(8 * KiB)).to.equal(large);
  });

  it('is what texts that come in pieces are put together in, and nothing else', () => {
    const bytes = Buffer.alloc(100 * KiB);
    const sink = new RecordingSink();
    const read = (opcode: number, isFinal: boolean): void => {
      const reader = new FrameReader(sink, false, { maxIncomingFrameSize: 1024 * KiB });
      const wire = frame(opcode, 'x'.repeat(50 * KiB), { isFinal });
      reader.push(wire.subarray(0, 20 * KiB));
      expect(takeSpare(8 * KiB), `opcode ${opcode}`).to.equal(
        opcode === 1 && isFinal ? undefined : bytes,
      );
      if (opcode !== 1 || !isFinal) keepSpare(bytes);
      reader.push(wire.subarray(20 * KiB));
      expect(sink.texts.at(-1)).to.equal('x'.repeat(50 * KiB));
    };

    keepSpare(bytes);
    read(2, true);
    read(1, true);
    expect(takeSpare(8 * KiB)).to.equal(bytes);
  });

  it('is not lent to two at once: a text that begins meanwhile gets memory of its own', () => {
    keepSpare(Buffer.alloc(100 * KiB));
    const sinks = [new RecordingSink(), new RecordingSink()] as const;
    const wires = ['a', 'b'].map((letter) => frame(1, letter.repeat(50 * KiB)));
    const readers = sinks.map(
      (sink) => new FrameReader(sink, false, { maxIncomingFrameSize: 1024 * KiB }),
    );

    for (const [i, reader] of readers.entries()) reader.push(wires[i]!.subarray(0, 30 * KiB));
    for (const [i, reader] of readers.entries()) reader.push(wires[i]!.subarray(30 * KiB));

    expect(sinks.map(({ texts }) => texts)).to.deep.equal([
      ['a'.repeat(50 * KiB)],
      ['b'.repeat(50 * KiB)],
    ]);
  });
});
