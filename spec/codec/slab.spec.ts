import { expect } from 'chai';
import { Slab } from '../../lib/codec/slab.ts';

const SIZE = 64 * 1024;

describe('Slab', () => {
  it('takes no memory before some is needed', () => {
    const slab = new Slab();

    expect([slab.bytes.length, slab.words.length, slab.used]).to.deep.equal([0, 0, 0]);
  });

  it('has room for what was asked for', () => {
    const slab = new Slab();

    slab.provide(SIZE);

    expect(slab.bytes.length - slab.used).to.equal(SIZE);
  });

  it('stays the same as long as there is room', () => {
    const slab = new Slab();
    slab.provide(1);
    const { bytes } = slab;
    slab.used = 100;

    slab.provide(SIZE - 100);

    expect(slab.bytes).to.equal(bytes);
    expect(slab.used).to.equal(100);
  });

  it('begins anew when the room is too small, and leaves what was handed out as it is', () => {
    const slab = new Slab();
    slab.provide(1);
    const { bytes } = slab;
    bytes.fill(0x61);
    slab.used = 100;

    slab.provide(SIZE - 99);
    slab.bytes.fill(0x62);

    expect(slab.used).to.equal(0);
    expect(bytes.every((byte) => byte === 0x61)).to.equal(true);
  });

  it('shows the same memory as words', () => {
    const slab = new Slab();
    slab.provide(1);

    slab.words[2] = -1;

    expect(slab.words).to.have.lengthOf(SIZE / 4);
    expect([...slab.bytes.subarray(8, 12)]).to.deep.equal([255, 255, 255, 255]);
  });

  it('does not lie in the pool that Buffers of others share', () => {
    const slab = new Slab();
    slab.provide(1);

    expect(slab.bytes.buffer.byteLength).to.equal(SIZE);
    expect(slab.bytes.byteOffset).to.equal(0);
  });
});
