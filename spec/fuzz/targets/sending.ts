import { Slab } from '../../../lib/codec/slab.ts';
import { SharedMessage } from '../../../lib/session/shared-message.ts';
import { SessionRig } from '../../support/session-rig.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame } from '../engine/violated.ts';
import { converse } from '../models/conversation.ts';

const MOST = 2 ** 31;
const FRAME_SIZES = [0, 1, 2, 3, 4, 5, 125, 126, 1000];
const TEXT = Buffer.from('Hello κόσμε 𝒳 \ufeffgrün €\0', 'utf16le');

const seeds = seedsOf('sending');

// One for all sessions, as in a program.
const slab = new Slab();

/**
 * What a session lays down on the wire, read by the plain model. The first byte of a stretch of the
 * input, up to 0x1f, says what is sent, the others are the message: as UTF-16 when it is a text.
 */
export const sending: FuzzTarget = {
  name: 'sending',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyMessages(random);
    return mutate(base, random, () => anyMessages(random));
  },
  check(input, random) {
    const isClient = random.oneIn(2);
    const rig = new SessionRig(isClient, undefined, slab);
    rig.settings.closeTimeout = -1;
    rig.settings.outgoingFrameSize = random.oneIn(2) ? 0 : random.pick(FRAME_SIZES);
    const flushesEach = random.oneIn(2);

    const expected: unknown[] = [];
    const pings: string[] = [];
    for (const part of split(input, 0x1f)) {
      const data = part.subarray(1);
      const kind = (part[0] ?? 0) % 4;
      if (kind === 0 || kind === 1) {
        const text = (kind === 0 ? data : Buffer.concat([data, data, data])).toString('utf16le');
        const length = rig.session.sendText(text);
        expectSame(length, Buffer.byteLength(text), 'The length of a text');
        // A lone surrogate is U+FFFD in UTF-8.
        expected.push(['textMessage', Buffer.from(text).toString()]);
      } else if (kind === 2) {
        const isShared = random.oneIn(2);
        if (isShared) rig.session.sendShared(new SharedMessage(false, data));
        else expectSame(rig.session.sendBinary(data), data.length, 'The length of a message');
        expected.push(['binaryMessage', data.toString('hex')]);
      } else {
        rig.session.sendPing(data);
        pings.push(data.subarray(0, 125).toString('hex'));
      }
      if (flushesEach) rig.turn();
    }
    rig.turn();
    rig.session.close(1000, '');

    const bytes = Buffer.concat(rig.wire.pieces);
    const reading = { fromClient: isClient, maxFrame: MOST, maxMessage: MOST, hasClosed: false };
    const { told, sent, isAwaiting } = converse(bytes, reading);
    const messages = told.filter(([name]) => String(name).endsWith('Message'));
    expectSame(messages, expected, 'The messages');
    const pongs = sent.filter(([opcode]) => opcode === 10).map(([, payload]) => payload);
    expectSame(pongs, pings, 'The pings');
    expectSame(told.at(-1), ['closing', 1000, ''], 'The end');
    expectSame(isAwaiting, false, 'Whether a frame is not whole');
    expectSame(rig.session.bytesToWrite(), 0, 'What waits');
    const limit = rig.settings.outgoingFrameSize || Infinity;
    for (const [name, content] of told) {
      if (name !== 'binaryFrame') continue;
      expectSame(String(content).length / 2 <= limit, true, 'Whether a frame keeps to its size');
    }
  },
  hard: {
    'empty texts': (size) => filled(size, '\0\x1f'),
    'one text': (size) => filled(size, 'a\0', '\0'),
    'texts of three times their size': (size) => filled(size, '\xac\x20', '\0'),
    pings: (size) => filled(size, '\x03a\x1f'),
  },
};

function split(bytes: Buffer, at: number): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(at); end !== -1; end = bytes.indexOf(at, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  parts.push(bytes.subarray(start));
  return parts;
}

function anyMessages(random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let left = random.between(1, 6); left > 0; left--) {
    const kind = random.below(4);
    const from = 2 * random.below(TEXT.length / 2);
    const text = TEXT.subarray(from, from + 2 * random.below(12));
    const times = random.oneIn(16) ? random.pick([10, 64, 130]) : 1;
    const data =
      kind < 2
        ? Buffer.concat(Array.from({ length: times }, () => text))
        : random.bytes(random.pick([0, 1, 10, 125, 126, 127]));
    parts.push(Buffer.of(kind), data, Buffer.of(0x1f));
  }
  return Buffer.concat(parts);
}
