import { LONGEST_CHARACTER } from './utf8.ts';

/**
 * Where the frame ends that begins at `start` of `payload`, when frames hold at most `limit` bytes.
 *
 * That of text ends between two characters, because Qt decodes each frame by itself (RFC 6455 §5.6
 * does not ask for it); not so when frames are so short that some character would not fit into any.
 */
export function frameEnd(
  payload: Uint8Array,
  start: number,
  limit: number,
  isText: boolean,
): number {
  let end = Math.min(payload.length, start + limit);
  if (!isText || limit < LONGEST_CHARACTER || end === payload.length) return end;
  while ((payload[end]! & 0xc0) === 0x80) end--;
  return end;
}
