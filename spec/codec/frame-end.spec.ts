import { expect } from 'chai';
import { frameEnd } from '../../lib/codec/frame-end.ts';

/** The lengths of the frames that `payload` is sent in. */
function lengths(payload: Uint8Array, limit: number, isText: boolean): number[] {
  const found = [];
  for (let start = 0; start < payload.length;) {
    const end = frameEnd(payload, start, limit, isText);
    found.push(end - start);
    start = end;
  }
  return found;
}

describe('frameEnd()', () => {
  it('is the end of the payload when that is within the limit', () => {
    for (const isText of [true, false]) {
      expect(frameEnd(Buffer.from('aä'), 0, Infinity, isText)).to.equal(3);
      expect(frameEnd(Buffer.from('aä'), 0, 3, isText)).to.equal(3);
      expect(frameEnd(Buffer.from('aä'), 1, 2, isText)).to.equal(3);
      expect(frameEnd(Buffer.alloc(0), 0, 5, isText)).to.equal(0);
    }
  });

  it('is the limit in binary messages', () => {
    expect(lengths(Buffer.from('äöü'), 3, false)).to.deep.equal([3, 3]);
    expect(lengths(Buffer.alloc(10), 4, false)).to.deep.equal([4, 4, 2]);
  });

  it('is between two characters in text', () => {
    expect(lengths(Buffer.from('ä€😀a'), 4, true)).to.deep.equal([2, 3, 4, 1]);
    expect(lengths(Buffer.from('aaaa😀'), 5, true)).to.deep.equal([4, 4]);
  });

  it('is the limit when that may be shorter than a character', () => {
    expect(lengths(Buffer.from('ä€😀'), 3, true)).to.deep.equal([3, 3, 3]);
    expect(lengths(Buffer.from('😀'), 1, true)).to.deep.equal([1, 1, 1, 1]);
  });
});
