import { Buffer } from 'node:buffer';
import type { TopicContent } from '../websockets/topic-broker.ts';

const TEXT = 0x74;
const BYTES = 0x62;
const CLEARED = 0x63;

/** Content as brokers carry it: a letter that says what it is, and then text in UTF-8 or bytes. */
export function writePayload(content: TopicContent | null): Buffer {
  if (content === null) return Buffer.of(CLEARED);
  if (typeof content !== 'string') return Buffer.concat([Buffer.of(BYTES), content]);
  const payload = Buffer.allocUnsafe(1 + Buffer.byteLength(content));
  payload[0] = TEXT;
  payload.write(content, 1);
  return payload;
}

/** Reads what {@link writePayload} has written; undefined for what somebody else has sent. */
export function readPayload(payload: Uint8Array): TopicContent | null | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const [kind] = bytes;
  if (kind === TEXT) return bytes.toString('utf8', 1);
  if (kind === BYTES) return new Uint8Array(bytes.subarray(1));
  return kind === CLEARED ? null : undefined;
}
