import {
  addHandshakeFields,
  HandshakeRequest,
  versionRefusal,
  type ClientHandshake,
} from './handshake-request.ts';
import { entityFields } from './handshake-response.ts';
import { badRequest, refuse, type Refusal } from './refusal.ts';

// Fields about one connection of HTTP/1.1, which make a message of HTTP/2 malformed (RFC 9113 §8.2.2).
// Host is there as `:authority`.
const OF_CONNECTION: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
  'host',
];

/**
 * The fields of the request for a WebSocket over a stream of HTTP/2 (RFC 8441 §5): name, value, name,
 * value, …, the names in lower case, those that begin with a colon first.
 *
 * @returns a sentence instead where `writeHandshakeRequest()` does.
 */
export function writeStreamRequest(
  handshake: Omit<ClientHandshake, 'key'>,
  isSecure: boolean,
): readonly string[] | string {
  const { resourceName, host, headers } = handshake;
  const fields: string[] = [];
  const authority = headers?.value('host', host) ?? host;
  fields.push(':method', 'CONNECT', ':protocol', 'websocket', ':scheme', schemeOf(isSecure));
  fields.push(':authority', authority, ':path', resourceName);
  const fault = addHandshakeFields(fields, handshake);
  return fault ?? forStream(fields);
}

/**
 * Reads such a request, as a server does.
 *
 * @param fields as node:http2 has them in `rawHeaders`: name, value, name, value, …
 * @param forwarded a good authority that counts in the place of that of the request.
 */
export function readStreamRequest(
  fields: readonly string[],
  isSecure: boolean,
  forwarded?: string,
): HandshakeRequest | Refusal {
  const pseudo = new Map<string, string>();
  const others: string[] = [];
  let cookies = 0;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    if (name.startsWith(':')) {
      pseudo.set(name, value);
    } else if (name === 'cookie' && cookies > 0) {
      // Browsers have a field for each, but it is one header (RFC 9113 §8.2.3).
      others[cookies] += `; ${value}`;
    } else {
      others.push(name, value);
      if (name === 'cookie') cookies = others.length - 1;
    }
  }
  const refusal = checkStreamMethod(pseudo.get(':method') ?? '', pseudo.get(':protocol'));
  if (refusal !== undefined) return refusal;
  const path = pseudo.get(':path') ?? '';
  if (!path.startsWith('/')) return badRequest('The path does not begin with a slash.');
  const authority = pseudo.get(':authority') ?? '';
  return HandshakeRequest.fromStream(path, authority, others, isSecure, forwarded);
}

/** The fields of the answer that opens such a WebSocket; `fields` are those of every version of HTTP. */
export function streamResponse(fields: readonly string[]): readonly string[] {
  return [':status', '200', ...forStream(fields)];
}

/** The answer to a version of WebSocket that is not spoken: HTTP/2 has no upgrade that 426 could ask for. */
export function streamVersionRefusal(): Refusal {
  const { detail, headers } = versionRefusal();
  return { ...badRequest(detail, headers), kind: 'version' };
}

/** An answer that refuses. */
export interface StreamRefusal {
  readonly fields: readonly string[];
  readonly body: Uint8Array;
}

/** What {@link Refusal} is on a stream of HTTP/2, which is ended by it. */
export function writeStreamRefusal(
  refusal: Refusal,
  serverName: string,
  date: Date,
): StreamRefusal {
  const { status, detail, headers, isHeadOnly } = refusal;
  const body = refusal.body ?? Buffer.from(detail === '' ? '' : `${detail}\n`);
  const isBare = detail === '' && refusal.body === undefined;
  const fields = isBare ? headers : [...headers, ...entityFields(body, headers, serverName, date)];
  return {
    fields: [':status', String(status), ...forStream(fields)],
    body: isHeadOnly === true ? Buffer.alloc(0) : body,
  };
}

/** Why `method`, and `protocol` if it has one, gets no stream; undefined for a WebSocket. */
function checkStreamMethod(method: string, protocol: string | undefined): Refusal | undefined {
  if (method !== 'CONNECT') {
    const detail = 'Only CONNECT with the protocol "websocket" opens a WebSocket over HTTP/2.';
    const refusal = refuse(405, 'Method Not Allowed', detail, ['Allow', 'CONNECT']);
    return method === 'HEAD' ? { ...refusal, isHeadOnly: true } : refusal;
  }
  if (protocol === undefined) return refuse(405, 'Method Not Allowed', 'This is no proxy.');
  // As RFC 9220 §3 has it, which RFC 8441 leaves open.
  if (protocol !== 'websocket') {
    return refuse(501, 'Not Implemented', 'Only the protocol "websocket" is known.');
  }
  return undefined;
}

function schemeOf(isSecure: boolean): string {
  return isSecure ? 'https' : 'http';
}

function forStream(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!.toLowerCase();
    if (!OF_CONNECTION.includes(name)) kept.push(name, fields[i + 1]!);
  }
  return kept;
}
