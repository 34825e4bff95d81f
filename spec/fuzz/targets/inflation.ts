import { deflateRawSync, constants, inflateRawSync } from 'node:zlib';
import { DeflateCoder } from '../../../lib/node/deflate-coder.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat, violated } from '../engine/violated.ts';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const TEXT = Buffer.from('Hello, hello: {"symbol":"QT","price":[1.5,1.5,1.5]} grün '.repeat(4));
const OPTIONS = { level: 1, threshold: 0, historySize: 4096 };
const LIMITS = [0, 1, 10, 1000, 65_536, 1_000_000];
// What takes more than that goes to another thread.
const MOST_HERE = 256 * 1024;

// Each of them costs a call of zlib.
const MOST_STREAMS = 64;

const seeds = seedsOf('inflation');

/** Compressed messages of a peer, against zlib's reading of them in one go. */
export const inflation: FuzzTarget = {
  name: 'inflation',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyPayload(random);
    return mutate(base, random, () => anyPayload(random));
  },
  check(input, random) {
    const bits = random.between(8, 15);
    const agreed = {
      serverNoContextTakeover: random.oneIn(2),
      clientNoContextTakeover: random.oneIn(2),
      serverMaxWindowBits: bits,
      clientMaxWindowBits: bits,
    };
    const isClient = random.oneIn(2);
    const coder = new DeflateCoder(isClient, agreed, OPTIONS);
    const isBare = isClient ? agreed.serverNoContextTakeover : agreed.clientNoContextTakeover;
    const limit = random.pick(LIMITS);
    let history = Buffer.alloc(0);
    // A second message may refer to the first.
    for (let left = random.oneIn(4) ? 2 : 1; left > 0; left--) {
      const outcome = coder.inflate(Buffer.from(input), limit, UNCALLED);
      if (outcome === undefined) {
        // More than is inflated at once: nothing is told in this turn, and now never.
        coder.stop();
        // Two messages may have MOST_STREAMS streams together, of two bytes each.
        const mayBeManyStreams = input.length >= MOST_STREAMS;
        expectThat(
          limit > MOST_HERE || input.length > 16_384 || mayBeManyStreams,
          'Small messages are inflated at once',
        );
        return;
      }
      const expected = plainly(input, bits, history, isBare);
      if (!Buffer.isBuffer(outcome)) {
        expectThat(expected === undefined || expected.length > limit, 'What is valid is taken');
        return;
      }
      expectThat(outcome.length <= limit, 'No message is larger than its limit');
      if (expected === undefined) violated('What zlib refuses is refused: that does not hold.');
      expectSame(outcome.toString('hex'), expected.toString('hex'), 'The message');
      if (!isBare) history = Buffer.concat([history, outcome]).subarray(-(2 ** bits));
    }
  },
  hard: {
    'empty blocks': (size) => filled(size / 4, '\0\0\0\xff\xff'),
    'empty last blocks': (size) => filled(size / 4, '\x03\0'),
    zeros: (size) => deflateRawSync(Buffer.alloc(2 * size)),
  },
};

const UNCALLED = {
  inflated(): void {
    violated('What was stopped is told: that does not hold.');
  },
};

/** What RFC 7692 §7.2.2 says, for as many streams as there are; undefined when it is no message. */
function plainly(
  payload: Buffer,
  windowBits: number,
  history: Buffer,
  isBare: boolean,
): Buffer | undefined {
  if (payload.length === 0) return payload;
  let rest = Buffer.concat([payload, TAIL, Buffer.of(0x03, 0x00)]);
  let before = history;
  const pieces: Buffer[] = [];
  for (let streams = 0; streams < MOST_STREAMS; streams++) {
    const options = {
      windowBits,
      info: true,
      maxOutputLength: 2 ** 22,
      ...(before.length === 0 ? {} : { dictionary: before }),
    };
    try {
      const { buffer, engine } = inflateRawSync(rest, options) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      pieces.push(buffer);
      // Without context takeover, the streams of a message stand for themselves as well.
      if (!isBare) before = Buffer.concat([before, buffer]).subarray(-(2 ** windowBits));
      rest = rest.subarray(engine.bytesWritten);
    } catch {
      return undefined;
    }
    // A last block may be the payload's own, the empty one of which four bytes are not sent, or ours.
    if ([TAIL.length + 2, 2, 0].includes(rest.length)) return Buffer.concat(pieces);
  }
  return undefined;
}

function anyPayload(random: Random): Buffer {
  const from = random.below(TEXT.length);
  const text = random.oneIn(8)
    ? random.bytes(random.below(80))
    : TEXT.subarray(from, from + random.below(200));
  const finishFlush = random.oneIn(4) ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const strategy = random.oneIn(4) ? constants.Z_FIXED : constants.Z_DEFAULT_STRATEGY;
  const level = random.pick([0, 1, 6]);
  const windowBits = random.between(9, 15);
  const bytes = deflateRawSync(text, { finishFlush, strategy, level, windowBits });
  const isFinished = finishFlush === constants.Z_FINISH;
  return isFinished
    ? bytes
    : bytes.subarray(0, bytes.length - (random.oneIn(16) ? 0 : TAIL.length));
}
