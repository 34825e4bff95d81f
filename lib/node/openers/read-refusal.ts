import type { HttpHead } from '../../codec/http-head.ts';
import { fieldValues, readStatusLine } from '../../codec/http-response.ts';
import type { HandshakeRefusal } from '../../websockets/socket-backend.ts';

/** In milliseconds: more than a timer can wait. */
const LONGEST = 2 ** 31 - 1;

/** As HTTP writes dates, and nothing else that Date.parse() takes (RFC 9110 §5.6.7). */
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** What `head` answers to an upgrade request; undefined when it opens the WebSocket, or has no status. */
export function readRefusal(head: HttpHead): HandshakeRefusal | undefined {
  const line = readStatusLine(head.startLine);
  if (line === undefined) return undefined;
  const { status, version } = line;
  // One that would open the WebSocket, and does not fit, is no answer of HTTP.
  if (status === (version.startsWith('2') ? 200 : 101)) return undefined;
  return { status, retryAfter: readRetryAfter(fieldValues(head, 'retry-after')) };
}

/** The milliseconds that `values` of Retry-After stand for; −1 when there is not one that can be read. */
function readRetryAfter([value = '', ...others]: readonly string[]): number {
  if (others.length > 0) return -1;
  if (/^\d{1,15}$/.test(value)) return Math.min(Number(value) * 1000, LONGEST);
  const date = DATE.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? -1 : Math.min(Math.max(date - Date.now(), 0), LONGEST);
}
