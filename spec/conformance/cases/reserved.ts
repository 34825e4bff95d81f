import {
  closeFrame,
  failed,
  frameOf,
  heard,
  ping,
  send,
  textFrame,
  type Case,
  type CaseGroups,
  type Frame,
} from '../support/conversation.ts';

const HELLO = 'Hello, world!';

/** A frame that is wrong, behind a good one: whoever is strict answers the good one before it fails. */
function failedBehindText(
  id: string,
  what: string,
  wrong: Frame,
  pieces: 'one' | 'frames' | 1,
): Case {
  const how = { one: '', frames: ', frame by frame', 1: ', byte by byte' }[pieces];
  return failed(
    id,
    `echoes a text, then fails ${what}${how}`,
    [send([textFrame(HELLO), wrong, ping()], pieces)],
    1002,
    [heard('text', HELLO)],
    [],
  );
}

const reserved = (frame: Frame, bits: number): Frame => ({ ...frame, reserved: bits << 4 });

export const reservedBits: CaseGroups = {
  '3 Reserved bits': [
    failed('3.1', 'fails a text with RSV3', [send(reserved(textFrame(HELLO), 1))], 1002),
    failedBehindText('3.2', 'a text with RSV2', reserved(textFrame(HELLO), 2), 'one'),
    failedBehindText('3.3', 'a text with RSV2 and RSV3', reserved(textFrame(HELLO), 3), 'frames'),
    failedBehindText('3.4', 'a text with RSV1', reserved(textFrame(HELLO), 4), 1),
    failed(
      '3.5',
      'fails a binary message with RSV1 and RSV3',
      [send(reserved(frameOf(2, HELLO), 5))],
      1002,
    ),
    failed('3.6', 'fails a ping with RSV1 and RSV2', [send(reserved(ping(HELLO), 6))], 1002),
    failed(
      '3.7',
      'fails a Close frame with all three',
      [send(reserved(closeFrame(1000), 7))],
      1002,
    ),
  ],
};

export const opcodes: CaseGroups = {
  '4.1 Reserved opcodes of data frames': [
    failed('4.1.1', 'fails opcode 3', [send(frameOf(3))], 1002),
    failed('4.1.2', 'fails opcode 4 with a payload', [send(frameOf(4, 'reserved'))], 1002),
    failedBehindText('4.1.3', 'opcode 5', frameOf(5), 'one'),
    failedBehindText('4.1.4', 'opcode 6 with a payload', frameOf(6, HELLO), 'one'),
    failedBehindText('4.1.5', 'opcode 7 with a payload', frameOf(7, HELLO), 1),
  ],
  '4.2 Reserved opcodes of control frames': [
    failed('4.2.1', 'fails opcode 11', [send(frameOf(11))], 1002),
    failed('4.2.2', 'fails opcode 12 with a payload', [send(frameOf(12, 'reserved'))], 1002),
    failedBehindText('4.2.3', 'opcode 13', frameOf(13), 'one'),
    failedBehindText('4.2.4', 'opcode 14 with a payload', frameOf(14, HELLO), 'one'),
    failedBehindText('4.2.5', 'opcode 15 with a payload', frameOf(15, HELLO), 1),
  ],
};
