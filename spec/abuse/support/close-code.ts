import { readFrames } from '../../support/frames.ts';

/** The code of the Close frame that `text` ends with, behind the head of an answer if there is one. */
export function closeCode(text: string): number | undefined {
  const head = text.startsWith('HTTP/') ? text.indexOf('\r\n\r\n') + 4 : 0;
  const last = readFrames(Buffer.from(text.slice(head), 'latin1')).at(-1);
  return last?.opcode === 8 ? last.payload.readUInt16BE() : undefined;
}
