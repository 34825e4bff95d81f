import { expect } from 'chai';
import fc from 'fast-check';
import { FrameWriter } from '../../lib/codec/frame-writer.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { frame } from '../support/frames.ts';

const WRITERS = 4;

/** One thing that one of the writers does. */
type Step = readonly [who: number, what: 'text' | 'binary' | 'flush' | 'clear', payload: string];

const payload = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(1, 1, 10, 400, 3000))
  .map(([unit, times]) => unit.repeat(times));
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat({ max: WRITERS - 1 }),
  fc.constantFrom('text', 'text', 'text', 'binary', 'binary', 'flush', 'clear' as const),
  payload,
);

for (const [side, masks] of [
  ['clients', true],
  ['servers', false],
] as const) {
  describe(`FrameWriters of ${side} on one slab`, () => {
    it('hand over exactly their own frames, which never change again', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), fc.integer(), (steps, key) => {
          const slab = new Slab();
          const handedOver = Array.from({ length: WRITERS }, () => [] as Buffer[]);
          const copies = Array.from({ length: WRITERS }, () => [] as Buffer[]);
          const waiting = Array.from({ length: WRITERS }, () => [] as Buffer[]);
          const expected = Array.from({ length: WRITERS }, () => [] as Buffer[]);
          const writers = handedOver.map((pieces, who) => {
            const output = {
              write: (written: readonly Buffer[]) => {
                pieces.push(...written);
                copies[who]!.push(...written.map((piece) => Buffer.from(piece)));
              },
            };
            return new FrameWriter(output, slab, masks);
          });
          const flush = (who: number): void => {
            writers[who]!.flush();
            expected[who]!.push(...waiting[who]!.splice(0));
          };

          for (const [who, what, data] of steps) {
            const writer = writers[who]!;
            if (what === 'flush') {
              flush(who);
            } else if (what === 'clear') {
              writer.clear();
              waiting[who] = [];
            } else {
              if (what === 'text') writer.text(1, true, data, key);
              else writer.binary(2, true, Buffer.from(data), key);
              const opcode = what === 'text' ? 1 : 2;
              waiting[who]!.push(frame(opcode, data, { key: masks ? key : undefined }));
            }
            const bytes = waiting[who]!.reduce((sum, one) => sum + one.length, 0);
            expect(writer.waiting).to.equal(bytes);
          }
          for (let who = 0; who < WRITERS; who++) flush(who);

          for (let who = 0; who < WRITERS; who++) {
            const bytes = Buffer.concat(handedOver[who]!);
            expect(bytes.equals(Buffer.concat(expected[who]!)), `writer ${who}`).to.equal(true);
            expect(bytes.equals(Buffer.concat(copies[who]!)), `writer ${who}`).to.equal(true);
          }
        }),
        { numRuns: 300 },
      );
    });
  });
}
