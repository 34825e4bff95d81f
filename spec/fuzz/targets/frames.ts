import { frame, frameStart } from '../../support/frames.ts';
import { RIG_KEY, SessionRig } from '../../support/session-rig.ts';
import { Slab } from '../../../lib/codec/slab.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { converse } from '../models/conversation.ts';
import { largestAllocation } from '../engine/largest-allocation.ts';

const LIMITS = [0, 1, 5, 125, 126, 1000, 65_535, 65_536, 1_000_000];
const TEXT = Buffer.from('Hello κόσμε 𝒳 \u{feff}grün €\u0000');
const CODES = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999, 1004, 1005, 1006, 1015, 999];
const LYING_LENGTHS = [126n, 1000n, 65_536n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n];

// One for all sessions, as in a program.
const slab = new Slab();

/** Everything that reads frames: FrameReader, MessageAssembler and Session, against a plain model. */
export function framesTarget(fromClient: boolean): FuzzTarget {
  const name = fromClient ? 'frames-of-client' : 'frames-of-server';
  const seeds = seedsOf(name);
  const key = fromClient ? RIG_KEY : undefined;
  const part = (payload: Buffer, opcode: number, isFinal: boolean): string =>
    frame(opcode, payload, { key, isFinal }).toString('latin1');
  const one = Buffer.from('a');

  return {
    name,
    generate(random) {
      const base = random.oneIn(8) ? random.pick(seeds) : anyFrames(fromClient, random);
      return mutate(base, random, () => anyFrames(fromClient, random));
    },
    check(input, random) {
      checkFrames(input, fromClient, random);
    },
    hard: {
      'empty fragments': (size) =>
        filled(size, part(Buffer.alloc(0), 0, false), part(one, 2, false)),
      'fragments of one byte of text': (size) =>
        filled(size, part(one, 0, false), part(one, 1, false)),
      pings: (size) => filled(size, part(one, 9, true)),
      'empty messages': (size) => filled(size, part(Buffer.alloc(0), 1, true)),
      'one long text': (size) => frame(1, 'ü'.repeat(size / 2), { key }),
      'a long frame that never ends': (size) =>
        Buffer.concat([frameStart(1, 900_000, { key }), Buffer.alloc(size, 'a')]),
    },
  };
}

function checkFrames(input: Buffer, fromClient: boolean, random: Random): void {
  const rig = new SessionRig(!fromClient, undefined, slab);
  const maxFrame = random.oneIn(2) ? 1_000_000 : random.pick(LIMITS);
  const maxMessage = random.oneIn(2) ? 1_000_000 : random.pick(LIMITS);
  const hasClosed = random.oneIn(8);
  rig.settings.maxIncomingFrameSize = maxFrame;
  rig.settings.maxIncomingMessageSize = maxMessage;
  // No timers: what they do has specs of its own.
  rig.settings.closeTimeout = -1;
  rig.settings.incompleteMessageTimeout = -1;
  const expected = converse(input, { fromClient, maxFrame, maxMessage, hasClosed });

  if (hasClosed) rig.session.close(1000, '');
  const ours = rig.wire.pieces.length;
  const largest = largestAllocation(() => {
    for (const piece of inPieces(input, random)) rig.session.receive(piece);
  });
  rig.turn();

  const told = rig.told.map((event, i) =>
    // The words of a violation are the library's.
    event[0] === 'closing' ? event.slice(0, expected.told[i]?.length) : event,
  );
  expectSame(told, expected.told, 'What is told');
  const sent = readSent(Buffer.concat(rig.wire.pieces.slice(ours)), !fromClient);
  expectSame(sent, expected.sent, 'What is sent');
  expectSame(rig.session.isAwaiting(), expected.isAwaiting, 'Whether more is awaited');
  expectThat(
    largest <= 4 * input.length + 64,
    'No more memory is taken than what has come asks for',
  );
}

/** The frames that a session has sent; of a Close frame the code alone. */
function readSent(bytes: Buffer, isMasked: boolean): [number, string][] {
  const sent: [number, string][] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const length = second & 0x7f;
    const start = at + (isMasked ? 6 : 2);
    const end = start + length;
    expectThat(first >= 0x80 && length <= 125 && end <= bytes.length, 'Control frames are whole');
    expectThat(second >= 0x80 === isMasked, 'Clients mask, servers do not');
    const payload = Buffer.from(bytes.subarray(start, end));
    if (isMasked) for (let i = 0; i < length; i++) payload[i]! ^= bytes[start - 4 + (i % 4)]!;
    const opcode = first & 0x7f;
    sent.push([opcode, opcode === 8 ? codeOf(payload) : payload.toString('hex')]);
    at = end;
  }
  return sent;
}

function codeOf(payload: Buffer): string {
  return payload.length === 0 ? '' : String(payload.readUInt16BE(0));
}

function anyFrames(fromClient: boolean, random: Random): Buffer {
  const frames: Buffer[] = [];
  for (let left = random.between(1, 6); left > 0; left--) {
    if (random.oneIn(4)) frames.push(anyControl(fromClient, random));
    else addMessage(frames, fromClient, random);
  }
  return Buffer.concat(frames);
}

function addMessage(frames: Buffer[], fromClient: boolean, random: Random): void {
  const isText = random.oneIn(2);
  const payload = isText ? anyText(random) : random.bytes(anySize(random));
  let opcode = isText ? 1 : 2;
  for (let at = 0; ;) {
    const end = random.oneIn(2) ? payload.length : at + random.below(payload.length - at + 1);
    const isFinal = end === payload.length && !random.oneIn(4);
    frames.push(anyFrame(opcode, payload.subarray(at, end), isFinal, fromClient, random));
    if (isFinal) return;
    if (random.oneIn(4)) frames.push(anyControl(fromClient, random));
    if (random.oneIn(16)) return;
    opcode = 0;
    at = end;
  }
}

function anyControl(fromClient: boolean, random: Random): Buffer {
  const opcode = random.pick([9, 9, 10, 10, 8]);
  let payload = random.bytes(random.pick([0, 1, 5, 125]));
  if (opcode === 8 && !random.oneIn(4)) {
    const code = random.pick(CODES);
    const reason = anyText(random).subarray(0, random.pick([0, 3, 123]));
    payload = Buffer.concat([Buffer.of(code >> 8, code), reason]);
  }
  return anyFrame(opcode, payload, true, fromClient, random);
}

function anyFrame(
  opcode: number,
  payload: Buffer,
  isFinal: boolean,
  fromClient: boolean,
  random: Random,
): Buffer {
  const key = fromClient === !random.oneIn(64) ? random.word() : undefined;
  if (!random.oneIn(32)) return frame(opcode, payload, { isFinal, key });
  const length = random.pick(LYING_LENGTHS);
  return Buffer.concat([frameStart(opcode, length, { isFinal, key, lengthSize: 8 }), payload]);
}

function anyText(random: Random): Buffer {
  const from = random.below(TEXT.length);
  const text = TEXT.subarray(from, from + random.below(24));
  return random.oneIn(64) ? Buffer.concat(Array.from({ length: 50 }, () => TEXT)) : text;
}

function anySize(random: Random): number {
  return random.oneIn(8) ? random.pick([0, 1, 63, 64, 65, 125, 126, 127, 300]) : random.below(20);
}
