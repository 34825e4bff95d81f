import { expect } from 'chai';
import fc from 'fast-check';
import { Lamp } from './support/lamp.ts';

const COUNT = 4;

/** Lamps of which each may follow those before it: their numbers, or nothing for one on its own. */
const followed = fc.tuple(...range(COUNT).map((index) => fc.subarray(range(index))));
const changes = fc.array(fc.tuple(fc.nat(COUNT - 1), fc.nat(9)), { maxLength: 12 });

describe('bindings', () => {
  it('always have the value of their expressions', () => {
    fc.assert(
      fc.property(followed, changes, (leaders, steps) => {
        const lamps = Array.from({ length: COUNT }, () => new Lamp());
        const sum = (numbers: number[]) =>
          numbers.reduce((total, number) => total + lamps[number]!.brightness, 0);
        for (const [index, numbers] of leaders.entries()) {
          if (numbers.length > 0) lamps[index]!.bind('brightness', () => sum(numbers));
        }
        const isBound = leaders.map((numbers) => numbers.length > 0);

        for (const [number, brightness] of steps) {
          lamps[number]!.brightness = brightness;
          isBound[number] = false;

          for (const [index, numbers] of leaders.entries()) {
            if (isBound[index] === true) expect(lamps[index]!.brightness).to.equal(sum(numbers));
          }
          expect(lamps[number]!.brightness).to.equal(brightness);
        }
      }),
    );
  });
});

function range(end: number): number[] {
  return Array.from({ length: end }, (_, index) => index);
}
