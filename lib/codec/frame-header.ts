import type { OpCode } from './opcode.ts';

/** In bytes: the first two, a length of eight, a masking key (RFC 6455 §5.2). */
export const LONGEST_HEADER = 14;

/** How many bytes a frame has before its masking key, if any, and its payload. */
export function headerSize(length: number): number {
  return length < 126 ? 2 : length < 0x10000 ? 4 : 10;
}

/** Writes the header up to where the masking key goes. */
export function writeStart(
  bytes: Buffer,
  at: number,
  opcode: OpCode,
  isFinal: boolean,
  length: number,
  masks: boolean,
): void {
  const mask = masks ? 0x80 : 0;
  bytes[at] = isFinal ? 0x80 | opcode : opcode;
  if (length < 126) {
    bytes[at + 1] = mask | length;
  } else if (length < 0x10000) {
    bytes[at + 1] = mask | 126;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
  } else {
    bytes[at + 1] = mask | 127;
    bytes.writeUInt32BE(Math.floor(length / 2 ** 32), at + 2);
    bytes.writeUInt32BE(length >>> 0, at + 6);
  }
}
