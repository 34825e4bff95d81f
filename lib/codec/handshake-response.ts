import { hash } from 'node:crypto';
import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import {
  readDeflateAnswer,
  type DeflateAgreement,
  type DeflateParameters,
} from './deflate-parameters.ts';
import { hasToken, splitList } from './header-list.ts';
import {
  hasLineBreak,
  headText,
  isFieldText,
  writeHead,
  type HeadFailure,
  type HttpHead,
} from './http-head.ts';
import { combinedValue, readStatusLine, type StatusLine } from './http-response.ts';
import { badRequest, isRefusal, refuse, type Refusal } from './refusal.ts';
import { readRequestLine } from './request-line.ts';

/** RFC 6455 §1.3: what a server appends to the key before it hashes, to show that it knows WebSockets. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const STATUS_LINE_FAILED = 'Read handshake request status failed';
const PROCESS = 'QWebSocketPrivate::processHandshake: ';

const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: ';

/** Headers of answers that are our own business: they would change where an answer ends, or who gives it. */
export const RESERVED_IN_ANSWERS: readonly string[] = [
  'upgrade',
  'connection',
  'server',
  'date',
  'content-length',
  'transfer-encoding',
  'trailer',
];

/** Headers of the answer that are not taken from {@link ServerHandshake.headers}. */
const RESERVED: readonly string[] = [
  ...RESERVED_IN_ANSWERS,
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
];

/** The answer to an origin that the server does not want, as Qt writes it. */
export const FORBIDDEN: Refusal = refuse(403, 'Access Forbidden', '');

/** The answer when there is no room for one more connection. */
export const BUSY: Refusal = refuse(
  503,
  'Service Unavailable',
  'Too many connections are waiting.',
);

/** The answer when there are as many connections as there may be. */
export const CROWDED: Refusal = refuse(
  503,
  'Service Unavailable',
  'There are too many connections.',
);

/** The answer when the headers that our own side has set cannot be sent. */
export const MISCONFIGURED: Refusal = refuse(
  500,
  'Internal Server Error',
  'The server is not configured properly.',
);

/** The answer when nobody has decided about the request in time. */
export const UNDECIDED: Refusal = refuse(
  503,
  'Service Unavailable',
  'The request was not decided on in time.',
);

/** The answer when deciding about the request has failed. */
export const FAILED: Refusal = refuse(
  500,
  'Internal Server Error',
  'The request could not be decided on.',
);

/** The answer when no server has the path. */
export const NOWHERE: Refusal = refuse(404, 'Not Found', 'There is no WebSocket at this path.');

/** The answer when the path has a parameter that nobody can go by. */
export const BAD_PATH: Refusal = badRequest('A part of the path is no name.');

/** The answer when nobody wants the request. */
export const UNWANTED: Refusal = refuse(
  404,
  'Not Found',
  'There is no WebSocket for this request.',
);

/** The answer when the request has not come in time. */
export const TIMED_OUT: Refusal = refuse(
  408,
  'Request Timeout',
  'The request did not come in time.',
);

/** The answer to what is no request head, or too large for one (RFC 6585 §5, RFC 9110 §15.5.15). */
export function headRefusal(failure: HeadFailure): Refusal {
  const { startLine, part, reason } = failure;
  if (startLine !== undefined) {
    const line = readRequestLine(startLine);
    if (isRefusal(line)) return line;
  }
  if (failure.failure === 'malformed') return badRequest(reason);
  if (part === 'startLine') return refuse(414, 'URI Too Long', reason);
  return refuse(431, 'Request Header Fields Too Large', reason);
}

/** What Qt's `errorString()` says about a response whose head cannot be read. */
export function headFailureText(failure: HeadFailure): string {
  if (failure.part === 'head') return 'Header is too large';
  if (failure.part === 'startLine') return STATUS_LINE_FAILED;
  return 'Parsing handshake request header failed';
}

/** The value of Sec-WebSocket-Accept that answers `key` (RFC 6455 §4.2.2, item 5.4). */
export function acceptKey(key: string): string {
  // 0.3 µs; createHash() takes 0.6 (Node 20).
  return hash('sha1', key + ACCEPT_SUFFIX, 'base64');
}

/** What the answer that opens a WebSocket says beside the switch of protocols. */
export interface ServerHandshake {
  /** The chosen subprotocol; '' for none. */
  readonly subprotocol: string;
  /** Value of Sec-WebSocket-Extensions; '' or nothing for none. */
  readonly extensions?: string;
  /** Value of the Server header; '' for none. */
  readonly serverName: string;
  readonly date: Date;
  /** Further headers. Those of the handshake, of framing, Server and Date are left out. */
  readonly headers?: QHttpHeaders | undefined;
}

/** Name, value, name, value, …, or why they cannot be sent, as a sentence. */
export type ResponseFields = { readonly fields: readonly string[] } | { readonly fault: string };

/**
 * The headers of the answer that opens a WebSocket, without those of HTTP/1.1 alone: they are the
 * same over every version of HTTP. In Qt's order.
 *
 * @returns what is wrong when a part holds a line break or another control character.
 */
export function responseFields(handshake: ServerHandshake): ResponseFields {
  const { subprotocol, extensions = '', serverName, date, headers } = handshake;
  const fields: string[] = [];
  if (extensions !== '') fields.push('Sec-WebSocket-Extensions', extensions);
  if (subprotocol !== '') fields.push('Sec-WebSocket-Protocol', subprotocol);
  if (serverName !== '') fields.push('Server', serverName);
  for (const [name, value] of headers ?? []) {
    if (!RESERVED.includes(name)) fields.push(name, value);
  }
  if (fields.some(hasLineBreak)) {
    return { fault: 'One of the headers contains a newline. Possible attack detected.' };
  }
  if (!fields.every(isFieldText)) {
    return { fault: 'One of the headers contains a control character.' };
  }
  fields.push('Date', dateOf(date));
  return { fields };
}

/**
 * The 101 of HTTP/1.1 (RFC 6455 §4.2.2) to a request with `key`, as Latin-1.
 *
 * Characters above U+00FF become `?`.
 *
 * @param fields those of {@link responseFields}.
 */
export function switchingResponse(key: string, fields: readonly string[]): string {
  return headText(`${SWITCHING}${acceptKey(key)}`, fields);
}

/**
 * The bytes of an answer that refuses, after which the server closes the connection (RFC 9110 §15).
 *
 * The detail is sent as plain text. A refusal without one is written as Qt does: its own headers and nothing more,
 * so that the end of the connection ends it.
 *
 * @param serverName left out when it is empty or cannot be sent.
 */
export function writeRefusal(refusal: Refusal, serverName: string, date: Date): Buffer {
  const { status, reason, detail, headers } = refusal;
  const startLine = `HTTP/1.1 ${status} ${reason}`;
  if (detail === '' && refusal.body === undefined) return writeHead(startLine, headers);

  const body = refusal.body ?? Buffer.from(`${detail}\n`);
  // Upgrade is a field for the next hop, which Connection has to name (RFC 9110 §7.8).
  const connection = headers.includes('Upgrade') ? 'Upgrade, close' : 'close';
  const fields = [...headers, 'Connection', connection];
  fields.push(...entityFields(body, headers, serverName, date));
  const head = writeHead(startLine, fields);
  return refusal.isHeadOnly === true ? head : Buffer.concat([head, body]);
}

/** The fields beside `headers` that describe the body of an answer, and who sends it when. */
export function entityFields(
  body: Uint8Array,
  headers: readonly string[],
  serverName: string,
  date: Date,
): string[] {
  const fields = serverName !== '' && isFieldText(serverName) ? ['Server', serverName] : [];
  fields.push('Date', dateOf(date));
  if (body.length > 0 && !hasContentType(headers)) {
    fields.push('Content-Type', 'text/plain; charset=utf-8');
  }
  fields.push('Content-Length', String(body.length));
  return fields;
}

function hasContentType(headers: readonly string[]): boolean {
  return headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type');
}

// A date has whole seconds, and a server answers many requests in one.
let lastSecond = NaN;
let lastDate = '';

/** `date` as HTTP writes it (RFC 9110 §5.6.7). */
function dateOf(date: Date): string {
  const second = Math.floor(date.getTime() / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastDate = date.toUTCString();
  }
  return lastDate;
}

/** What a client has asked for. */
export interface ExpectedResponse {
  /** The client's key. */
  readonly key: string;
  readonly subprotocols: readonly string[];
  /** The compression that was offered. */
  readonly deflate?: DeflateParameters | undefined;
}

/** Whether the WebSocket is open; if not, why not. */
export type ResponseVerdict =
  | {
      /** What the server chose; '' for none. */
      readonly subprotocol: string;
      /** The compression that the server has agreed to. */
      readonly deflate?: DeflateAgreement;
    }
  | {
      /** As in Qt's `errorString()`. */
      readonly failure: string;
      /** The HTTP status; 0 when the status line is broken. */
      readonly status: number;
    };

/**
 * Reads the answer to an upgrade request (RFC 6455 §4.1), checking in Qt's order.
 *
 * As in Qt, `Upgrade` must be `websocket` alone. `Connection` may be a list, and an extension is refused that has not
 * been asked for.
 */
export function readHandshakeResponse(head: HttpHead, expected: ExpectedResponse): ResponseVerdict {
  const line = readStatusLine(head.startLine);
  if (line === undefined) return { failure: STATUS_LINE_FAILED, status: 0 };

  return judge(head, line, expected, 101, () => checkSwitch(head, line, expected.key));
}

/** Reads the answer to a request for a stream of HTTP/2 (RFC 8441 §5): a 200 without a key. */
export function readStreamResponse(
  head: HttpHead,
  expected: Omit<ExpectedResponse, 'key'>,
): ResponseVerdict {
  const line = readStatusLine(head.startLine);
  if (line === undefined) return { failure: STATUS_LINE_FAILED, status: 0 };
  return judge(head, line, expected, 200, () => '');
}

/** @param check tells what is wrong with an answer of status `success`; '' when nothing is. */
function judge(
  head: HttpHead,
  line: StatusLine,
  expected: Omit<ExpectedResponse, 'key'>,
  success: number,
  check: () => string,
): ResponseVerdict {
  const { status } = line;
  const chosen = combinedValue(head, 'sec-websocket-protocol');
  // Our own text: the one of the head would keep all of that alive.
  const subprotocol = expected.subprotocols.find((name) => name === chosen) ?? '';
  if (subprotocol !== chosen) return { failure: notRequested('protocol', chosen), status };
  const failure =
    status === success
      ? check()
      : status === 400
        ? badRequestText(head)
        : `${PROCESS}Unhandled http status code: ${status} (${line.reason}).`;
  if (failure !== '') return { failure, status };
  const deflate = readExtensions(head, expected.deflate);
  if (deflate === undefined) return { subprotocol };
  return typeof deflate === 'string' ? { failure: deflate, status } : { subprotocol, deflate };
}

/** What is wrong with a 101; '' when nothing is. */
function checkSwitch(head: HttpHead, line: StatusLine, key: string): string {
  const accept = combinedValue(head, 'sec-websocket-accept');
  const upgrade = combinedValue(head, 'upgrade');
  const connection = combinedValue(head, 'connection');
  const isUpgrade =
    accept !== '' &&
    // As in Qt, 2.0 is too old as well.
    !line.version.includes('0') &&
    upgrade.toLowerCase() === 'websocket' &&
    hasToken([connection], 'upgrade');
  if (!isUpgrade) {
    return (
      'Invalid parameter encountered during protocol upgrade: ' +
      `Accept-key size: ${accept.length}, version: ${line.version}, ` +
      `upgrade: ${upgrade}, connection: ${connection}`
    );
  }
  if (accept !== acceptKey(key)) {
    return `Accept-Key received from server ${accept} does not match the client key ${key}.`;
  }
  return '';
}

/** What was agreed on, or what is wrong with the extensions of a 101. */
function readExtensions(
  head: HttpHead,
  offered: DeflateParameters | undefined,
): DeflateAgreement | undefined | string {
  const extensions = combinedValue(head, 'sec-websocket-extensions');
  if (extensions === '') return undefined;
  if (offered === undefined) return notRequested('extension', extensions);
  return readDeflateAnswer(extensions, offered);
}

function badRequestText(head: HttpHead): string {
  const versions = combinedValue(head, 'sec-websocket-version');
  if (versions === '' || splitList(versions).includes('13')) {
    return `${PROCESS}Unknown error condition encountered. Aborting connection.`;
  }
  return `Handshake: Server requests a version that we don't support: ${versions}.`;
}

function notRequested(kind: string, name: string): string {
  return `WebSocket server has chosen ${kind} ${name} which has not been requested`;
}
