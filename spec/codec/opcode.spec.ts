import { expect } from 'chai';
import { CompressedCode, isControl, isOpCode, OpCode } from '../../lib/codec/opcode.ts';

const all = Array.from({ length: 16 }, (_, value) => value);

describe('OpCode', () => {
  it('has the numbers of RFC 6455 §11.8', () => {
    expect(OpCode).to.deep.equal({ Continue: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 });
  });
});

describe('CompressedCode', () => {
  it('has RSV1 beside the opcode (RFC 7692 §6)', () => {
    expect(CompressedCode).to.deep.equal({
      Text: 0x40 | OpCode.Text,
      Binary: 0x40 | OpCode.Binary,
    });
  });
});

describe('isOpCode()', () => {
  it('refuses the numbers that are reserved', () => {
    expect(all.filter(isOpCode)).to.deep.equal([0, 1, 2, 8, 9, 10]);
  });
});

describe('isControl()', () => {
  it('goes by the highest bit', () => {
    expect(all.filter(isControl)).to.deep.equal([8, 9, 10, 11, 12, 13, 14, 15]);
  });
});
