import { expect } from 'chai';
import fc from 'fast-check';
import type { Connection } from '../../lib/core/connection.ts';
import { Bell } from '../support/bell.ts';

type Step = ['connect' | 'forget' | 'emit' | 'cut', ...number[]];

/** What is connected, kept in the simplest way. */
interface Expected {
  readonly receiver: number;
  readonly slot: number;
  readonly connection: Connection;
}

describe('Connections, for any steps', () => {
  it('call the slots that a list of them would', () => {
    const index = fc.nat({ max: 2 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(fc.constant('connect' as const), index, index) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('forget' as const), index, index) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('cut' as const), fc.nat({ max: 9 })) },
      { weight: 2, arbitrary: fc.tuple(fc.constant('emit' as const)) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const bell = new Bell();
        const calls: string[] = [];
        const receivers = [bell, new Bell(), { plain: true }];
        const slots = [0, 1, 2].map(
          (slot) =>
            function call(this: object) {
              calls.push(`${receivers.indexOf(this as Bell)}/${slot}`);
            },
        );
        let expected: Expected[] = [];

        for (const [what, a = 0, b = 0] of steps) {
          if (what === 'connect') {
            const connection = bell.rung.connect(receivers[a]!, slots[b]!);
            expected.push({ receiver: a, slot: b, connection });
          } else if (what === 'forget') {
            const isThere = expected.some(({ receiver, slot }) => receiver === a && slot === b);
            expect(bell.rung.disconnect(receivers[a]!, slots[b])).to.equal(isThere);
            expected = expected.filter(({ receiver, slot }) => receiver !== a || slot !== b);
          } else if (what === 'cut') {
            expected[a]?.connection.disconnect();
            expected = expected.filter((_, position) => position !== a);
          } else {
            calls.length = 0;
            expect(bell.ring()).to.equal(expected.length > 0);
            expect(calls).to.deep.equal(
              expected.map(({ receiver, slot }) => `${receiver}/${slot}`),
            );
          }
          expect(bell.listenerCount('rung')).to.equal(expected.length);
          expect(bell.listeners('rung')).to.deep.equal(expected.map(({ slot }) => slots[slot]));
        }
      }),
    );
  });
});
