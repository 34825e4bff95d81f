import { expect } from 'chai';
import fc from 'fast-check';
import { FrameWriter, type ByteSink } from '../../lib/codec/frame-writer.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { frame } from '../support/frames.ts';

const WRITERS = 4;

/** One thing that one of the writers, or its output, does. */
type Step = readonly [
  who: number,
  what:
    | ('text' | 'tell all' | 'binary' | 'frames' | 'prepared' | 'prepared to all')
    | ('flush' | 'clear' | 'slow' | 'drained'),
  payload: string,
];

/** What is sent as the same bytes wherever it is sent. */
const PREPARED = ['tick', 'a longer tick', 'tock'.repeat(100)].map((text) => frame(2, text));

const payload = fc.oneof(
  // What several writers send shares its place.
  fc.constantFrom('tick', 'tock'),
  fc
    .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.constantFrom(1, 1, 1, 10, 400, 3000))
    .map(([unit, times]) => unit.repeat(times)),
);
const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat({ max: WRITERS - 1 }),
  fc.constantFrom(
    ...(['text', 'text', 'tell all', 'tell all', 'binary', 'frames'] as const),
    ...(['prepared', 'prepared to all', 'prepared to all'] as const),
    ...(['flush', 'flush', 'clear', 'slow', 'drained'] as const),
  ),
  payload,
);

const steps = fc.array(step, { maxLength: 40, size: 'max' });

/** What is said to all is a step of each, whoever is the first. */
function eachOfAll(one: Step): Step[] {
  const [first, what, data] = one;
  if (what !== 'tell all' && what !== 'prepared to all') return [one];
  const each = what === 'tell all' ? 'text' : 'prepared';
  return Array.from({ length: WRITERS }, (_, i) => [(first + i) % WRITERS, each, data]);
}

/** One way to treat what is written; in the end all of it is the same bytes. */
class Output implements ByteSink {
  /** Whether it is told before a write that the system is going to take it. */
  readonly #foresees: boolean;
  readonly #written: Buffer[] = [];
  // What is in use, and as it was when it was written.
  #lent: [piece: Buffer, copy: Buffer][] = [];
  isSlow = false;
  /** The bytes that were written since the last flush and are in use. */
  untaken = 0;

  constructor(foresees: boolean) {
    this.#foresees = foresees;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#written);
  }

  get takesAtOnce(): boolean {
    return this.#foresees && this.#lent.length === 0;
  }

  write(piece: Buffer): boolean {
    const copy = Buffer.from(piece);
    this.#written.push(copy);
    // What comes behind something that waits is copied.
    const isFree = !this.isSlow || this.#lent.length > 0;
    if (!isFree) {
      this.#lent.push([piece, copy]);
      this.untaken += piece.length;
    }
    return isFree;
  }

  writeAll(pieces: readonly Buffer[]): boolean {
    const mustWait = this.#lent.length > 0;
    for (const piece of pieces) {
      const copy = Buffer.from(piece);
      this.#written.push(copy);
      if (mustWait || !this.isSlow) continue;
      this.#lent.push([piece, copy]);
      this.untaken += piece.length;
    }
    return mustWait || !this.isSlow;
  }

  drained(): void {
    for (const [piece, copy] of this.#lent) expect(piece.equals(copy)).to.equal(true);
    this.#lent = [];
    this.isSlow = false;
  }
}

for (const [side, masks] of [
  ['clients', true],
  ['servers', false],
] as const) {
  describe(`FrameWriters of ${side} on one slab`, () => {
    it('hand over exactly their own frames, which do not change before they are taken', () => {
      fc.assert(
        fc.property(steps, fc.integer(), (taken, key) => {
          const slab = new Slab();
          const outputs = Array.from({ length: WRITERS }, (_, who) => new Output(who % 2 === 0));
          const writers = outputs.map((output) => new FrameWriter(output, slab, masks));
          const expected = outputs.map(() => [] as Buffer[]);
          const waiting = outputs.map(() => 0);

          for (const [who, what, data] of taken.flatMap(eachOfAll)) {
            const writer = writers[who]!;
            const output = outputs[who]!;
            if (what === 'flush') {
              writer.flush();
              output.untaken = 0;
              waiting[who] = 0;
            } else if (what === 'clear') {
              writer.clear();
              // What the system was given is on its way.
              expected[who] = [output.bytes];
              output.untaken = 0;
              waiting[who] = 0;
            } else if (what === 'slow') {
              output.isSlow = true;
            } else if (what === 'drained') {
              output.drained();
              writer.drained();
            } else {
              const opcode = what === 'text' ? 1 : 2;
              const isMasked = masks && (what === 'text' || what === 'binary');
              const bytes =
                what === 'prepared'
                  ? PREPARED[data.length % PREPARED.length]!
                  : frame(opcode, data, { key: isMasked ? key : undefined });
              if (what === 'text') writer.text(1, true, data, key);
              else if (what === 'binary') writer.binary(2, true, Buffer.from(data), key);
              else writer.frames(bytes);
              expected[who]!.push(bytes);
              waiting[who]! += bytes.length;
            }
            // What the output has not taken at once is counted by the output.
            expect(writer.waiting + output.untaken).to.equal(waiting[who]);
          }

          for (let who = 0; who < WRITERS; who++) {
            writers[who]!.flush();
            outputs[who]!.drained();
            writers[who]!.drained();
            const all = Buffer.concat(expected[who]!);
            expect(outputs[who]!.bytes.equals(all), `writer ${who}`).to.equal(true);
          }
        }),
        { numRuns: 150 },
      );
    });
  });
}
