import { expect } from 'chai';
import { FrameWriter, type ByteSink } from '../../lib/codec/frame-writer.ts';
import { OpCode } from '../../lib/codec/opcode.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { frame, readFrames } from '../support/frames.ts';

const { Text, Binary, Continue, Ping } = OpCode;
const KEY = 0x37fa213d;

/** Remembers the writes it gets. */
class RecordingOutput implements ByteSink {
  readonly writes: (readonly Buffer[])[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.writes.flat());
  }

  write(pieces: readonly Buffer[]): void {
    this.writes.push(pieces);
  }
}

const sides = [
  ['client', true, KEY],
  ['server', false, undefined],
] as const;

for (const [side, masks, key] of sides) {
  describe(`FrameWriter of a ${side}`, () => {
    let slab: Slab;
    let output: RecordingOutput;
    let writer: FrameWriter;

    beforeEach(() => {
      slab = new Slab();
      output = new RecordingOutput();
      writer = new FrameWriter(output, slab, masks);
    });

    describe('text()', () => {
      it('writes a text as UTF-8 and returns its length in bytes', () => {
        expect(writer.text(Text, true, 'Grüße', KEY)).to.equal(7);
        writer.flush();

        expect(output.bytes.equals(frame(Text, 'Grüße', { key }))).to.equal(true);
      });

      // In units of UTF-16: around the forms of the length, where the UTF-8 outgrows the header
      // that ASCII would have (42, 63, 21,846), and where the slab is left (8,192).
      const lengths = [0, 1, 41, 42, 43, 62, 63, 125, 126, 127, 8191, 8192, 8193, 21_845, 21_846];
      for (const length of [...lengths, 65_535, 65_536, 65_537]) {
        it(`writes ${length} units of any kind`, () => {
          for (const character of ['a', 'ä', '€', '\ud800', '😀']) {
            const text = character.repeat(Math.ceil(length / character.length)).slice(0, length);
            const expected = frame(Text, text, { key });
            output = new RecordingOutput();
            writer = new FrameWriter(output, slab, masks);

            expect(writer.text(Text, true, text, KEY)).to.equal(Buffer.byteLength(text));
            expect(writer.waiting).to.equal(expected.length);
            writer.flush();
            expect(output.bytes.equals(expected), character).to.equal(true);
          }
        });
      }

      it('writes U+FFFD for lone surrogates', () => {
        writer.text(Text, true, 'a\ud800b\udc00', KEY);
        writer.flush();

        expect(readFrames(output.bytes)[0]!.payload.toString()).to.equal('a\ufffdb\ufffd');
      });

      it('writes frames that are not final, and continuations', () => {
        writer.text(Text, false, 'a', KEY);
        writer.text(Continue, true, 'b', KEY);
        writer.flush();

        expect(
          readFrames(output.bytes).map(({ opcode, isFinal }) => [opcode, isFinal]),
        ).to.deep.equal([
          [Text, false],
          [Continue, true],
        ]);
      });
    });

    describe('binary()', () => {
      for (const length of [0, 1, 125, 126, 127, 8191, 8192, 8193, 65_535, 65_536, 200_000]) {
        it(`writes ${length} bytes`, () => {
          const data = Uint8Array.from({ length }, (_, i) => i % 251);
          const expected = frame(Binary, data, { key });

          writer.binary(Binary, true, data, KEY);
          expect(writer.waiting).to.equal(expected.length);
          writer.flush();

          expect(output.bytes.equals(expected)).to.equal(true);
        });
      }

      it('writes a stretch of the data', () => {
        for (const size of [100, 50_000]) {
          const data = Uint8Array.from({ length: size }, (_, i) => i % 251);
          output = new RecordingOutput();
          writer = new FrameWriter(output, slab, masks);
          writer.binary(Binary, false, data, KEY, 10, size - 20);
          writer.flush();

          const expected = frame(Binary, data.subarray(10, size - 20), { key, isFinal: false });
          expect(output.bytes.equals(expected)).to.equal(true);
        }
      });

      it('copies the data and leaves it as it is', () => {
        for (const size of [10, 50_000]) {
          const data = new Uint8Array(size).fill(7);
          output = new RecordingOutput();
          writer = new FrameWriter(output, slab, masks);
          writer.binary(Binary, true, data, KEY);
          expect(data.every((byte) => byte === 7)).to.equal(true);
          data.fill(0);
          writer.flush();

          const [sent] = readFrames(output.bytes);
          expect(sent!.payload.every((byte) => byte === 7)).to.equal(true);
        }
      });

      it('uses every key as it is', () => {
        for (const mask of [0, 1, -1, 0x7fffffff, 0x80000000, 0xffffffff]) {
          for (const size of [5, 10_000]) {
            output = new RecordingOutput();
            writer = new FrameWriter(output, slab, masks);
            writer.binary(Ping, true, new Uint8Array(size), mask);
            writer.flush();

            const [sent] = readFrames(output.bytes);
            expect(sent!.key).to.equal(masks ? mask >>> 0 : undefined);
            expect(sent!.payload.every((byte) => byte === 0)).to.equal(true);
          }
        }
      });
    });

    describe('frames()', () => {
      it('writes frames as they are, in the order of all others', () => {
        writer.text(Text, true, 'before', KEY);
        writer.frames(frame(Binary, new Uint8Array(100).fill(1)));
        writer.frames(frame(Binary, new Uint8Array(100_000).fill(2)));
        writer.frames(Buffer.concat([frame(Ping, 'a'), frame(Text, 'b')]));
        writer.text(Text, true, 'behind', KEY);
        writer.flush();

        const sent = readFrames(output.bytes);
        expect(sent.map(({ opcode }) => opcode)).to.deep.equal([1, 2, 2, 9, 1, 1]);
        expect(sent.map(({ payload }) => payload.length)).to.deep.equal([6, 100, 100_000, 1, 1, 6]);
        expect(String(sent[5]!.payload)).to.equal('behind');
      });

      it('counts them', () => {
        for (const size of [100, 100_000]) writer.frames(frame(Binary, new Uint8Array(size)));

        expect(writer.waiting).to.equal(2 + 100 + 10 + 100_000);
      });

      it('writes small ones and other frames as one piece', () => {
        writer.text(Text, true, 'before', KEY);
        for (let i = 0; i < 10; i++) writer.frames(frame(Text, `message ${i}`));
        writer.text(Text, true, 'behind', KEY);
        writer.flush();

        expect(output.writes.map((pieces) => pieces.length)).to.deep.equal([1]);
        expect(readFrames(output.bytes)).to.have.lengthOf(12);
      });

      it('does not copy a large one', () => {
        const large = frame(Binary, new Uint8Array(100_000));

        writer.frames(large);
        writer.flush();

        expect(output.writes[0]![0]).to.equal(large);
      });

      it('closes a stretch before it becomes long', () => {
        for (let i = 0; i < 100; i++) writer.frames(frame(Binary, new Uint8Array(1000)));
        writer.flush();

        for (const piece of output.writes[0]!) expect(piece.length).to.be.below(17_400);
        expect(readFrames(output.bytes)).to.have.lengthOf(100);
      });
    });

    it('makes headers as short as they can be', () => {
      const most = masks ? 4 : 0;
      for (const [length, header] of [
        [0, 2],
        [125, 2],
        [126, 4],
        [65_535, 4],
        [65_536, 10],
      ] as const) {
        output = new RecordingOutput();
        writer = new FrameWriter(output, slab, masks);
        writer.binary(Binary, true, new Uint8Array(length), KEY);
        writer.text(Text, true, 'x'.repeat(length), KEY);
        writer.flush();

        expect(readFrames(output.bytes).map((sent) => sent.header)).to.deep.equal([
          header + most,
          header + most,
        ]);
      }
    });

    describe('flush()', () => {
      it('writes small frames as one piece', () => {
        for (let i = 0; i < 10; i++) writer.text(Text, true, `message ${i}`, KEY);
        writer.flush();

        expect(output.writes.map((pieces) => pieces.length)).to.deep.equal([1]);
        expect(readFrames(output.bytes)).to.have.lengthOf(10);
      });

      it('writes a large frame as a piece that shares its memory with nothing', () => {
        writer.text(Text, true, 'before', KEY);
        writer.binary(Binary, true, new Uint8Array(100_000), KEY);
        writer.text(Text, true, 'behind', KEY);
        writer.flush();

        const [pieces] = output.writes;
        expect(pieces).to.have.lengthOf(3);
        expect(pieces![1]!.buffer.byteLength).to.equal(pieces![1]!.length);
        expect(readFrames(output.bytes).map(({ opcode }) => opcode)).to.deep.equal([1, 2, 1]);
      });

      it('writes nothing when nothing waits', () => {
        writer.flush();
        writer.text(Text, true, 'x', KEY);
        writer.flush();
        writer.flush();

        expect(output.writes).to.have.lengthOf(1);
      });

      it('leaves nothing waiting', () => {
        writer.text(Text, true, 'x', KEY);
        writer.binary(Binary, true, new Uint8Array(20_000), KEY);
        writer.flush();

        expect(writer.waiting).to.equal(0);
      });

      it('may be called from the write of another flush', () => {
        output.write = (pieces) => {
          output.writes.push(pieces);
          if (output.writes.length > 1) return;
          writer.text(Text, true, 'two', KEY);
          writer.flush();
        };
        writer.text(Text, true, 'one', KEY);
        writer.flush();

        expect(readFrames(output.bytes).map(({ payload }) => String(payload))).to.deep.equal([
          'one',
          'two',
        ]);
      });
    });

    it('closes a stretch before it becomes long', () => {
      for (let i = 0; i < 100; i++) writer.binary(Binary, true, new Uint8Array(1000), KEY);
      writer.flush();

      const [pieces] = output.writes;
      expect(pieces!.length).to.be.above(4);
      for (const piece of pieces!) expect(piece.length).to.be.below(17_400);
      expect(readFrames(output.bytes)).to.have.lengthOf(100);
    });

    describe('clear()', () => {
      it('drops what waits, and what follows is whole', () => {
        writer.text(Text, true, 'dropped', KEY);
        writer.binary(Binary, true, new Uint8Array(20_000), KEY);
        writer.text(Text, true, 'dropped as well', KEY);

        writer.clear();

        expect(writer.waiting).to.equal(0);
        writer.text(Text, true, 'kept', KEY);
        writer.flush();
        expect(output.bytes.equals(frame(Text, 'kept', { key }))).to.equal(true);
      });

      it('gives the memory back', () => {
        writer.text(Text, true, 'x'.repeat(1000), KEY);
        const { bytes } = slab;

        writer.clear();

        expect(slab.bytes).to.equal(bytes);
        expect(slab.used).to.equal(0);
      });
    });

    describe('with others on the same slab', () => {
      it('keeps its frames together', () => {
        const outputs = [new RecordingOutput(), new RecordingOutput(), new RecordingOutput()];
        const writers = outputs.map((one) => new FrameWriter(one, slab, masks));
        for (let i = 0; i < 50; i++) {
          for (const [who, one] of writers.entries()) {
            one.text(Text, true, `${who}: ${'x'.repeat(i * 7)}`, KEY);
          }
        }
        for (const one of writers) one.flush();

        for (const [who, one] of outputs.entries()) {
          expect(readFrames(one.bytes).map(({ payload }) => String(payload))).to.deep.equal(
            Array.from({ length: 50 }, (_, i) => `${who}: ${'x'.repeat(i * 7)}`),
          );
        }
      });

      it('does not touch what was handed over', () => {
        writer.text(Text, true, 'first', KEY);
        writer.flush();
        const handedOver = output.bytes;
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        for (let i = 0; i < 2000; i++) {
          other.text(Text, true, 'other'.repeat(i % 50), KEY);
          writer.text(Text, true, 'own', KEY);
          if (i % 3 === 0) other.clear();
          else other.flush();
          if (i % 5 === 0) writer.clear();
        }

        expect(output.writes[0]![0]!.equals(handedOver)).to.equal(true);
      });

      it('needs little more of the slab than its frames', () => {
        for (let i = 0; i < 100; i++) {
          writer.text(Text, true, 'x'.repeat(50), KEY);
          writer.flush();
        }

        expect(slab.used).to.be.at.most(100 * (50 + 6));
      });

      it('copies waiting frames a bounded number of times when many writers alternate', () => {
        const outputs = Array.from({ length: 20 }, () => new RecordingOutput());
        const writers = outputs.map((one) => new FrameWriter(one, slab, masks));
        let slabs = 0;
        let last = slab.bytes;
        for (let i = 0; i < 100; i++) {
          for (const one of writers) {
            one.text(Text, true, 'x'.repeat(40), KEY);
            if (slab.bytes !== last) slabs++;
            last = slab.bytes;
          }
        }
        for (const one of writers) one.flush();

        for (const one of outputs) expect(readFrames(one.bytes)).to.have.lengthOf(100);
        // 20 × 100 frames of 46 bytes are 92 KB; doubling with room for that, three times as much.
        expect(slabs).to.be.at.most(8);
      });
    });
  });
}
