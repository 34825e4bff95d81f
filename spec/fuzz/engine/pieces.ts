import type { Random } from './random.ts';

// A longer input comes byte by byte once in a while only: that takes its time.
const SHORT = 256;

/** `bytes` in pieces of their own, as a stream may bring them: whole, byte by byte, or cut anywhere. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const way = random.below(4);
  if (way === 0 || bytes.length < 2) return [Buffer.from(bytes)];
  if (way === 1 && (bytes.length <= SHORT || random.oneIn(16))) return byteByByte(bytes);

  const pieces: Buffer[] = [];
  const longest = random.pick([2, 8, 64, bytes.length]);
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
