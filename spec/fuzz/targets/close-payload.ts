import { parseClosePayload, writeClosePayload } from '../../../lib/codec/close-payload.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { readClose } from '../models/close-status.ts';
import { readUtf8 } from '../models/utf8.ts';

const REASON = Buffer.from('Going away: bis später, 再见 👋\u{feff} ');

const seeds = seedsOf('close-payload');

/** Code and reason of Close frames, read and written. */
export const closePayload: FuzzTarget = {
  name: 'close-payload',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyPayload(random);
    return mutate(base, random, () => anyPayload(random));
  },
  check(input, random) {
    const { code, reason, isInvalid } = parseClosePayload(input);
    const expected = readClose(input);
    expectSame(
      { code, reason: isInvalid ? '' : reason, isInvalid },
      expected,
      'What a Close frame says',
    );
    if (!isInvalid && input.length <= 125) {
      expectSame(
        writeClosePayload(code, reason).toString('hex'),
        input.toString('hex'),
        'What is written again',
      );
    }
    checkWriter(random.between(1000, 4999), input.toString('utf16le'));
  },
  hard: {
    text: (size) => filled(size, 'a', '\x03\xe8'),
    'text of long characters': (size) => filled(size, '\xf0\x90\x80\x80', '\x03\xe8'),
    'half characters': (size) => filled(size, '\xe2\x82', '\x03\xe8'),
  },
};

/** Any text, lone surrogates included, makes a payload that fits and is UTF-8. */
function checkWriter(code: number, reason: string): void {
  const written = writeClosePayload(code, reason);
  if (code === 1005) {
    expectSame(written.length, 0, 'The payload for 1005');
    return;
  }
  expectSame(written.readUInt16BE(0), code, 'The code');
  const text = written.subarray(2);
  expectThat(written.length <= 125, 'A payload fits into a control frame');
  expectSame(readUtf8(text).whole, text.length, 'The part of a reason that is UTF-8');
  const complete = Buffer.from(reason);
  expectThat(complete.subarray(0, text.length).equals(text), 'A reason is the start of its text');
  expectThat(text.length >= Math.min(complete.length, 120), 'No more is cut than has to be');
}

function anyPayload(random: Random): Buffer {
  const code = random.oneIn(2) ? random.between(990, 1020) : random.below(0x10000);
  const from = random.below(REASON.length);
  const reason = REASON.subarray(from, from + random.below(REASON.length));
  const times = random.oneIn(8) ? random.below(5) : 1;
  const text = Buffer.concat(Array.from({ length: times }, () => reason));
  return random.oneIn(16) ? text : Buffer.concat([Buffer.of(code >> 8, code), text]);
}
