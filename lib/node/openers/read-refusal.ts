import type { HttpHead } from '../../codec/http-head.ts';
import { fieldValues, readStatusLine } from '../../codec/http-response.ts';
import type { HandshakeRefusal } from '../../websockets/socket-backend.ts';

/** In milliseconds: more than a timer can wait. */
const LONGEST = 2 ** 31 - 1;

/** As HTTP writes dates, and nothing else that Date.parse() takes (RFC 9110 §5.6.7). */
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** As it has written them once, which has to be understood as well. */
const OLD_DATE = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const DATE_OF_C = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** What `head` answers to an upgrade request; undefined when it opens the WebSocket, or has no status. */
export function readRefusal(head: HttpHead): HandshakeRefusal | undefined {
  const line = readStatusLine(head.startLine);
  if (line === undefined) return undefined;
  const { status, version } = line;
  // One that would open the WebSocket, and does not fit, is no answer of HTTP.
  if (status === (version.startsWith('2') ? 200 : 101)) return undefined;
  return { status, retryAfter: readRetryAfter(head) };
}

/** The milliseconds that Retry-After stands for; −1 when there is not one that can be read. */
function readRetryAfter(head: HttpHead): number {
  const [value = '', ...others] = fieldValues(head, 'retry-after');
  if (others.length > 0) return -1;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, LONGEST);
  const date = readDate(value);
  if (Number.isNaN(date)) return -1;
  // The server's own clock may be there to compare with, and ours be wrong.
  const [today = ''] = fieldValues(head, 'date');
  const now = readDate(today);
  return Math.min(Math.max(date - (Number.isNaN(now) ? Date.now() : now), 0), LONGEST);
}

/** When a date of HTTP is, as Date.parse() tells it; NaN for what is none. */
function readDate(value: string): number {
  if (DATE_OF_C.test(value)) return Date.parse(`${value} GMT`);
  return DATE.test(value) || OLD_DATE.test(value) ? Date.parse(value) : NaN;
}
