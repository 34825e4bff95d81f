// Frames are built here and not by the library: what is measured must not make its own input.
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

export const TEXT = 1;
export const BINARY = 2;
/** Text with RSV1 set (RFC 7692 §6). */
export const COMPRESSED_TEXT = 0x41;

/** @param {'ascii' | 'mixed' | 'binary'} kind */
export function opcodeOf(kind) {
  return kind === 'binary' ? BINARY : TEXT;
}

const ASCII = 'The quick brown fox, 0123456789. ';
const MIXED = 'Grüße aus Łódź, 東京 und Αθήνα — 24 °C, 12 € 🙂. ';

// Short payloads are of their kind, too.
const SHORT_ASCII = 'fox ';
const SHORT_MIXED = 'ü€🙂';

const SERIAL_LENGTH = 4;

const SYMBOLS = ['ALPHA', 'BRAVO', 'DELTA', 'KAPPA', 'OMEGA', 'SIGMA', 'THETA', 'ZULU'];

/**
 * Payloads of exactly `size` bytes, no two of them equal: equal ones could be told from each other
 * by their identity only, which would flatter whoever remembers the last one.
 *
 * @param {'ascii' | 'mixed' | 'binary'} kind `mixed` is text of one to four bytes a character.
 * @param {number} size
 * @param {number} count
 */
export function payloadsOf(kind, size, count) {
  return Array.from({ length: count }, (_, serial) => {
    const payload = kind === 'binary' ? randomBytes(size) : textOf(kind, size);
    payload.write(String(serial).padStart(SERIAL_LENGTH, '0'), size - SERIAL_LENGTH);
    return payload;
  });
}

/** As {@link payloadsOf}, JSON in which names repeat and values do not, as a program would send it. */
export function rowsOf(size, count) {
  return Array.from({ length: count }, () => {
    let text = '';
    while (text.length < size) {
      const [a, b, c, d] = randomBytes(4);
      const row = { id: a * 65_536 + b * 256 + c, symbol: SYMBOLS[a % 8], price: (b * c) / 100 };
      text += `${JSON.stringify({ ...row, size: d * 10, side: a < 128 ? 'buy' : 'sell' })}\n`;
    }
    return Buffer.from(text.slice(0, size));
  });
}

/** A message as a compressing sender that keeps nothing writes it (RFC 7692 §7.2.1). */
export function deflated(payload) {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** What a message says whose sender refers to nothing before it. */
export function inflated(payload) {
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
}

function textOf(kind, size) {
  const [long, short] = kind === 'ascii' ? [ASCII, SHORT_ASCII] : [MIXED, SHORT_MIXED];
  const room = size - SERIAL_LENGTH;
  const piece = Buffer.from(Buffer.byteLength(long) <= room ? long : short);
  const payload = Buffer.alloc(size, 'x');
  for (let at = 0; at + piece.length <= room; at += piece.length) piece.copy(payload, at);
  return payload;
}

/**
 * A whole message as one frame (RFC 6455 §5.2).
 *
 * @param {number} opcode
 * @param {Buffer} payload
 * @param {Buffer} [key] the masking key; without one the frame is not masked.
 */
export function frameOf(opcode, payload, key) {
  const { length } = payload;
  const extension = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const start = 2 + extension + (key === undefined ? 0 : 4);
  const frame = Buffer.alloc(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = extension === 0 ? length : extension === 2 ? 126 : 127;
  if (extension === 2) frame.writeUInt16BE(length, 2);
  if (extension === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(frame, start);
  if (key !== undefined) {
    frame[1] |= 0x80;
    key.copy(frame, start - 4);
    for (let i = 0; i < length; i++) frame[start + i] ^= key[i & 3];
  }
  return frame;
}

/** The messages behind each other, masked each with a key of its own. */
export function batchOf(opcode, payloads, isMasked) {
  return Buffer.concat(
    payloads.map((payload) => frameOf(opcode, payload, isMasked ? randomBytes(4) : undefined)),
  );
}

/**
 * The first whole message in `bytes`, which may be in several frames.
 *
 * @param {Buffer} bytes
 * @returns the payload, or undefined when it is not all there.
 */
export function firstMessage(bytes) {
  const payloads = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const isFinal = (bytes[at] & 0x80) !== 0;
    const isMasked = (bytes[at + 1] & 0x80) !== 0;
    const short = bytes[at + 1] & 0x7f;
    const extension = short < 126 ? 0 : short === 126 ? 2 : 8;
    const start = at + 2 + extension + (isMasked ? 4 : 0);
    if (start > bytes.length) return undefined;
    const length =
      extension === 0
        ? short
        : extension === 2
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    if (start + length > bytes.length) return undefined;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (isMasked) for (let i = 0; i < length; i++) payload[i] ^= bytes[start - 4 + (i & 3)];
    payloads.push(payload);
    at = start + length;
    if (isFinal) return Buffer.concat(payloads);
  }
  return undefined;
}
