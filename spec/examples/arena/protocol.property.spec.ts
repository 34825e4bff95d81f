import { expect } from 'chai';
import fc from 'fast-check';
import {
  readServerMessage,
  readSteer,
  writeSnapshot,
  writeSteer,
  writeWelcome,
} from '../../../examples/arena/protocol.ts';

const byte = fc.integer({ min: 0, max: 0xff });
const word = fc.integer({ min: 0, max: 0xffff });
/** What a place can be told as exactly. */
const coordinate = word.map((steps) => steps / 32);

const snapshots = fc.record({
  tick: fc.integer({ min: 0, max: 0xffff_ffff }),
  players: fc.array(fc.record({ id: byte, x: coordinate, y: coordinate, score: word }), {
    maxLength: 255,
  }),
  gems: fc.array(fc.record({ x: coordinate, y: coordinate }), { maxLength: 255 }),
});
const welcomes = fc.record({ player: byte, width: word, height: word, interval: byte });

/** Bytes that begin as a message does, among others. */
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .record({ type: fc.constantFrom(1, 16, 17), rest: fc.uint8Array({ maxLength: 40 }) })
    .map(({ type, rest }) => Uint8Array.of(type, ...rest)),
);

describe("the arena's protocol, with any content,", () => {
  it('reads steering as it was meant, to a 127th', () => {
    const share = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, (x, y) => {
        const steering = readSteer(writeSteer({ x, y }));

        expect(steering?.x).to.be.closeTo(x, 0.004);
        expect(steering?.y).to.be.closeTo(y, 0.004);
      }),
    );
  });

  it('reads the snapshots that it writes', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const read = readServerMessage(writeSnapshot(snapshot));

        expect(read).to.deep.equal({ type: 'snapshot', ...snapshot });
      }),
    );
  });

  it('reads the welcomes that it writes', () => {
    fc.assert(
      fc.property(welcomes, (welcome) => {
        const read = readServerMessage(writeWelcome(welcome));

        expect(read).to.deep.equal({ type: 'welcome', ...welcome });
      }),
    );
  });

  it('never throws on noise, and takes nothing for a message that it would write otherwise', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        const steering = readSteer(bytes);
        if (steering !== undefined) expect(writeSteer(steering)).to.deep.equal(bytes);

        const message = readServerMessage(bytes);
        if (message === undefined) return;
        const written = message.type === 'welcome' ? writeWelcome(message) : writeSnapshot(message);
        expect(written).to.deep.equal(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
