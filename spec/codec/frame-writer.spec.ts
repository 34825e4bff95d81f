import { expect } from 'chai';
import { FrameWriter, type ByteSink } from '../../lib/codec/frame-writer.ts';
import { OpCode } from '../../lib/codec/opcode.ts';
import { BLOCK_SIZE, LARGEST_IN_SLAB, Slab } from '../../lib/codec/slab.ts';
import { frame, readFrames } from '../support/frames.ts';

const { Text, Binary, Continue, Ping } = OpCode;
const KEY = 0x37fa213d;

/** Remembers the writes it gets. */
class RecordingOutput implements ByteSink {
  readonly writes: (readonly Buffer[])[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.writes.flat());
  }

  takesAtOnce = false;
  isFree = false;

  write(piece: Buffer): boolean {
    return this.writeAll([piece]);
  }

  writeAll(pieces: readonly Buffer[]): boolean {
    this.writes.push(pieces);
    return this.isFree;
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
      // that ASCII would have (42, 63, 21,846), where another way of encoding begins (4,096, 16,385), and
      // where the slab is left.
      const lengths = [0, 1, 41, 42, 43, 62, 63, 125, 126, 127, 4095, 4096, 16_384, 16_385, 21_845];
      for (const length of [...lengths, 21_846, 65_535, 65_536, 65_537]) {
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

    describe('ascii()', () => {
      for (const length of [0, 125, 126, 65_536, 65_537, 200_000]) {
        it(`writes ${length} characters`, () => {
          const text = 'Hello world! '.repeat(16_000).slice(0, length);

          writer.ascii(Continue, false, text, KEY);
          writer.flush();

          const expected = frame(Continue, text, { key, isFinal: false });
          expect(output.bytes.equals(expected)).to.equal(true);
        });
      }
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
        output.write = (piece) => {
          output.writes.push([piece]);
          if (output.writes.length > 1) return false;
          writer.text(Text, true, 'two', KEY);
          writer.flush();
          return false;
        };
        writer.text(Text, true, 'one', KEY);
        writer.flush();

        expect(readFrames(output.bytes).map(({ payload }) => String(payload))).to.deep.equal([
          'one',
          'two',
        ]);
      });
    });

    describe('with an output that takes everything at once', () => {
      beforeEach(() => {
        output.takesAtOnce = true;
        output.isFree = true;
        // The memory is used again, so what is remembered has to be copied.
        output.write = (piece) => output.writeAll([piece]);
        output.writeAll = (pieces) => {
          output.writes.push(pieces.map((piece) => Buffer.from(piece)));
          return output.isFree;
        };
      });

      it('lays the next frames down where the last ones were', () => {
        const block = slab.provide(1);
        for (let i = 0; i < 10_000; i++) {
          writer.text(Text, true, 'x'.repeat(50), KEY);
          writer.flush();
        }

        expect(slab.provide(1)).to.equal(block);
        expect(block.used).to.equal(0);
        expect(readFrames(output.bytes)).to.have.lengthOf(10_000);
      });

      it('does not let more than 128 KiB wait', () => {
        for (let i = 0; i < 200; i++) writer.binary(Binary, true, new Uint8Array(1000), KEY);

        expect(output.writes).to.have.lengthOf(1);
        writer.flush();
        expect(output.writes).to.have.lengthOf(2);
        expect(readFrames(output.bytes)).to.have.lengthOf(200);
      });

      it('counts what it has written as waiting until the flush', () => {
        const expected = frame(Binary, new Uint8Array(100_000), { key }).length;
        writer.binary(Binary, true, new Uint8Array(100_000), KEY);

        expect(writer.waiting).to.equal(expected);
        writer.flush();
        expect(writer.waiting).to.equal(0);
      });

      it('counts it no longer when it is told that the system has taken it', () => {
        writer.binary(Binary, true, new Uint8Array(100_000), KEY);
        writer.taken();

        expect(writer.waiting).to.equal(0);
      });

      for (const [what, content] of [
        ['binary frame', Buffer.from(Array.from({ length: 1_000_001 }, (_, i) => (7 * i) & 0xff))],
        ['text', 'Hello world! '.repeat(80_000)],
        ['text that is no ASCII', 'Grüße, 世界! '.repeat(80_000)],
        ['text with lone surrogates', '世\ud800 '.repeat(80_000)],
      ] as const) {
        it(`writes a large ${what} part by part, behind what waits`, () => {
          const isText = typeof content === 'string';
          const expected = frame(isText ? Text : Binary, content, { key });

          writer.text(Text, true, 'before', KEY);
          if (isText)
            expect(writer.text(Text, true, content, KEY)).to.equal(Buffer.byteLength(content));
          else writer.binary(Binary, true, content, KEY);
          writer.text(Text, true, 'behind', KEY);
          writer.flush();

          const bytes = Buffer.concat([
            frame(Text, 'before', { key }),
            expected,
            frame(Text, 'behind', { key }),
          ]);
          expect(output.bytes.equals(bytes)).to.equal(true);
          for (const [piece] of output.writes) expect(piece!.length).to.be.at.most(LARGEST_IN_SLAB);
        });
      }

      it('keeps the rest of a large frame that is not taken', () => {
        const content = Buffer.from(Array.from({ length: 200_001 }, (_, i) => (7 * i) & 0xff));
        output.writeAll = (pieces) => {
          output.writes.push(pieces.map((piece) => Buffer.from(piece)));
          output.takesAtOnce = output.writes.length < 2;
          return output.takesAtOnce;
        };

        writer.binary(Binary, true, content, KEY);
        content.fill(0);
        writer.text(Text, true, 'behind', KEY);
        expect(output.writes).to.have.lengthOf(2);
        writer.flush();

        const [large, behind] = readFrames(output.bytes);
        expect(large!.payload.every((byte, i) => byte === ((7 * i) & 0xff))).to.equal(true);
        expect(String(behind!.payload)).to.equal('behind');
      });
    });

    it('does not use memory again that the system has not taken', () => {
      output.takesAtOnce = true;
      writer.text(Text, true, 'first', KEY);
      writer.flush();
      const handedOver = Buffer.from(output.bytes);

      for (let i = 0; i < 100; i++) writer.text(Text, true, 'next', KEY);
      expect(output.bytes.equals(handedOver)).to.equal(true);

      writer.clear();
      writer.drained();
      writer.text(Text, true, 'other', KEY);
      expect(output.bytes.equals(handedOver)).to.equal(false);
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
        const block = slab.provide(1);
        writer.text(Text, true, 'x'.repeat(1000), KEY);

        writer.clear();

        expect([block.used, block.isFree]).to.deep.equal([0, true]);
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

      it('lays a text that all of them send down once, if it is a server’s', () => {
        const outputs = [new RecordingOutput(), new RecordingOutput(), new RecordingOutput()];
        const writers = outputs.map((one) => new FrameWriter(one, slab, masks));
        for (const text of ['one', 'two']) {
          for (const one of writers) expect(one.text(Text, true, text, KEY)).to.equal(3);
        }
        for (const one of writers) one.flush();

        const places = new Set(outputs.map(({ writes }) => writes[0]![0]!.byteOffset));
        expect(places.size).to.equal(masks ? 3 : 1);
        for (const one of outputs) {
          expect(readFrames(one.bytes).map(({ payload }) => String(payload))).to.deep.equal([
            'one',
            'two',
          ]);
        }
      });

      it('lays prepared frames down once, whoever has something of its own between them', () => {
        const outputs = Array.from({ length: 5 }, () => new RecordingOutput());
        const writers = outputs.map((one) => new FrameWriter(one, slab, masks));
        for (const name of ['one', 'two', 'three']) {
          writers[2]!.text(Text, true, `own ${name}`, KEY);
          const prepared = frame(Binary, name);
          for (const one of writers) one.frames(prepared);
        }
        for (const one of writers) one.flush();

        const places = outputs.map(({ writes }) => writes[0]![0]!.byteOffset);
        expect(new Set([0, 1, 3, 4].map((who) => places[who])).size).to.equal(1);
        for (const [who, one] of outputs.entries()) {
          const all = readFrames(one.bytes).filter(({ opcode }) => opcode === Binary);
          expect(all.map(({ payload }) => String(payload))).to.deep.equal(['one', 'two', 'three']);
          expect(readFrames(one.bytes)).to.have.lengthOf(who === 2 ? 6 : 3);
        }
      });

      it('does not take for its next frame what others have sent without its last one', () => {
        const filling = new FrameWriter(new RecordingOutput(), slab, masks);
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        // What is left of the block has room for a short frame and not for a long one.
        const block = slab.provide(1);
        while (BLOCK_SIZE - block.used > 2000) {
          filling.binary(Binary, true, new Uint8Array(1000), KEY);
        }
        const [short, long] = [frame(Binary, 'short'), frame(Binary, 'x'.repeat(2000))];
        for (const one of [other, writer]) one.frames(short);

        other.frames(long);
        writer.text(Text, true, 'own', KEY);
        writer.frames(long);
        writer.flush();

        expect(readFrames(output.bytes).map(({ payload }) => payload.length)).to.deep.equal([
          5, 3, 2000,
        ]);
      });

      it('keeps nothing of what was shared when it is written', () => {
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        const [first, second] = [frame(Binary, 'one'), frame(Binary, 'two')];
        for (const one of [writer, other]) one.frames(first);
        writer.frames(second);
        expect(slab.first?.content).to.equal(first);
        expect(slab.first?.next?.content).to.equal(second);

        for (const one of [writer, other]) one.flush();

        expect(slab.first?.content).to.equal(undefined);
        expect(slab.first?.next).to.equal(undefined);
      });

      it('goes on by itself when the others have written what it shared with them', () => {
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        other.text(Text, true, 'shared', KEY);
        writer.text(Text, true, 'shared', KEY);
        other.flush();
        writer.text(Text, true, 'own', KEY);
        writer.flush();

        expect(readFrames(output.bytes).map(({ payload }) => String(payload))).to.deep.equal([
          'shared',
          'own',
        ]);
      });

      it('takes the same text as something else when it is no whole message', () => {
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        other.text(Text, true, 'x', KEY);
        writer.text(Text, false, 'x', KEY);
        other.text(Text, true, 'y', KEY);
        writer.text(Continue, true, 'y', KEY);
        writer.flush();

        expect(
          readFrames(output.bytes).map(({ opcode, isFinal }) => [opcode, isFinal]),
        ).to.deep.equal([
          [Text, false],
          [Continue, true],
        ]);
      });

      it('does not touch what was handed over', () => {
        writer.text(Text, true, 'first', KEY);
        writer.flush();
        const handedOver = Buffer.from(output.bytes);
        const other = new FrameWriter(new RecordingOutput(), slab, masks);
        for (let i = 0; i < 2000; i++) {
          other.text(Text, true, 'other'.repeat(i % 50), KEY);
          writer.text(Text, true, 'own', KEY);
          if (i % 3 === 0) other.clear();
          else other.flush();
          if (i % 5 === 0) writer.flush();
        }

        expect(output.writes[0]![0]!.equals(handedOver)).to.equal(true);
      });

      it('needs little more of the slab than its frames', () => {
        for (let i = 0; i < 100; i++) {
          writer.text(Text, true, 'x'.repeat(50), KEY);
          writer.flush();
        }

        expect(slab.provide(1).used).to.be.at.most(100 * (50 + 6));
      });

      it('copies waiting frames a bounded number of times when many writers alternate', () => {
        const outputs = Array.from({ length: 20 }, () => new RecordingOutput());
        const writers = outputs.map((one) => new FrameWriter(one, slab, masks));
        let slabs = 0;
        let last = slab.provide(1);
        for (let i = 0; i < 100; i++) {
          for (const one of writers) {
            one.text(Text, true, `${i} ${slabs}`.padEnd(40), KEY);
            if (slab.provide(1) !== last) slabs++;
            last = slab.provide(1);
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
