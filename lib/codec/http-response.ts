import { hasToken, splitList } from './header-list.ts';
import type { HttpHead } from './http-head.ts';

/** What a status line says (RFC 9112 §4). */
export interface StatusLine {
  /** `major.minor`, a digit each. */
  readonly version: string;
  readonly status: number;
  /** The words behind the status; may be empty. */
  readonly reason: string;
}

/** Reads `HTTP/d.d ddd`, and a reason if there is one; undefined when the line has another form. */
export function readStatusLine(startLine: string): StatusLine | undefined {
  const matched = /^HTTP\/(\d\.\d) (\d{3})(?: |$)/.exec(startLine);
  if (matched === null) return undefined;
  const [start, version, status] = matched;
  return { version: version!, status: Number(status), reason: startLine.slice(start.length) };
}

/** Whether `startLine` is what {@link readStatusLine} can read. */
export function isStatusLine(startLine: string): boolean {
  return readStatusLine(startLine) !== undefined;
}

/** Whether another head follows `head` as the answer to the same request (RFC 9110 §15.2): 1xx, but not 101. */
export function isInterim(head: HttpHead): boolean {
  const status = readStatusLine(head.startLine)?.status ?? 0;
  return status >= 100 && status < 200 && status !== 101;
}

/** The values of all fields of `name`, given in lower case, in their order. */
export function fieldValues(head: HttpHead, name: string): string[] {
  return head.fields.filter((_, i) => i % 2 === 1 && head.fields[i - 1]!.toLowerCase() === name);
}

/** The values of all fields of `name`, given in lower case, as one list; '' when there is none. */
export function combinedValue(head: HttpHead, name: string): string {
  return fieldValues(head, name).join(', ');
}

/**
 * How many bytes follow `head` before the connection can be used again (RFC 9112 §6.3, §9.3).
 *
 * @returns undefined when it cannot: it is going to be closed, or the end of the body is not
 * announced by one Content-Length.
 */
export function bytesBeforeReuse(head: HttpHead): number | undefined {
  if (readStatusLine(head.startLine)?.version !== '1.1') return undefined;
  if (hasToken(fieldValues(head, 'connection'), 'close')) return undefined;
  // Not in any standard, but what proxies say.
  if (hasToken(fieldValues(head, 'proxy-connection'), 'close')) return undefined;
  if (fieldValues(head, 'transfer-encoding').length > 0) return undefined;

  const lengths = fieldValues(head, 'content-length').flatMap(splitList);
  const [length] = lengths;
  if (length === undefined || !/^\d{1,15}$/.test(length)) return undefined;
  return lengths.every((other) => other === length) ? Number(length) : undefined;
}
