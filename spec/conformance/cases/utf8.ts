import { isUtf8 } from 'node:buffer';
import { hex } from '../../support/hex.ts';
import { invalidUtf8, nonCharacters } from '../../support/utf8.ts';
import {
  answered,
  end,
  failed,
  fragments,
  heard,
  middle,
  pause,
  send,
  start,
  textFrame,
  type Case,
  type CaseGroups,
  type Frame,
  type Step,
} from '../support/conversation.ts';

const TEXT = 1;
const KOSME = 'cebae1bdb9cf83cebcceb5';
const MIXED = 'Hello-µ@ßöäüàá-UTF-8!!';
const SURROGATE_INSIDE = hex(`${KOSME}eda080656469746564`);

// A text that is wrong from its 13th byte on: the first half of what would be U+110000.
const TOO_HIGH = hex(`${KOSME}f4908080656469746564`);

const GROUPS: Readonly<Record<string, string>> = {
  '6.5': 'Valid sequences',
  '6.6': 'All prefixes of a text with characters of several bytes',
  '6.7': 'First sequence of each length',
  '6.8': 'First sequence of five and six bytes',
  '6.9': 'Last sequence of each length',
  '6.10': 'Last sequence of lengths that do not exist',
  '6.11': 'Other bounds',
  '6.12': 'Unexpected continuation bytes',
  '6.13': 'Lonely first bytes',
  '6.14': 'Sequences without their last byte',
  '6.15': 'Incomplete sequences behind each other',
  '6.16': 'Impossible bytes',
  '6.17': 'Overlong ASCII',
  '6.18': 'Longest overlong sequences',
  '6.19': 'Overlong NUL',
  '6.20': 'Single surrogates',
  '6.21': 'Pairs of surrogates',
  '6.22': 'Code points that are no characters',
  '6.23': 'Specials',
};

const validUtf8: Readonly<Record<string, string>> = {
  '6.5.1': Buffer.from('hello$world').toString('hex'),
  '6.5.2': Buffer.from('hello¢world').toString('hex'),
  '6.5.3': Buffer.from('hello€world').toString('hex'),
  '6.5.4': Buffer.from('hello𤭢world').toString('hex'),
  '6.5.5': KOSME,
  '6.6.2': KOSME.slice(0, 4),
  '6.6.5': KOSME.slice(0, 10),
  '6.6.7': KOSME.slice(0, 14),
  '6.6.9': KOSME.slice(0, 18),
  '6.6.11': KOSME,
  '6.7.1': '00',
  '6.7.2': 'c280',
  '6.7.3': 'e0a080',
  '6.7.4': 'f0908080',
  '6.9.1': '7f',
  '6.9.2': 'dfbf',
  '6.9.3': 'efbfbf',
  '6.9.4': 'f48fbfbf',
  '6.11.1': 'ed9fbf',
  '6.11.2': 'ee8080',
  '6.11.3': 'efbfbd',
  '6.11.4': 'f48fbfbf',
  ...Object.fromEntries(
    nonCharacters.map((text, i) => [`6.22.${i + 1}`, Buffer.from(text).toString('hex')]),
  ),
  ...Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`6.23.${i + 1}`, `efbfb${(9 + i).toString(16)}`]),
  ),
};

/** A text that has to fail after its second part, not before, and without the third one. */
function failedFast(id: string, title: string, first: Step, second: Step, third: Step): Case {
  const steps = [first, pause, second, pause, third];
  return failed(id, title, steps, 1007, [heard('pause')], [heard('pause'), heard('pause')]);
}

function inFrames(id: string, title: string, text: Buffer, from: number, to: number): Case {
  return failedFast(
    id,
    title,
    send(start(TEXT, text.subarray(0, from))),
    send(middle(text.subarray(from, to))),
    send(end(text.subarray(to))),
  );
}

function inOneFrame(id: string, title: string, text: Buffer, from: number, to: number): Case {
  const frame = textFrame(text);
  return failedFast(
    id,
    title,
    part(frame, 0, from),
    part(frame, from, to),
    part(frame, to, text.length),
  );
}

/** In a later fragment, which itself never ends. */
function inFragment(id: string, title: string, text: Buffer, at: number): Case {
  const frame = middle(text.subarray(at));
  return failedFast(
    id,
    title,
    send(start(TEXT, text.subarray(0, at))),
    part(frame, 0, 1),
    part(frame, 1, frame.payload.length),
  );
}

function part(frame: Frame, from: number, to: number): Step {
  return { kind: 'part', frame, from, to };
}

/** One case for each sequence, by the number of its group. */
function sequences(): Record<string, Case[]> {
  const groups: Record<string, Case[]> = {};
  for (const [number, name] of Object.entries(GROUPS)) {
    const ids = [...Object.keys(validUtf8), ...Object.keys(invalidUtf8)]
      .filter((id) => id.startsWith(`${number}.`))
      .toSorted((a, b) => lastNumber(a) - lastNumber(b));
    groups[`${number} ${name}`] = ids.map(sequence);
  }
  return groups;
}

function sequence(id: string): Case {
  const valid = validUtf8[id];
  if (valid !== undefined) {
    return answered(
      id,
      `echoes ${valid}`,
      [send(textFrame(hex(valid)))],
      [heard('text', hex(valid))],
    );
  }
  const invalid = invalidUtf8[id]!;
  return failed(id, `fails ${shortened(invalid)}`, [send(textFrame(hex(invalid)))], 1007);
}

function lastNumber(id: string): number {
  return Number(id.slice(id.lastIndexOf('.') + 1));
}

function shortened(digits: string): string {
  return digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
}

/** The index of the first byte behind which `bytes` cannot be UTF-8 any more, whatever follows. */
function firstWrong(bytes: Buffer): number {
  for (let length = 1; length <= bytes.length; length++) {
    const begun = bytes.subarray(0, length);
    if (!COMPLETIONS.some((rest) => isUtf8(Buffer.concat([begun, rest])))) return length - 1;
  }
  throw new Error(`${bytes.toString('hex')} may be UTF-8.`);
}

// What can follow a character that was cut: up to three bytes, at the bounds of what the standard allows.
const BOUNDS = [0x80, 0x90, 0xa0, 0xbf];
const COMPLETIONS: readonly Buffer[] = [
  [],
  ...BOUNDS.map((a) => [a]),
  ...BOUNDS.flatMap((a) => BOUNDS.map((b) => [a, b])),
  ...BOUNDS.flatMap((a) => BOUNDS.flatMap((b) => BOUNDS.map((c) => [a, b, c]))),
].map((list) => Buffer.from(list));

export const utf8: CaseGroups = {
  '6.1 Texts with empty fragments': [
    answered('6.1.1', 'echoes an empty text', [send(textFrame())], [heard('text')]),
    answered(
      '6.1.2',
      'echoes three empty fragments',
      [send([start(TEXT), middle(), end()])],
      [heard('text')],
    ),
    answered(
      '6.1.3',
      'echoes a fragment between two empty ones',
      [send([start(TEXT), middle('middle frame payload'), end()])],
      [heard('text', 'middle frame payload')],
    ),
  ],
  '6.2 Valid texts in fragments': [
    answered(
      '6.2.1',
      'echoes a text in one frame',
      [send(textFrame(MIXED))],
      [heard('text', MIXED)],
    ),
    answered(
      '6.2.2',
      'echoes a text that is cut between two characters',
      [send([start(TEXT, MIXED.slice(0, 12)), end(MIXED.slice(12))])],
      [heard('text', MIXED)],
    ),
    answered(
      '6.2.3',
      'echoes a text in fragments of one byte',
      [send(fragments(TEXT, Buffer.from(MIXED), 1))],
      [heard('text', MIXED)],
    ),
    answered(
      '6.2.4',
      'echoes a text of characters of two and three bytes in fragments of one byte',
      [send(fragments(TEXT, hex(KOSME), 1))],
      [heard('text', hex(KOSME))],
    ),
  ],
  '6.3 Invalid texts in fragments': [
    failed('6.3.1', 'fails a surrogate in one frame', [send(textFrame(SURROGATE_INSIDE))], 1007),
    failed(
      '6.3.2',
      'fails it in fragments of one byte',
      [send(fragments(TEXT, SURROGATE_INSIDE, 1))],
      1007,
    ),
  ],
  '6.4 Failing at the byte': [
    inFrames('6.4.1', 'fails in the second of three frames', TOO_HIGH, 11, 15),
    inFrames('6.4.2', 'fails at the frame with the byte that proves it', TOO_HIGH, 12, 13),
  ],
  ...sequences(),
};

/** Failing inside a frame. */
export const failFast: CaseGroups = {
  '6.4 Failing at the byte, in one frame': [
    inOneFrame('6.4.3', 'fails in the middle of a frame', TOO_HIGH, 11, 15),
    inOneFrame(
      '6.4.4',
      'fails in the middle of a frame at the byte that proves it',
      TOO_HIGH,
      12,
      13,
    ),
  ],
  // Ours: the bytes of each invalid sequence up to the one that proves it, and then that one.
  'F.1 Each sequence in the middle of a frame': Object.entries(invalidUtf8).map(([id, digits]) => {
    const { text, at, title } = proof(digits);
    return inOneFrame(`F.1.${id}`, title, text, at, at + 1);
  }),
  'F.2 Each sequence in the middle of a later fragment': Object.entries(invalidUtf8).map(
    ([id, digits]) => {
      const { text, at, title } = proof(digits);
      return inFragment(`F.2.${id}`, title, text, at);
    },
  ),
};

/** An invalid sequence within a text, and where that is proven. */
function proof(digits: string): { text: Buffer; at: number; title: string } {
  const text = hex(`6f6b${digits}656469746564`);
  const at = firstWrong(text);
  return { text, at, title: `fails ${shortened(digits)} at byte ${at + 1}` };
}
