import {
  answered,
  end,
  failed,
  fragments,
  frameOf,
  heard,
  middle,
  pause,
  ping,
  send,
  start,
  textFrame,
  type CaseGroups,
  type Step,
} from '../support/conversation.ts';

const TEXT = 1;
const PARTS = ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5'] as const;
const [ONE, TWO, THREE, FOUR, FIVE] = PARTS;
const WAYS = [
  ['one', ''],
  ['frames', ', frame by frame'],
  [1, ', byte by byte'],
] as const;

const inTwo = [start(TEXT, ONE), end(TWO)];
const pingInside = [start(TEXT, ONE), ping('ping payload'), end(TWO)];
const nothingToContinue = [end('non-continuation payload'), textFrame('Hello, world!')];
const nothingToContinueYet = [middle('non-continuation payload'), textFrame('Hello, world!')];
const twoPings = (pieces: 'one' | 1): Step[] => [
  send([start(TEXT, ONE), middle(TWO), ping('pongme 1!')], pieces),
  { kind: 'hear', count: 1 },
  pause,
  send([middle(THREE), middle(FOUR), ping('pongme 2!'), end(FIVE)], pieces),
];

export const fragmentation: CaseGroups = {
  '5 Fragmentation': [
    failed(
      '5.1',
      'fails a ping in two fragments',
      [send([frameOf(9, ONE, { isFinal: false }), end(TWO)])],
      1002,
    ),
    failed(
      '5.2',
      'fails a pong in two fragments',
      [send([frameOf(10, ONE, { isFinal: false }), end(TWO)])],
      1002,
    ),
    ...WAYS.map(([pieces, how], i) =>
      answered(
        `5.${3 + i}`,
        `echoes a text in two fragments${how}`,
        [send(inTwo, pieces)],
        [heard('text', ONE + TWO)],
      ),
    ),
    ...WAYS.map(([pieces, how], i) =>
      answered(
        `5.${6 + i}`,
        `answers a ping between two fragments before it echoes their text${how}`,
        [send(pingInside, pieces)],
        [heard('pong', 'ping payload'), heard('text', ONE + TWO)],
      ),
    ),
    ...WAYS.map(([pieces, how], i) =>
      failed(
        `5.${9 + i}`,
        `fails a last fragment of nothing${how}`,
        [send(nothingToContinue, pieces)],
        1002,
      ),
    ),
    ...WAYS.map(([pieces, how], i) =>
      failed(
        `5.${12 + i}`,
        `fails a fragment of nothing${how}`,
        [send(nothingToContinueYet, pieces)],
        1002,
      ),
    ),
    failed(
      '5.15',
      'echoes a text in two fragments, then fails a fragment of nothing',
      [send([...inTwo, middle(THREE), textFrame(FOUR)])],
      1002,
      [heard('text', ONE + TWO)],
      [],
    ),
    failed(
      '5.16',
      'fails a fragment of nothing before a text in two fragments, all of it twice',
      [
        send([
          middle(ONE),
          start(TEXT, TWO),
          end(THREE),
          middle(ONE),
          start(TEXT, TWO),
          end(THREE),
        ]),
      ],
      1002,
    ),
    failed(
      '5.17',
      'fails a last fragment of nothing before a text in two fragments, all of it twice',
      [send([end(ONE), start(TEXT, TWO), end(THREE), end(ONE), start(TEXT, TWO), end(THREE)])],
      1002,
    ),
    failed(
      '5.18',
      'fails a second fragment that begins anew',
      [send([start(TEXT, ONE), textFrame(TWO)])],
      1002,
    ),
    ...(['one', 1] as const).map((pieces, i) =>
      answered(
        `5.${19 + i}`,
        `echoes a text in five fragments with two pings and a pause between${pieces === 1 ? ', byte by byte' : ''}`,
        twoPings(pieces),
        [
          heard('pong', 'pongme 1!'),
          heard('pause'),
          heard('pong', 'pongme 2!'),
          heard('text', PARTS.join('')),
        ],
      ),
    ),
  ],
  '10.1 Fragments of one size': [
    answered(
      '10.1.1',
      'echoes a text of 65536 bytes in fragments of 1300',
      [send(fragments(TEXT, Buffer.alloc(65_536, '*'), 1300))],
      [heard('text', Buffer.alloc(65_536, '*'))],
    ),
  ],
};
