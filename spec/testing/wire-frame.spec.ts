import { expect } from 'chai';
import fc from 'fast-check';
import {
  frame,
  frameStart,
  headerLength,
  payloadLength,
  readFrame,
} from '../../lib/testing/wire-frame.ts';

describe('frame()', () => {
  it('makes the frames of RFC 6455 §5.7', () => {
    expect(frame(1, 'Hello').toString('hex')).to.equal('810548656c6c6f');
    expect(frame(1, 'Hello', { key: 0x37fa213d }).toString('hex')).to.equal(
      '818537fa213d7f9f4d5158',
    );
    expect(frame(1, 'Hel', { isFinal: false }).toString('hex')).to.equal('010348656c');
    expect(frame(0, 'lo').toString('hex')).to.equal('80026c6f');
    expect(frameStart(2, 256).toString('hex')).to.equal('827e0100');
    expect(frameStart(2, 65_536).toString('hex')).to.equal('827f0000000000010000');
  });

  it('makes frames that the RFC forbids', () => {
    expect(frame(0xf, '', { reserved: 0x70 }).toString('hex')).to.equal('ff00');
    expect(frame(9, 'a', { lengthSize: 8 }).toString('hex')).to.equal('897f000000000000000161');
    expect(frameStart(2, 2n ** 63n).toString('hex')).to.equal('827f8000000000000000');
  });

  it('makes what readFrame() reads', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 15 }),
        fc.uint8Array({ maxLength: 70_000 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }),
        fc.constantFrom(0, 0x40, 0x20, 0x10),
        (opcode, payload, isFinal, key, reserved) => {
          const bytes = frame(opcode, payload, { isFinal, key, reserved });
          const header = bytes.subarray(0, headerLength(bytes));
          expect(payloadLength(header)).to.equal(bytes.length - header.length);
          expect(readFrame(header, bytes.subarray(header.length))).to.deep.equal({
            opcode: opcode | reserved,
            isFinal,
            key,
            payload: Buffer.from(payload),
            header: header.length,
          });
        },
      ),
    );
  });
});
