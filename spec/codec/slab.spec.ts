import { expect } from 'chai';
import { BLOCK_SIZE, LARGEST_IN_SLAB, Slab, Stretch } from '../../lib/codec/slab.ts';
import { hex } from '../support/hex.ts';

describe('Slab', () => {
  it('has room for what was asked for', () => {
    const block = new Slab().provide(LARGEST_IN_SLAB);

    expect(block.memory.bytes.length - block.used).to.be.at.least(LARGEST_IN_SLAB);
  });

  it('gives the same block as long as there is room', () => {
    const slab = new Slab();
    const block = slab.provide(1);
    block.used = 100;

    expect(slab.provide(BLOCK_SIZE - 100)).to.equal(block);
    expect(block.used).to.equal(100);
  });

  it('gives another one instead of one that is full and in use, and leaves that as it is', () => {
    const slab = new Slab();
    const full = slab.provide(1);
    full.enter();
    full.used = 100;

    const other = slab.provide(BLOCK_SIZE - 99);

    expect(other.memory.bytes.buffer).to.not.equal(full.memory.bytes.buffer);
    expect([other.used, full.used]).to.deep.equal([0, 100]);
  });

  it('comes back to the first block, which lasts, as soon as nobody uses it', () => {
    const slab = new Slab();
    const first = slab.provide(1);
    first.enter();
    first.used = BLOCK_SIZE;
    expect(slab.provide(1)).to.not.equal(first);

    first.leave();

    expect(slab.provide(1)).to.equal(first);
  });

  for (const place of ['the first block', 'one that stands in for it']) {
    it(`masks in ${place}`, () => {
      const slab = new Slab();
      let block = slab.provide(1);
      if (place !== 'the first block') {
        block.enter();
        block.used = BLOCK_SIZE;
        block = slab.provide(1);
      }
      block.memory.bytes.set(hex('00 48 65 6c 6c 6f 00'));

      block.memory.mask(1, 6, 0x37fa213d);

      expect(block.memory.bytes.subarray(0, 7).toString('hex')).to.equal('007f9f4d515800');
    });
  }
});

describe('Block', () => {
  it('is used from the start again when the last user has left', () => {
    const block = new Slab().provide(1);
    block.enter();
    block.enter();
    block.used = 100;

    block.leave();
    expect([block.used, block.isFree]).to.deep.equal([100, false]);

    block.leave();
    expect([block.used, block.isFree]).to.deep.equal([0, true]);
  });
});

describe('Stretch', () => {
  it('gives the same view of its bytes to everybody', () => {
    const block = new Slab().provide(1);
    block.used = 10;
    const stretch = new Stretch(block, 10);
    stretch.end = 15;

    const { bytes } = stretch;

    expect([bytes.byteOffset - block.memory.bytes.byteOffset, bytes.length]).to.deep.equal([10, 5]);
    expect(stretch.bytes).to.equal(bytes);
  });

  it('shows what has come to it since', () => {
    const block = new Slab().provide(1);
    const stretch = new Stretch(block, 0);
    stretch.end = 5;
    expect(stretch.bytes).to.have.lengthOf(5);
    stretch.end = 7;

    expect(stretch.bytes).to.have.lengthOf(7);
  });
});
