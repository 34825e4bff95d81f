import { expect } from 'chai';
import fc from 'fast-check';
import { FrameReader } from '../../lib/codec/frame-reader.ts';
import { MaskMemory } from '../../lib/codec/mask-memory.ts';
import { cut, frame } from '../support/frames.ts';
import { RecordingSink } from '../support/recording-sink.ts';

const memory = new MaskMemory(8 * 1024);

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const payload = fc.uint8Array({ maxLength: 300 });
const dataFrame = fc.record({
  opcode: fc.constantFrom(1, 2),
  isFinal: fc.boolean(),
  payload,
});
const controlFrame = fc.record({
  opcode: fc.constantFrom(8, 9, 10),
  isFinal: fc.constant(true),
  payload: fc.uint8Array({ maxLength: 125 }),
});
// What follows an unfinished frame continues it.
const frames = fc.array(fc.oneof(dataFrame, controlFrame), { maxLength: 8 }).map((sent) => {
  let isInside = false;
  return sent.map((one) => {
    if (one.opcode >= 8) return one;
    const opcode = isInside ? 0 : one.opcode;
    isInside = !one.isFinal;
    return { ...one, opcode };
  });
});

for (const [side, expectMask] of [
  ['client', false],
  ['server', true],
] as const) {
  describe(`FrameReader of a ${side}, for any frames cut at any places`, () => {
    it('delivers the frames that went in', () => {
      fc.assert(
        fc.property(frames, fc.integer(), cuts, (sent, mask, at) => {
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, expectMask, { maxIncomingFrameSize: 300 });
          const key = expectMask ? mask : undefined;
          const bytes = Buffer.concat(
            sent.map(({ opcode, isFinal, payload: data }) => frame(opcode, data, { isFinal, key })),
          );
          for (const chunk of cut(bytes, at)) reader.push(chunk);

          expect(sink.violations).to.deep.equal([]);
          expect(reader.isInsideFrame).to.equal(false);
          expect(
            sink.frames.map((got) => ({
              opcode: got.opcode,
              isFinal: got.isFinal,
              payload: got.payload.toString('hex'),
            })),
          ).to.deep.equal(
            sent.map((one) => ({ ...one, payload: Buffer.from(one.payload).toString('hex') })),
          );
          for (const got of sink.frames) {
            if (got.opcode !== 1) continue;
            expect(got.isAscii).to.equal(got.payload.every((byte) => byte < 0x80));
          }
        }),
        { numRuns: 500 },
      );
    });

    it('delivers the same from memory that is overwritten', () => {
      fc.assert(
        fc.property(frames, fc.integer(), cuts, (sent, mask, at) => {
          const key = expectMask ? mask : undefined;
          const bytes = Buffer.concat(
            sent.map(({ opcode, isFinal, payload: data }) => frame(opcode, data, { isFinal, key })),
          );
          const limits = { maxIncomingFrameSize: 300 };
          const expected = new RecordingSink();
          new FrameReader(expected, expectMask, limits).push(Buffer.from(bytes));
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, expectMask, limits);
          for (const chunk of cut(bytes, at)) {
            memory.bytes.set(chunk);
            reader.pushLent(memory, chunk.length);
            memory.bytes.fill(0xff);
          }

          expect(sink.frames).to.deep.equal(expected.frames);
          expect(sink.violations).to.deep.equal([]);
        }),
        { numRuns: 500 },
      );
    });

    it('never throws, whatever comes, and holds at most one frame of the limit', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 400 }), cuts, (noise, at) => {
          const sink = new RecordingSink();
          const reader = new FrameReader(sink, expectMask, { maxIncomingFrameSize: 100 });
          for (const chunk of cut(noise, at)) reader.push(chunk);

          expect(sink.violations.length).to.be.at.most(1);
          for (const { payload: data } of sink.frames) expect(data.length).to.be.at.most(100);
          for (const [, length] of sink.announced) expect(length).to.be.at.most(100);
        }),
        { numRuns: 1000 },
      );
    });
  });
}
