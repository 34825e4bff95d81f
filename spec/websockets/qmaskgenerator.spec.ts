import { expect } from 'chai';
import { QObject } from '../../lib/core/qobject.ts';
import { QMaskGenerator } from '../../lib/websockets/qmaskgenerator.ts';

class Countdown extends QMaskGenerator {
  #mask = 0;

  override seed(): boolean {
    this.#mask = 3;
    return true;
  }

  override nextMask(): number {
    return this.#mask--;
  }
}

describe('QMaskGenerator', () => {
  it('is a QObject that subclasses make masks in', () => {
    const generator: QMaskGenerator = new Countdown();

    expect(generator).to.be.instanceOf(QObject);
    expect(generator.seed()).to.equal(true);
    expect([generator.nextMask(), generator.nextMask()]).to.deep.equal([3, 2]);
  });

  it('can belong to a parent', () => {
    const parent = new Countdown();
    const generator = new Countdown(parent);

    expect(generator.parent()).to.equal(parent);
  });

  it('is abstract to the compiler', () => {
    // @ts-expect-error It has no masks of its own.
    const generator = new QMaskGenerator();

    expect(generator).to.not.have.property('nextMask');
  });
});
