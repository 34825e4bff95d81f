// Below this many bytes the loop over single ones is as fast, and below the other figure making a
// word view costs more than it saves.
const WORDWISE_FROM = 64;
const WORDWISE_WITHOUT_VIEW_FROM = 256;

const scratch = new DataView(new ArrayBuffer(4));
const scratchWord = new Int32Array(scratch.buffer);

/**
 * The bytes of `buffer` as 32-bit words, for {@link applyMask}.
 *
 * Whoever masks many payloads of one buffer makes this view once.
 */
export function wordsOf(buffer: ArrayBufferLike): Int32Array {
  return new Int32Array(buffer, 0, buffer.byteLength >>> 2);
}

/**
 * Masks or unmasks a stretch of `bytes` in place (RFC 6455 §5.3).
 *
 * @param key the masking key as it stands on the wire, read big-endian.
 * @param words {@link wordsOf} the buffer under `bytes`, where the caller has it.
 * @returns all bytes of the result OR-ed together: below 0x80 when all of them are ASCII.
 */
export function applyMask(
  bytes: Uint8Array,
  key: number,
  from = 0,
  to: number = bytes.length,
  words?: Int32Array,
): number {
  const wordwiseFrom = words === undefined ? WORDWISE_WITHOUT_VIEW_FROM : WORDWISE_FROM;
  if (to - from < wordwiseFrom) return xorBytes(bytes, from, to, key);

  // The words of the view begin at the start of the buffer, which is aligned.
  const offset = bytes.byteOffset;
  const lead = -(offset + from) & 3;
  const firstWord = (offset + from + lead) >>> 2;
  const endWord = (offset + to) >>> 2;
  const tail = 4 * endWord - offset;
  // The key as it stands where the words begin, and so after each of them.
  const wordKey = rotateLeft(key, 8 * lead);

  return (
    xorBytes(bytes, from, from + lead, key) |
    xorWords(words ?? wordsOf(bytes.buffer), firstWord, endWord, wordKey) |
    xorBytes(bytes, tail, to, wordKey)
  );
}

function xorBytes(bytes: Uint8Array, from: number, to: number, key: number): number {
  const k0 = key >>> 24;
  const k1 = (key >>> 16) & 0xff;
  const k2 = (key >>> 8) & 0xff;
  const k3 = key & 0xff;
  let seen = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const a = bytes[i]! ^ k0;
    const b = bytes[i + 1]! ^ k1;
    const c = bytes[i + 2]! ^ k2;
    const d = bytes[i + 3]! ^ k3;
    bytes[i] = a;
    bytes[i + 1] = b;
    bytes[i + 2] = c;
    bytes[i + 3] = d;
    seen |= a | b | c | d;
  }
  for (let rest = key; i < to; i++, rest <<= 8) {
    const a = bytes[i]! ^ (rest >>> 24);
    bytes[i] = a;
    seen |= a;
  }
  return seen;
}

function xorWords(words: Int32Array, from: number, to: number, key: number): number {
  // The views use the machine's byte order; the scratch pair translates the key once.
  scratch.setInt32(0, key);
  const mask = scratchWord[0]!;
  let seen = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    const a = words[i]! ^ mask;
    const b = words[i + 1]! ^ mask;
    const c = words[i + 2]! ^ mask;
    const d = words[i + 3]! ^ mask;
    words[i] = a;
    words[i + 1] = b;
    words[i + 2] = c;
    words[i + 3] = d;
    seen |= a | b | c | d;
  }
  for (; i < to; i++) {
    const a = words[i]! ^ mask;
    words[i] = a;
    seen |= a;
  }
  return fold(seen);
}

/** The four bytes of a word OR-ed together. */
function fold(word: number): number {
  return (word | (word >>> 8) | (word >>> 16) | (word >>> 24)) & 0xff;
}

/** A masking key as it stands `bits / 8` bytes further on in the payload. */
export function rotateLeft(value: number, bits: number): number {
  return bits === 0 ? value : (value << bits) | (value >>> (32 - bits));
}
