/** What stands for itself in every part of a URL (RFC 3986 §2.3, `unreserved`). */
const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

/**
 * Characters that may separate things inside a part (RFC 3986 §2.2); escaped, they mean something
 * else.
 */
const RESERVED = ":/?#[]@!$&'()*+,;=";

/**
 * Characters that would not be seen, or would change how others are shown: controls, blanks, marks
 * of direction.
 */
const INVISIBLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

const HEX = '0123456789ABCDEF';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Which ASCII characters stand for themselves, by code. */
export type AsciiSet = readonly boolean[];

/** The set of unreserved characters and those of `others`. */
export function asciiSet(others: string): AsciiSet {
  const members = UNRESERVED + others;
  return Array.from({ length: 128 }, (_, code) => members.includes(String.fromCharCode(code)));
}

const KEPT_ESCAPED = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return code < 0x20 || code === 0x7f || character === '%' || RESERVED.includes(character);
});

/**
 * Percent-encodes (RFC 3986 §2.1) what is not in `allowed`, as UTF-8; a lone surrogate becomes
 * U+FFFD.
 *
 * With `keepEscapes`, `%XX` stays as it is; any other percent sign becomes `%25`.
 */
export function percentEncode(text: string, allowed: AsciiSet, keepEscapes: boolean): string {
  let encoded = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128 && allowed[code]) continue;
    if (keepEscapes && code === 0x25 && escapeAt(text, i) >= 0) continue;
    const point = text.codePointAt(i)!;
    encoded += text.slice(done, i) + escapesOf(point);
    if (point > 0xffff) i++;
    done = i + 1;
  }
  return done === 0 ? text : encoded + text.slice(done);
}

/**
 * Decodes what can be read without changing the meaning: no reserved characters, percent signs,
 * control or invisible characters, and no bytes that are not UTF-8.
 */
export function percentDecodePretty(text: string): string {
  return replaceRuns(text, (bytes, escapes) => {
    let decoded = '';
    for (let i = 0; i < bytes.length;) {
      const length = sequenceLength(bytes[i]!);
      const character = readable(bytes.subarray(i, i + length));
      decoded += character ?? escapes.slice(3 * i, 3 * i + 3);
      i += character === undefined ? 1 : length;
    }
    return decoded;
  });
}

/** Decodes every escape; bytes that are not UTF-8 become U+FFFD. */
export function percentDecode(text: string): string {
  return replaceRuns(text, (bytes) => lossyUtf8.decode(bytes));
}

/** Replaces each run of consecutive escapes, so that characters of several bytes are seen whole. */
function replaceRuns(text: string, decode: (bytes: Uint8Array, escapes: string) => string): string {
  let decoded = '';
  let done = 0;
  for (let i = text.indexOf('%'); i >= 0; i = text.indexOf('%', Math.max(i + 1, done))) {
    const bytes: number[] = [];
    let end = i;
    for (let byte = escapeAt(text, end); byte >= 0; byte = escapeAt(text, end)) {
      bytes.push(byte);
      end += 3;
    }
    if (end === i) continue;
    decoded += text.slice(done, i) + decode(Uint8Array.from(bytes), text.slice(i, end));
    done = end;
  }
  return done === 0 ? text : decoded + text.slice(done);
}

/** The byte that the escape at `index` stands for, or -1 when there is none. */
function escapeAt(text: string, index: number): number {
  if (text.charCodeAt(index) !== 0x25) return -1;
  const high = hexValue(text.charCodeAt(index + 1));
  const low = hexValue(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

function escapesOf(point: number): string {
  const isSurrogate = point >= 0xd800 && point <= 0xdfff;
  const value = isSurrogate ? 0xfffd : point;
  if (value < 0x80) return escape(value);
  if (value < 0x800) return escape(0xc0 | (value >> 6)) + continuation(value, 0);
  if (value < 0x10000) {
    return escape(0xe0 | (value >> 12)) + continuation(value, 6) + continuation(value, 0);
  }
  const rest = continuation(value, 12) + continuation(value, 6) + continuation(value, 0);
  return escape(0xf0 | (value >> 18)) + rest;
}

function continuation(value: number, shift: number): string {
  return escape(0x80 | ((value >> shift) & 0x3f));
}

function escape(byte: number): string {
  return `%${HEX[byte >> 4]}${HEX[byte & 0xf]}`;
}

function sequenceLength(first: number): number {
  if (first < 0xc2) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function readable(bytes: Uint8Array): string | undefined {
  const first = bytes[0]!;
  if (first < 0x80) return KEPT_ESCAPED[first] ? undefined : String.fromCharCode(first);
  try {
    const character = utf8.decode(bytes);
    return INVISIBLE.test(character) ? undefined : character;
  } catch {
    return undefined;
  }
}
