import {
  answered,
  closeFrame,
  end,
  failed,
  frameOf,
  heard,
  ping,
  send,
  start,
  textFrame,
  type Case,
  type CaseGroups,
  type Heard,
  type Step,
} from '../support/conversation.ts';

const HELLO = 'Hello World!';
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
// Registered at IANA after RFC 6455.
const LATER_CODES = [1012, 1013, 1014];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
// 1015 is the other code that RFC 6455 §7.4.1 keeps out of frames.
const ANOTHER_INVALID_CODE = 1015;
const UNDEFINED_CODES = [5000, 65_535];

/** A conversation within which the peer closes. */
function closed(
  id: string,
  title: string,
  steps: Step[],
  closeCode = 1000,
  strict: Heard[] = [],
): Case {
  return { id, title, steps, strict, closeCode, closing: 'steps' };
}

export const closing: CaseGroups = {
  '7.1 Closing': [
    answered(
      '7.1.1',
      'echoes a text, then closes',
      [send(textFrame(HELLO))],
      [heard('text', HELLO)],
    ),
    closed('7.1.2', 'closes once when it hears two Close frames', [
      send([closeFrame(1000), closeFrame(1000)]),
    ]),
    closed('7.1.3', 'does not answer a ping behind a Close frame', [
      send([closeFrame(1000), ping()]),
    ]),
    closed('7.1.4', 'does not echo a text behind a Close frame', [
      send([closeFrame(1000), textFrame(HELLO)]),
    ]),
    closed('7.1.5', 'gives a message up when a Close frame comes between its fragments', [
      send([start(1, 'fragment1'), closeFrame(1000), end('fragment2')]),
    ]),
    {
      ...closed(
        '7.1.6',
        'echoes 256 KiB and a text that come with a Close frame and a ping',
        [
          send([
            textFrame(Buffer.alloc(256 * 1024, 'BAsd7&jh23')),
            textFrame(HELLO),
            closeFrame(1000),
            ping(),
          ]),
        ],
        1000,
        [heard('text', Buffer.alloc(256 * 1024, 'BAsd7&jh23')), heard('text', HELLO)],
      ),
      isInformational: true,
    },
  ],
  '7.3 Payloads of Close frames': [
    closed('7.3.1', 'answers an empty Close frame with one', [send(closeFrame())], 1005),
    failed('7.3.2', 'fails a Close frame of one byte', [send(frameOf(8, 'a'))], 1002),
    closed('7.3.3', 'answers a Close frame with a code', [send(closeFrame(1000))]),
    closed('7.3.4', 'answers a Close frame with a reason', [send(closeFrame(1000, HELLO))]),
    closed('7.3.5', 'answers a Close frame of 125 bytes', [
      send(closeFrame(1000, '*'.repeat(123))),
    ]),
    failed(
      '7.3.6',
      'fails a Close frame of 126 bytes',
      [send(closeFrame(1000, '*'.repeat(124)))],
      1002,
    ),
  ],
  '7.5 Reasons': [
    failed(
      '7.5.1',
      'fails a reason that is no UTF-8',
      [send(closeFrame(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')))],
      1007,
    ),
  ],
  '7.7 Valid codes': [...VALID_CODES, ...LATER_CODES].map((code, i) =>
    closed(`7.7.${i + 1}`, `answers the code ${code} with it`, [send(closeFrame(code))], code),
  ),
  '7.9 Invalid codes': [...INVALID_CODES, ANOTHER_INVALID_CODE].map((code, i) =>
    failed(`7.9.${i + 1}`, `fails the code ${code}`, [send(closeFrame(code))], 1002),
  ),
  '7.13 Codes beyond those that are defined': UNDEFINED_CODES.map((code, i) => ({
    ...failed(`7.13.${i + 1}`, `fails the code ${code}`, [send(closeFrame(code))], 1002),
    isInformational: true,
  })),
};
