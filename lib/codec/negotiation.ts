import { isToken, splitList } from './header-list.ts';

/** The subprotocols to ask for, and what was left out because it is no name. */
export interface RequestedSubprotocols {
  readonly names: string[];
  readonly ignored: string[];
}

/** Whether `name` can name a subprotocol: a token of printable ASCII without separators (RFC 6455 §4.1). */
export function isSubprotocolName(name: string): boolean {
  return isToken(name);
}

/** The first of the client's subprotocols that the server supports, as in Qt; '' when there is none. */
export function chooseSubprotocol(
  offered: readonly string[],
  supported: readonly string[],
): string {
  if (supported.length === 0) return '';
  const known = new Set(supported);
  return offered.find((name) => known.has(name)) ?? '';
}

/**
 * The subprotocols a client asks for, as Qt puts them together: those of its options, then those of a raw
 * `Sec-WebSocket-Protocol` header that the options do not name.
 *
 * Each name once (RFC 6455 §4.1, item 10); what is no name is left out.
 *
 * @param rawHeader the values of the header, each of them a comma-separated list.
 */
export function requestedSubprotocols(
  options: readonly string[],
  rawHeader: readonly string[],
): RequestedSubprotocols {
  const names: string[] = [];
  const ignored: string[] = [];
  for (const name of new Set([...options, ...rawHeader.flatMap(splitList)])) {
    (isSubprotocolName(name) ? names : ignored).push(name);
  }
  return { names, ignored };
}
