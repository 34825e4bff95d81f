import { expect } from 'chai';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { PreparedFrames } from '../../lib/codec/prepared-frames.ts';
import { frame, readFrames } from '../support/frames.ts';

const { Continue, Text, Binary } = OpCode;

describe('PreparedFrames', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 200_000]) {
    it(`holds ${length} bytes in one frame when that is within the limit`, () => {
      const data = Uint8Array.from({ length }, (_, i) => i % 251);
      const expected = frame(Binary, data);

      for (const limit of [Infinity, Math.max(1, length)]) {
        const bytes = new PreparedFrames(Binary, data).within(limit);
        expect(bytes.equals(expected)).to.equal(true);
      }
    });
  }

  it('splits what is longer', () => {
    const bytes = new PreparedFrames(Binary, Buffer.from('abcdefg')).within(3);

    const expected = Buffer.concat([
      frame(Binary, 'abc', { isFinal: false }),
      frame(Continue, 'def', { isFinal: false }),
      frame(Continue, 'g'),
    ]);
    expect(bytes.equals(expected)).to.equal(true);
  });

  it('splits text between two characters', () => {
    const bytes = new PreparedFrames(Text, Buffer.from('aä€😀')).within(4);

    expect(readFrames(bytes).map(({ payload }) => String(payload))).to.deep.equal([
      'aä',
      '€',
      '😀',
    ]);
  });

  it('splits compressed text anywhere, RSV1 on the first frame alone', () => {
    const bytes = new PreparedFrames(CompressedCode.Text, Buffer.from('€€')).within(4);

    const expected = Buffer.concat([
      frame(Text, Buffer.from('€€').subarray(0, 4), { isFinal: false, reserved: 0x40 }),
      frame(Continue, Buffer.from('€€').subarray(4)),
    ]);
    expect(bytes.equals(expected)).to.equal(true);
  });

  it('lays its frames down once for all limits that leave the message whole', () => {
    const frames = new PreparedFrames(Text, Buffer.from('whole'));

    expect(frames.within(5)).to.equal(frames.within(Infinity));
    expect(frames.within(6)).to.equal(frames.within(5));
  });

  it('lays them down once as long as the limit stays', () => {
    const frames = new PreparedFrames(Text, Buffer.from('in pieces'));
    const first = frames.within(4);

    expect(frames.within(4)).to.equal(first);
    expect(readFrames(frames.within(5))).to.have.lengthOf(2);
    expect(readFrames(frames.within(4))).to.have.lengthOf(3);
  });

  it('shares its memory with nothing', () => {
    for (const length of [0, 10, 10_000]) {
      const bytes = new PreparedFrames(Binary, new Uint8Array(length)).within(Infinity);

      expect(bytes.buffer.byteLength).to.equal(bytes.length);
    }
  });
});
