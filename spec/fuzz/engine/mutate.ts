import type { Random } from './random.ts';

// What parsers look for, and what they tend to forget.
const NOTABLE = Buffer.from(
  '00 01 09 0a 0b 0d 20 22 25 27 2c 2d 2f 3a 3b 3d 40 5b 5c 5d 7d 7e 7f 80 81 88 bf c0 c1 ed ef f0 f4 f8 fe ff'
    .split(' ')
    .map((digits) => Number.parseInt(digits, 16)),
);
const EXTREMES = [0n, 1n, 125n, 126n, 127n, 0xffffn, 0x10000n, 0x7fffffffn, 0xffffffffn].concat([
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]);
const TEXTS = ['\r\n', '\r\n\r\n', '\n', ' ', '\t', ', ', '; ', '=', '"', '\\"', '__proto__']
  .concat([
    'constructor',
    '\r\n ',
    ': ',
    '\0',
    '18446744073709551616',
    '-1',
    '0x10',
    '1e3',
    'é',
    '%00',
    ',',
  ])
  .map((text) => Buffer.from(text, 'latin1'));

// Longer inputs find nothing that these do not, and take their time.
const LONGEST = 4096;

/**
 * `input`, damaged in up to four places; in one of three cases as it is.
 *
 * @param other gives another input, for parts to be taken from.
 */
export function mutate(input: Buffer, random: Random, other: () => Buffer): Buffer {
  let bytes = input;
  for (let left = random.below(random.oneIn(2) ? 2 : 5); left > 0; left--) {
    bytes = damaged(bytes, random, other);
  }
  return bytes;
}

function damaged(bytes: Buffer, random: Random, other: () => Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.below(random.oneIn(4) ? 64 : 8));
  switch (random.below(12)) {
    case 0:
      return withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
    case 1:
      return withByte(bytes, at, NOTABLE[random.below(NOTABLE.length)]!);
    case 2:
      return withByte(bytes, at, random.word());
    case 3:
      return replaced(bytes, at, at, random.pick(TEXTS));
    case 4:
      return replaced(bytes, at, at, NOTABLE.subarray(random.below(NOTABLE.length)).subarray(0, 1));
    case 5:
      return replaced(bytes, at, end, Buffer.alloc(0));
    case 6:
      return repeated(bytes, at, end, random.between(1, random.oneIn(8) ? 200 : 3));
    case 7:
      return replaced(
        bytes,
        at,
        end,
        bytes.subarray(random.below(bytes.length + 1)).subarray(0, 16),
      );
    case 8:
      return withNumber(bytes, at, random);
    case 9:
      // What an unfinished input proves already, its rest must not change.
      return bytes.subarray(0, at);
    case 10:
      return spliced(bytes, at, random, other());
    default:
      return withLineTwice(bytes, at);
  }
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  if (bytes.length === 0) return Buffer.of(value);
  const copy = Buffer.from(bytes);
  copy[Math.min(at, bytes.length - 1)] = value;
  return copy;
}

function replaced(bytes: Buffer, from: number, to: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

function repeated(bytes: Buffer, from: number, to: number, times: number): Buffer {
  if (bytes.length + times * (to - from) > LONGEST) return bytes;
  const part = bytes.subarray(from, to);
  return replaced(bytes, to, to, Buffer.concat(Array.from({ length: times }, () => part)));
}

/** A number that is just in or just beyond what fits, in 1, 2, 4 or 8 bytes. */
function withNumber(bytes: Buffer, at: number, random: Random): Buffer {
  const size = 1 << random.below(4);
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt.asUintN(64, random.pick(EXTREMES)));
  return replaced(bytes, at, Math.min(bytes.length, at + size), number.subarray(8 - size));
}

function spliced(bytes: Buffer, at: number, random: Random, other: Buffer): Buffer {
  if (bytes.length + other.length > LONGEST) return bytes;
  const from = random.below(other.length + 1);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from)]);
}

function withLineTwice(bytes: Buffer, at: number): Buffer {
  const from = at === 0 ? 0 : bytes.lastIndexOf('\n', at - 1) + 1;
  const end = bytes.indexOf('\n', from) + 1 || bytes.length;
  return repeated(bytes, from, end, 1);
}
