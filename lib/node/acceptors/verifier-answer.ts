import { RESERVED_IN_ANSWERS } from '../../codec/handshake-response.ts';
import { refuse, type Refusal } from '../../codec/refusal.ts';
import { printable } from '../../network/failure-text.ts';
import { QHttpHeaders } from '../../network/qhttpheaders.ts';
import type { QHttpServerWebSocketUpgradeResponse } from '../../websockets/qhttpserverwebsocketupgraderesponse.ts';
import { statusText } from '../status-text.ts';

/** The headers of a verifier's answer; undefined when there is one that HTTP does not allow. */
export function headersOf(answer: QHttpServerWebSocketUpgradeResponse): QHttpHeaders | undefined {
  const headers = new QHttpHeaders();
  const isValid = answer.headers().every(([name, value]) => headers.append(name, value));
  return isValid ? headers : undefined;
}

/** What a verifier's denial answers; undefined when that has a header which HTTP does not allow. */
export function refusalOf(answer: QHttpServerWebSocketUpgradeResponse): Refusal | undefined {
  const headers = headersOf(answer);
  if (headers === undefined) return undefined;
  const status = answer.denyStatus();
  const message = answer.denyMessage();
  // As in Qt, the message is the reason; but that is one line, and HTTP/2 has none.
  const reason = message === '' ? statusText(status) : printable(message);
  const fields = [...headers].filter(([name]) => !RESERVED_IN_ANSWERS.includes(name)).flat();
  const body = answer.body() ?? (message === '' ? '' : `${message}\n`);
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { ...refuse(status, reason, message, fields), body: bytes };
}
