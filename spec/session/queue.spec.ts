import { expect } from 'chai';
import fc from 'fast-check';
import { Queue } from '../../lib/session/queue.ts';
import { memoryInUse } from '../support/memory.ts';

describe('Queue', () => {
  it('is empty at first', () => {
    expect(new Queue().shift()).to.equal(undefined);
  });

  it('gives out what was put in, in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (steps) => {
        const queue = new Queue<{ number: number }>();
        const model: { number: number }[] = [];
        steps.forEach((isPush, number) => {
          if (!isPush) {
            expect(queue.shift()).to.equal(model.shift());
            return;
          }
          const item = { number };
          queue.push(item);
          model.push(item);
        });
        for (const item of model) expect(queue.shift()).to.equal(item);
        expect(queue.shift()).to.equal(undefined);
      }),
    );
  });

  it('lets go of what it has given out, also while something waits', () => {
    const queue = new Queue<Uint8Array>();
    const before = memoryInUse();
    queue.push(new Uint8Array(100_000));
    for (let i = 0; i < 200; i++) {
      queue.push(new Uint8Array(100_000));
      queue.shift();
    }

    expect(memoryInUse() - before).to.be.below(1_000_000);
    expect(queue.shift()).to.have.lengthOf(100_000);
  });

  it('takes no longer for one of many than for one of few', () => {
    const queue = new Queue();
    for (let i = 0; i < 300_000; i++) queue.push({});
    const start = performance.now();
    while (queue.shift() !== undefined);

    // A few milliseconds; with an array it is many seconds.
    expect(performance.now() - start).to.be.below(5000);
  });
});
