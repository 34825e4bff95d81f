import {
  answered,
  closeFrame,
  end,
  failed,
  heard,
  middle,
  ping,
  send,
  start,
  textFrame,
  type CaseGroups,
  type Frame,
  type Step,
} from '../support/conversation.ts';

const HELLO = 'Hello';
const MIB = 2 ** 20;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

const wide = (frame: Frame, lengthSize: 2 | 8): Frame => ({ ...frame, lengthSize });
const wronglyMasked = (frame: Frame): Frame => ({ ...frame, isMaskWrong: true });

const announce = (opcode: number, length: number | bigint): Step => ({
  kind: 'announce',
  opcode,
  length,
});

/** Ours: what the list does not cover. */
export const headers: CaseGroups = {
  'H.1 Lengths that take more bytes than they need': [
    failed('H.1.1', 'fails 5 in two bytes', [send(wide(textFrame(HELLO), 2))], 1002),
    failed('H.1.2', 'fails 5 in eight bytes', [send(wide(textFrame(HELLO), 8))], 1002),
    failed('H.1.3', 'fails 125 in two bytes', [send(wide(textFrame('*'.repeat(125)), 2))], 1002),
    failed(
      'H.1.4',
      'fails 65535 in eight bytes',
      [send(wide(textFrame('*'.repeat(65_535)), 8))],
      1002,
    ),
    failed('H.1.5', 'fails 5 in two bytes in a ping', [send(wide(ping(HELLO), 2))], 1002),
    failed(
      'H.1.6',
      'fails 2 in two bytes in a Close frame',
      [send(wide(closeFrame(1000), 2))],
      1002,
    ),
  ],
  'H.2 Masks': [
    failed(
      'H.2.1',
      'fails a text with the mask of the other role',
      [send(wronglyMasked(textFrame(HELLO)))],
      1002,
    ),
    failed('H.2.2', 'fails such an empty text', [send(wronglyMasked(textFrame()))], 1002),
    failed('H.2.3', 'fails such a ping', [send(wronglyMasked(ping(HELLO)))], 1002),
    failed('H.2.4', 'fails such a Close frame', [send(wronglyMasked(closeFrame(1000)))], 1002),
    failed(
      'H.2.5',
      'echoes a text, then fails one with the mask of the other role',
      [send([textFrame(HELLO), wronglyMasked(textFrame(HELLO)), ping()])],
      1002,
      [heard('text', HELLO)],
    ),
  ],
  'H.3 Lengths that are refused on the header alone': [
    failed('H.3.1', 'fails a frame of 65 MiB', [announce(BINARY, 65 * MIB)], 1009),
    failed('H.3.2', 'fails a frame of 2^63 - 1 bytes', [announce(BINARY, 2n ** 63n - 1n)], 1009),
    failed('H.3.3', 'fails a length with its highest bit set', [announce(BINARY, 2n ** 63n)], 1002),
    failed('H.3.4', 'fails a ping of 126 bytes', [announce(PING, 126)], 1002),
    failed('H.3.5', 'fails a Close frame of 65536 bytes', [announce(CLOSE, 65_536)], 1002),
  ],
  'H.4 Control frames between fragments': [
    answered(
      'H.4.1',
      'answers pings byte by byte between fragments of one byte',
      [send([start(TEXT, 'a'), ping('1'), middle('b'), ping('2'), end('c'), ping('3')], 1)],
      [heard('pong', '1'), heard('pong', '2'), heard('text', 'abc'), heard('pong', '3')],
    ),
  ],
};
