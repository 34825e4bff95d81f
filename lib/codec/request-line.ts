import { isToken } from './header-list.ts';
import { badRequest, isRefusal, refuse, type Refusal } from './refusal.ts';

/** What a good request line says besides `GET` and `HTTP/1.1`. */
export interface RequestLine {
  /** The request target as written. */
  readonly target: string;
}

// What nearly every client sends, and checkRequestLine() has nothing against.
const USUAL_LINE = /^GET [!"$-~]+ HTTP\/1\.1$/;

/** Reads `GET target HTTP/d.d` with one space between its parts (RFC 9112 §3), or tells what to answer to another line. */
export function readRequestLine(line: string): RequestLine | Refusal {
  if (USUAL_LINE.test(line)) return { target: line.slice('GET '.length, -' HTTP/1.1'.length) };
  const [method = '', target = '', version = '', ...others] = line.split(' ', 4);
  if (others.length > 0) return badRequest('The request line has more than three parts.');
  return checkRequestLine(method, target, version) ?? { target };
}

/** Whether `line` is what {@link readRequestLine} can read. */
export function isRequestLine(line: string): boolean {
  return USUAL_LINE.test(line) || !isRefusal(readRequestLine(line));
}

/**
 * What is wrong with a request line that has been taken apart.
 *
 * @param httpVersion as it is written: `HTTP/1.1`.
 */
export function checkRequestLine(
  method: string,
  target: string,
  httpVersion: string,
): Refusal | undefined {
  const version = readHttpVersion(httpVersion);
  // A fragment is no part of a target (RFC 9112 §3.2, RFC 6455 §3).
  if (!isToken(method) || !isVisible(target) || target.includes('#') || version === undefined) {
    return badRequest('The request line is malformed.');
  }
  if (method !== 'GET') {
    const detail = 'Only GET opens a WebSocket.';
    const refusal = refuse(405, 'Method Not Allowed', detail, ['Allow', 'GET']);
    return method === 'HEAD' ? { ...refusal, isHeadOnly: true } : refusal;
  }
  if (version < 11) {
    return refuse(505, 'HTTP Version Not Supported', 'A WebSocket is opened over HTTP/1.1.');
  }
  return undefined;
}

/** Whether `text` is one or more visible ASCII characters. */
export function isVisible(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return text !== '';
}

/** Major and minor version as one number of two digits. */
function readHttpVersion(text: string): number | undefined {
  const matched = /^HTTP\/(\d)\.(\d)$/.exec(text);
  return matched === null ? undefined : 10 * Number(matched[1]) + Number(matched[2]);
}
