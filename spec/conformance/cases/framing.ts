import {
  answered,
  binaryFrame,
  heard,
  send,
  textFrame,
  type CaseGroups,
} from '../support/conversation.ts';

const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536];
const PIECE = 997;

const text = (size: number): Buffer => Buffer.alloc(size, '*');
const bytes = (size: number): Buffer => Buffer.alloc(size, 0xfe);

export const framing: CaseGroups = {
  '1.1 Text messages': [
    ...SIZES.map((size, i) =>
      answered(
        `1.1.${i + 1}`,
        `echoes a text of ${size} bytes`,
        [send(textFrame(text(size)))],
        [heard('text', text(size))],
      ),
    ),
    answered(
      '1.1.8',
      `echoes a text of 65536 bytes that comes in pieces of ${PIECE}`,
      [send(textFrame(text(65_536)), PIECE)],
      [heard('text', text(65_536))],
    ),
  ],
  '1.2 Binary messages': [
    ...SIZES.map((size, i) =>
      answered(
        `1.2.${i + 1}`,
        `echoes a binary message of ${size} bytes`,
        [send(binaryFrame(bytes(size)))],
        [heard('binary', bytes(size))],
      ),
    ),
    answered(
      '1.2.8',
      `echoes a binary message of 65536 bytes that comes in pieces of ${PIECE}`,
      [send(binaryFrame(bytes(65_536)), PIECE)],
      [heard('binary', bytes(65_536))],
    ),
  ],
};
