import { expect } from 'chai';
import sinon from 'sinon';
import { QDefaultMaskGenerator } from '../../lib/websockets/qdefaultmaskgenerator.ts';

function series(generator: QDefaultMaskGenerator): number[] {
  return Array.from({ length: 1000 }, () => generator.nextMask());
}

describe('QDefaultMaskGenerator', () => {
  afterEach(() => {
    sinon.restore();
  });

  it('makes two different series', () => {
    const generator = new QDefaultMaskGenerator();

    expect(series(generator)).to.not.deep.equal(series(generator));
  });

  it('makes other series than another generator, seeded or not', () => {
    const [one, other, unseeded] = Array.from({ length: 3 }, () => new QDefaultMaskGenerator());

    expect([one!.seed(), other!.seed()]).to.deep.equal([true, true]);
    const all = [one!, other!, unseeded!].map((generator) => series(generator).join());
    expect(new Set(all).size).to.equal(3);
  });

  it('makes unsigned 32-bit integers of which all bits are used', () => {
    let [ones, zeros] = [0, 0];
    for (const mask of series(new QDefaultMaskGenerator())) {
      expect(mask).to.equal(mask >>> 0);
      ones |= mask;
      zeros |= ~mask;
    }

    expect([ones, zeros]).to.deep.equal([-1, -1]);
  });

  describe('when the system gives known bytes', () => {
    let pool: Uint32Array;
    let words: number[];
    let generator: QDefaultMaskGenerator;

    /** Uses up what is left of the pool, so that the next mask comes from `words`. */
    beforeEach(() => {
      pool = new Uint32Array(1).fill(1);
      words = [];
      generator = new QDefaultMaskGenerator();
      sinon.stub(globalThis.crypto, 'getRandomValues').callsFake((array) => {
        pool = array as unknown as Uint32Array;
        pool.fill(0xffffffff);
        pool.set(words);
        return array;
      });
      useUp();
    });

    // All specs share the pool: what follows is to be random again.
    afterEach(useUp);

    function useUp(): void {
      while (pool.at(-1) !== 0) generator.nextMask();
    }

    it('hands out each word once, in order, and never 0', () => {
      words = [1, 0, 0, 0x80000000, 3];

      const masks = Array.from({ length: 4 }, () => generator.nextMask());

      expect(masks).to.deep.equal([1, 0x80000000, 3, 0xffffffff]);
    });

    it('shares the words among all generators', () => {
      words = [1, 2, 3];

      const masks = [generator, new QDefaultMaskGenerator(), generator].map((each) =>
        each.nextMask(),
      );

      expect(masks).to.deep.equal([1, 2, 3]);
    });

    it('wipes what it handed out', () => {
      words = [1, 2, 3];
      generator.nextMask();
      generator.nextMask();

      expect([...pool.subarray(0, 4)]).to.deep.equal([0, 0, 3, 0xffffffff]);
    });

    it('asks for another pool when a whole one is zeros', () => {
      words = Array.from({ length: 1024 }, () => 0);
      const getRandomValues = globalThis.crypto.getRandomValues as unknown as sinon.SinonStub;
      getRandomValues.onCall(getRandomValues.callCount + 1).callsFake((array: Uint32Array) => {
        return array.fill(7);
      });

      expect(generator.nextMask()).to.equal(7);
    });
  });
});
