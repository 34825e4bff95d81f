/** Bytes of WebAssembly, in pieces. */
type Code = number | readonly Code[];

// What is needed of the binary format (https://webassembly.github.io/spec/core/binary/), by the
// names of the text format. Instructions that reach into memory say that it need not be aligned.
const block: Code = [0x02, 0x40];
const loop: Code = [0x03, 0x40];
const end: Code = 0x0b;
const br = (depth: number): Code => [0x0c, depth];
const brIf = (depth: number): Code => [0x0d, depth];
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const i32 = {
  type: 0x7f,
  load: [0x28, 0, 0],
  load8: [0x2d, 0, 0],
  store: [0x36, 0, 0],
  store8: [0x3a, 0, 0],
  const: (value: number): Code => [0x41, (value & 0x7f) | 0x80, value >>> 7],
  lessUnsigned: 0x49,
  add: 0x6a,
  sub: 0x6b,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftRight: 0x76,
};
const v128 = {
  type: 0x7b,
  load: (offset: number): Code => [0xfd, 0x00, 0, offset],
  store: (offset: number): Code => [0xfd, 0x0b, 0, offset],
  shuffle: (lanes: readonly number[]): Code => [0xfd, 0x0d, lanes],
  splat: [0xfd, 0x11],
  lane: (lane: number): Code => [0xfd, 0x1b, lane],
  or: [0xfd, 0x50],
  xor: [0xfd, 0x51],
};

// The parameters of the function, and its locals.
const AT = 0;
const TO = 1;
const KEY = 2;
const WORD = 3;
const BITS = 4;
const MASK = 5;
const VECTOR = 6;
const SEEN = 7;

/** Sixteen bytes, `offset` bytes further on than AT. */
const maskVector = (offset: number): Code => [
  [get(AT)],
  [get(AT), v128.load(offset), get(MASK), v128.xor, tee(VECTOR)],
  [v128.store(offset)],
  [get(SEEN), get(VECTOR), v128.or, set(SEEN)],
];

const maskWord: Code = [
  [get(AT)],
  [get(AT), i32.load, get(KEY), i32.xor, tee(WORD)],
  [i32.store],
  [get(BITS), get(WORD), i32.or, set(BITS)],
];

/** One byte; the key moves on by one. */
const maskByte: Code = [
  [get(AT)],
  [get(AT), i32.load8, get(KEY), i32.const(0xff), i32.and, i32.xor, tee(WORD)],
  [i32.store8],
  [get(BITS), get(WORD), i32.or, set(BITS)],
  [get(KEY), i32.const(8), i32.shiftRight, set(KEY)],
];

/** Repeats `body`, which works on `size` bytes, as long as so many are left. */
const whileLeft = (size: number, body: Code): Code => [
  [block, loop],
  [get(TO), get(AT), i32.sub, i32.const(size), i32.lessUnsigned, brIf(1)],
  [body],
  [get(AT), i32.const(size), i32.add, set(AT)],
  [br(0), end, end],
];

/** Joins the halves of BITS, `distance` bits from each other. */
const foldBits = (distance: number): Code => [
  [get(BITS), get(BITS), i32.const(distance), i32.shiftRight, i32.or, set(BITS)],
];

const program: Code = [
  // The key stands big-endian on the wire, and the numbers of WebAssembly are little-endian.
  [get(KEY), v128.splat, tee(MASK), get(MASK)],
  [v128.shuffle([3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0]), tee(MASK)],
  [v128.lane(0), set(KEY)],

  whileLeft(64, [maskVector(0), maskVector(16), maskVector(32), maskVector(48)]),
  whileLeft(16, maskVector(0)),
  [get(SEEN), v128.lane(0), get(SEEN), v128.lane(1), i32.or],
  [get(SEEN), v128.lane(2), get(SEEN), v128.lane(3), i32.or],
  [i32.or, set(BITS)],

  whileLeft(4, maskWord),
  whileLeft(1, maskByte),
  foldBits(16),
  foldBits(8),
  [get(BITS), i32.const(0xff), i32.and, end],
];

/**
 * A module of WebAssembly that masks bytes in place, sixteen at a time: what `applyMask` does in
 * the memory `m.m`, which it imports, as the function `f(from, to, key)`.
 */
export function maskCode(): Uint8Array {
  const name = (letter: string): Code => sized(letter.charCodeAt(0));
  const locals: Code = [2, 2, i32.type, 3, v128.type];
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [0x60, sized([i32.type, i32.type, i32.type]), sized(i32.type)]),
      section(2, [name('m'), name('m'), 0x02, 0x00, 1]),
      section(3, 0),
      section(7, [name('f'), 0x00, 0]),
      section(10, sized([locals, program])),
    ]),
  );
}

/** A section of one entry. */
function section(id: number, entry: Code): Code {
  return [id, sized([1, entry])];
}

function sized(code: Code): Code {
  const { length } = flatten(code);
  return [length < 0x80 ? length : [(length & 0x7f) | 0x80, length >>> 7], code];
}

function flatten(code: Code): readonly number[] {
  const pieces: readonly unknown[] = [code];
  return pieces.flat(Infinity) as number[];
}
