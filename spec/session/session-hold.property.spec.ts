import { expect } from 'chai';
import fc from 'fast-check';
import { OpCode } from '../../lib/codec/opcode.ts';
import { anyStream } from '../support/arbitrary-messages.ts';
import { cut } from '../support/frames.ts';
import { closePayload, SessionRig } from '../support/session-rig.ts';

const places = fc.array(fc.nat(), { maxLength: 12 });
const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side} that is held back`, () => {
    it('tells what it tells without that, whenever it happens', () => {
      fc.assert(
        fc.property(
          anyStream(!isClient),
          places,
          choices,
          choices,
          ({ bytes }, at, betweenChunks, inSlots) => {
            const free = new SessionRig(isClient);
            const held = new SessionRig(isClient);
            const end = free.frame(OpCode.Close, closePayload(1000));
            const all = Buffer.concat([bytes, end]);
            free.session.receive(Buffer.from(all));
            free.session.gone();

            let holds = 0;
            let events = 0;
            const holdBack = (): void => {
              held.session.holdBack();
              holds++;
            };
            const letGo = (): void => {
              for (; holds > 0; holds--) held.session.letGo();
            };
            held.events.during = () => {
              if (inSlots[events++ % inSlots.length] === true) holdBack();
            };
            for (const [i, chunk] of cut(all, at).entries()) {
              if (betweenChunks[i % betweenChunks.length] === true) holdBack();
              else letGo();
              held.session.receive(chunk);
            }
            held.session.gone();
            letGo();

            expect(held.told).to.deep.equal(free.told);
          },
        ),
      );
    });
  });
}
