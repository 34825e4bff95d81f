import { expect } from 'chai';
import { headerSize, LONGEST_HEADER, writeStart } from '../../lib/codec/frame-header.ts';
import { OpCode } from '../../lib/codec/opcode.ts';

const rows = [
  [0, '81 00'],
  [125, '81 7d'],
  [126, '81 7e 00 7e'],
  [256, '81 7e 01 00'],
  [65_535, '81 7e ff ff'],
  [65_536, '81 7f 00 00 00 00 00 01 00 00'],
  [2 ** 32 + 1, '81 7f 00 00 00 01 00 00 00 01'],
] as const;

function written(length: number, opcode: OpCode, isFinal: boolean, masks: boolean): string {
  const bytes = Buffer.alloc(LONGEST_HEADER);
  writeStart(bytes, 1, opcode, isFinal, length, masks);
  return bytes.subarray(1, 1 + headerSize(length)).toString('hex');
}

// RFC 6455 §5.2.
describe('The header of a frame', () => {
  for (const [length, expected] of rows) {
    it(`of ${length} bytes is ${expected}`, () => {
      expect(written(length, OpCode.Text, true, false)).to.equal(expected.replaceAll(' ', ''));
    });
  }

  it('says what the frame is, whether it is the last, and whether a key follows', () => {
    expect(written(5, OpCode.Binary, false, false)).to.equal('0205');
    expect(written(5, OpCode.Continue, true, true)).to.equal('8085');
    expect(written(300, OpCode.Ping, true, true)).to.equal('89fe012c');
  });
});
