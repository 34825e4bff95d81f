import { Buffer } from 'node:buffer';

const PLAIN = /[^A-Za-z0-9_-]/u;

/**
 * A topic as one token of a subject of NATS and as a key of its key-value store: bytes of UTF-8 that
 * are neither letters nor digits are written as `=` and two digits, so that `A.B` and `*` are no
 * hierarchy and no wildcard. Different topics have different keys.
 */
export function toKey(topic: string): string {
  if (!PLAIN.test(topic)) return topic;
  let key = '';
  for (const byte of Buffer.from(topic)) {
    const character = String.fromCharCode(byte);
    key +=
      byte > 0x7f || PLAIN.test(character) ? `=${byte.toString(16).padStart(2, '0')}` : character;
  }
  return key;
}
