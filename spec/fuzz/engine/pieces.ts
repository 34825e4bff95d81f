import type { Random } from './random.ts';

// A longer input comes byte by byte once in a while only, and one that is very long never: that takes its time, and
// most of it in making the pieces.
const SHORT = 256;
const LONG = 4096;

/** `bytes` in pieces of their own, as a stream may bring them: whole, byte by byte, or cut anywhere. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const way = random.below(4);
  if (way === 0 || bytes.length < 2) return [Buffer.from(bytes)];
  const isShort = bytes.length <= SHORT || (bytes.length <= LONG && random.oneIn(16));
  if (way === 1 && isShort) return byteByByte(bytes);

  const pieces: Buffer[] = [];
  const longest = random.pick(bytes.length > LONG ? [64, bytes.length] : [2, 8, 64, bytes.length]);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + random.between(1, longest));
    pieces.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return pieces;
}

function byteByByte(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (const byte of bytes) pieces.push(Buffer.of(byte));
  return pieces;
}
