import { constants, deflateRawSync } from 'node:zlib';
import {
  answered,
  end,
  failed,
  frameOf,
  fragments,
  heard,
  ping,
  send,
  start,
  textFrame,
  type Case,
  type CaseGroups,
  type Frame,
  type Heard,
  type Step,
  type Terms,
} from '../support/conversation.ts';

const TEXT = 1;
const BINARY = 2;
const RSV1 = 0x40;
const HELLO = 'Hello';
const MIB = 2 ** 20;

// The example of RFC 7692 §7.2.3.1.
const COMPRESSED_HELLO = Buffer.from('f248cdc9c90700', 'hex');

/** Sizes of messages, and of their fragments; as many messages as make about a MiB. */
const SIZES: readonly (readonly [size: number, fragmentSize: number])[] = [
  [16, Infinity],
  [64, Infinity],
  [256, Infinity],
  [1024, Infinity],
  [4096, Infinity],
  [8192, Infinity],
  [16_384, Infinity],
  [32_768, Infinity],
  [65_536, Infinity],
  [131_072, Infinity],
  [8192, 256],
  [16_384, 256],
  [32_768, 256],
  [65_536, 256],
  [131_072, 256],
  [131_072, 1024],
  [131_072, 4096],
  [131_072, 32_768],
];
// What is shorter is sent as it is.
const THRESHOLD = 1024;

const MOST_MESSAGES = 1000;

const DATA_SIZE = 256 * 1024;

interface Data {
  readonly name: string;
  readonly kind: 'text' | 'binary';
  readonly bytes: Buffer;
  /** Unless it says otherwise, the data become smaller. */
  readonly isCompressible?: boolean;
}

const DEFAULT: Terms = {
  offer: 'permessage-deflate; client_max_window_bits',
  agreed: 'permessage-deflate',
  answer: 'permessage-deflate',
};

const TERMS: Readonly<Record<string, Terms>> = {
  'the default': DEFAULT,
  'no context takeover': {
    offer: 'permessage-deflate; server_no_context_takeover; client_max_window_bits',
    agreed: 'permessage-deflate; server_no_context_takeover',
    answer: 'permessage-deflate; client_no_context_takeover',
  },
  'a window of 512 bytes': {
    offer: 'permessage-deflate; server_max_window_bits=9; client_max_window_bits',
    agreed: 'permessage-deflate; server_max_window_bits=9',
    answer: 'permessage-deflate; client_max_window_bits=9',
  },
  'a window of 32 KiB': {
    offer: 'permessage-deflate; server_max_window_bits=15; client_max_window_bits',
    agreed: 'permessage-deflate; server_max_window_bits=15',
    answer: 'permessage-deflate; client_max_window_bits=15',
  },
  'no context takeover and a window of 512 bytes': {
    offer:
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits',
    agreed: 'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
    answer: 'permessage-deflate; client_no_context_takeover; client_max_window_bits=9',
  },
  'no context takeover and a window of 32 KiB': {
    offer:
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=15; client_max_window_bits',
    agreed: 'permessage-deflate; server_no_context_takeover; server_max_window_bits=15',
    answer: 'permessage-deflate; client_no_context_takeover; client_max_window_bits=15',
  },
  'the first of three offers': {
    offer:
      'permessage-deflate; server_no_context_takeover; server_max_window_bits=9; client_max_window_bits, ' +
      'permessage-deflate; server_no_context_takeover; client_max_window_bits, ' +
      'permessage-deflate; client_max_window_bits',
    agreed: 'permessage-deflate; server_no_context_takeover; server_max_window_bits=9',
    answer: 'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
  },
};

/** The same numbers with each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function written(next: () => number, piece: (next: () => number) => string): Buffer {
  let text = '';
  while (text.length < DATA_SIZE) text += piece(next);
  return Buffer.from(text).subarray(0, DATA_SIZE);
}

function word(next: () => number, letters: string): string {
  const length = 2 + Math.floor(next() * 9);
  return Array.from({ length }, () => letters[Math.floor(next() ** 2 * letters.length)]).join('');
}

/** Data of the kinds that the original sends, which is not ours to have. */
function dataSets(): Data[] {
  const next = numbers(7692);
  return [
    {
      name: 'JSON',
      kind: 'text',
      bytes: written(
        next,
        () =>
          `{"id":${Math.floor(next() * 1e6)},"name":"${word(next, 'eantisrolu')}","on":${next() > 0.5}},`,
      ),
    },
    {
      name: 'a picture',
      kind: 'binary',
      bytes: Buffer.from(
        Array.from({ length: DATA_SIZE }, (_, i) => ((i % 512) >> 3) + (i >> 12) + next() * 2),
      ),
    },
    {
      name: 'German text',
      kind: 'binary',
      bytes: written(next, () => `${word(next, 'enisratdhulcgmobäüöß')} `),
    },
    {
      name: 'HTML',
      kind: 'text',
      bytes: written(
        next,
        () =>
          `<li class="${word(next, 'abc')}"><a href="/${word(next, 'etaoin')}">${word(next, 'etaoinshrdlu')}</a></li>\n`,
      ),
    },
    {
      name: 'noise',
      kind: 'binary',
      isCompressible: false,
      bytes: Buffer.from(Array.from({ length: DATA_SIZE }, () => next() * 256)),
    },
  ];
}

function echoes(group: string, { kind, bytes, isCompressible = true }: Data, terms: Terms): Case[] {
  const opcode = kind === 'text' ? TEXT : BINARY;
  return SIZES.map(([size, fragmentSize], i) => {
    const count = Math.max(8, Math.min(MOST_MESSAGES, Math.floor(MIB / size)));
    const steps: Step[] = [];
    const strict: Heard[] = [];
    for (let sent = 0; sent < count; sent++) {
      const at = (sent * size) % (DATA_SIZE - size);
      const message = bytes.subarray(at, at + size);
      steps.push(
        { kind: 'compressed', opcode, message, fragmentSize },
        { kind: 'hear', count: sent + 1 },
      );
      strict.push(heard(kind, message));
    }
    const how = fragmentSize === Infinity ? '' : ` in fragments of ${fragmentSize}`;
    const title = `echoes ${count} messages of ${size} bytes${how}`;
    const isAnswerCompressed = isCompressible && size >= THRESHOLD;
    return { ...answered(`${group}.${i + 1}`, title, steps, strict), terms, isAnswerCompressed };
  });
}

const compressed = (message: string | Buffer, fragmentSize = Infinity): Step => ({
  kind: 'compressed',
  opcode: TEXT,
  message: Buffer.from(message as Buffer),
  fragmentSize,
});

const withRsv1 = (frame: Frame): Frame => ({ ...frame, reserved: RSV1 });

/** A text frame of what is compressed already. */
const rawText = (payload: Buffer): Frame => withRsv1(textFrame(payload));

function within(terms: Terms, cases: Case[]): Case[] {
  return cases.map((test) => ({ ...test, terms }));
}

function bomb(size: number): Buffer {
  const bytes = deflateRawSync(Buffer.alloc(size), { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, -4);
}

/** Ours: what the list does not cover. */
export const compressedFrames: CaseGroups = {
  'C.1 Frames of compressed messages': within(DEFAULT, [
    answered(
      'C.1.1',
      'echoes the example of RFC 7692',
      [send(rawText(COMPRESSED_HELLO))],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.2',
      'echoes it in two fragments',
      [
        send([
          withRsv1(start(TEXT, COMPRESSED_HELLO.subarray(0, 3))),
          end(COMPRESSED_HELLO.subarray(3)),
        ]),
      ],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.3',
      'echoes it in fragments of a byte that come byte by byte, with pings between',
      [
        send(
          fragments(TEXT, COMPRESSED_HELLO, 1).flatMap((frame, i) =>
            i === 0 ? [withRsv1(frame)] : [ping(`${i}`), frame],
          ),
          1,
        ),
      ],
      [...[1, 2, 3, 4, 5, 6].map((i) => heard('pong', `${i}`)), heard('text', HELLO)],
    ),
    answered('C.1.4', 'echoes an empty message', [send(rawText(Buffer.of(0)))], [heard('text')]),
    answered(
      'C.1.5',
      'echoes a message without compression',
      [send(textFrame(HELLO))],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.6',
      'echoes messages with and without it in their order',
      [compressed('one'), send(textFrame('two')), compressed('three'), compressed('four', 1)],
      ['one', 'two', 'three', 'four'].map((text) => heard('text', text)),
    ),
    answered(
      'C.1.7',
      'echoes blocks of which one is said to be the last',
      [send(rawText(Buffer.from('f348cdc9c9070000', 'hex')))],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.8',
      'echoes a block that is not compressed',
      [send(rawText(Buffer.from('000500faff48656c6c6f00', 'hex')))],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.9',
      'echoes two blocks',
      [send(rawText(Buffer.from('f24805000000ffffcac9c90700', 'hex')))],
      [heard('text', HELLO)],
    ),
    answered(
      'C.1.10',
      'echoes the example twice, the second time by what was before',
      [send([rawText(COMPRESSED_HELLO), rawText(Buffer.from('f200110000', 'hex'))])],
      [heard('text', HELLO), heard('text', HELLO)],
    ),
    answered(
      'C.1.11',
      'echoes characters of one to four bytes',
      [compressed('aä€😀'.repeat(1000), 7)],
      [heard('text', 'aä€😀'.repeat(1000))],
    ),
  ]),
  'C.2 Frames that must fail': within(DEFAULT, [
    failed('C.2.1', 'fails RSV1 on a ping', [send(withRsv1(ping()))], 1002),
    failed('C.2.2', 'fails RSV1 on a Close frame', [send(withRsv1(frameOf(8)))], 1002),
    failed(
      'C.2.3',
      'fails RSV1 on a later fragment',
      [
        send([
          withRsv1(start(TEXT, COMPRESSED_HELLO.subarray(0, 3))),
          withRsv1(end(COMPRESSED_HELLO.subarray(3))),
        ]),
      ],
      1002,
    ),
    failed(
      'C.2.4',
      'fails RSV1 on a later fragment of a message without it',
      [send([start(TEXT, HELLO), withRsv1(end(HELLO))])],
      1002,
    ),
    failed('C.2.5', 'fails RSV2', [send({ ...textFrame(COMPRESSED_HELLO), reserved: 0x60 })], 1002),
    failed(
      'C.2.6',
      'fails what cannot be inflated',
      [send(rawText(Buffer.from('ffffffff', 'hex')))],
      1007,
    ),
    failed(
      'C.2.7',
      'fails text that is no UTF-8 when it is inflated',
      [compressed(Buffer.of(0x61, 0xff, 0x61))],
      1007,
    ),
    failed(
      'C.2.8',
      'fails 80 MiB of zeros in 80 KiB',
      [send(withRsv1(frameOf(BINARY, bomb(80 * MIB))))],
      1009,
    ),
  ]),
  'C.3 Agreements': [
    {
      ...answered(
        'C.3.1',
        'goes without compression when it cannot keep to the offer',
        [send(textFrame(HELLO))],
        [heard('text', HELLO)],
      ),
      terms: { offer: 'permessage-deflate; server_max_window_bits=8', agreed: '', answer: '' },
    },
    {
      ...answered(
        'C.3.2',
        'takes an offer behind one that nobody knows',
        [compressed(HELLO)],
        [heard('text', HELLO)],
      ),
      terms: {
        offer: 'x-unknown; a=1, permessage-deflate; unknown, permessage-deflate',
        agreed: 'permessage-deflate',
        answer: 'permessage-deflate; server_max_window_bits=8',
      },
    },
    {
      ...answered(
        'C.3.3',
        'keeps to limits in both directions',
        [compressed(HELLO), compressed(HELLO)],
        [heard('text', HELLO), heard('text', HELLO)],
      ),
      terms: {
        offer:
          'permessage-deflate; server_max_window_bits=10; server_no_context_takeover; client_no_context_takeover',
        agreed:
          'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10',
        answer:
          'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=10',
      },
    },
    {
      ...failed(
        'C.3.4',
        'fails RSV1 where nothing was agreed on',
        [send(rawText(COMPRESSED_HELLO))],
        1002,
      ),
      terms: { offer: 'x-unknown', agreed: '', answer: '' },
    },
  ],
};

/** Made anew for each run: they are large. */
export function compression(): CaseGroups {
  const sets = dataSets();
  return {
    ...Object.fromEntries(
      sets.map((data, i) => [
        `12.${i + 1} Compressed ${data.name}`,
        echoes(`12.${i + 1}`, data, DEFAULT),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(TERMS).map(([name, terms], i) => [
        `13.${i + 1} Compressed with ${name}`,
        echoes(`13.${i + 1}`, sets[0]!, terms),
      ]),
    ),
  };
}
