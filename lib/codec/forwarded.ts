import type { Endpoint } from '../network/endpoint.ts';
import { ForwardedHeader } from '../network/forwarded-header.ts';
import { formatIPv6, parseIPv4, parseIPv6 } from '../network/ip-address.ts';
import { elementsFromTheRight, parseParameter, splitElement } from './header-list.ts';
import { hostOf } from './request-url.ts';

// More proxies than stand behind each other anywhere.
const MAX_HOPS = 32;

// `[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:_` and more of a name than anybody needs.
const LONGEST_NODE = 128;

/** An address of IPv4 or, in brackets, of IPv6, and behind a colon the port or a name for it. */
const NODE = /^(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])(?::(?:([0-9]{1,5})|_[\w.-]+))?$/;

/** What trusted proxies say of a request that they have passed on. */
export interface ForwardedRequest {
  /** Who has asked the first of them; the last of whom they know, where they do not say. */
  readonly peer: Endpoint;
  /** Whether they were asked by `wss:`; undefined where they do not say. */
  readonly isSecure: boolean | undefined;
  /** The Host that they were asked for; undefined where they do not say. */
  readonly authority: string | undefined;
}

/**
 * Follows a request back through proxies, by what each has added to the right of what it was given.
 *
 * Only so is it safe: anybody may have written what stands to the left of what the first trusted
 * proxy has added. Nobody is believed of whom `trusts` says no; then it ends, and also where a proxy
 * hides whom it speaks for, or writes what is no address.
 *
 * @param fields name, value, name, value, …
 * @param peer who has brought the request.
 */
export function readForwarded(
  fields: readonly string[],
  header: ForwardedHeader,
  peer: Endpoint,
  trusts: (address: string) => boolean,
): ForwardedRequest {
  const isBelieved = header !== ForwardedHeader.None && trusts(peer.address);
  if (!isBelieved) return { peer, isSecure: undefined, authority: undefined };
  return header === ForwardedHeader.Forwarded
    ? readStandard(valuesOf(fields, 'forwarded'), peer, trusts)
    : readCustomary(fields, peer, trusts);
}

/** RFC 7239 §4: each element is one proxy's, and has all that it says. */
function readStandard(
  lists: readonly string[],
  from: Endpoint,
  trusts: (address: string) => boolean,
): ForwardedRequest {
  let peer = from;
  let said: ReadonlyMap<string, string> | undefined;
  let hops = 0;
  for (const element of elementsFromTheRight(lists)) {
    const pairs = readPairs(element);
    said = pairs;
    const node = readNode(pairs?.get('for') ?? '');
    if (node === undefined) break;
    peer = node;
    if (++hops === MAX_HOPS || !trusts(peer.address)) break;
  }
  return {
    peer,
    isSecure: isSecureProtocol(said?.get('proto')),
    authority: validAuthority(said?.get('host')),
  };
}

/** Three lists, whose elements belong together by their place, counted from the right. */
function readCustomary(
  fields: readonly string[],
  from: Endpoint,
  trusts: (address: string) => boolean,
): ForwardedRequest {
  let peer = from;
  let hops = 0;
  for (const element of elementsFromTheRight(valuesOf(fields, 'x-forwarded-for'))) {
    hops++;
    const node = readNode(element);
    if (node === undefined) break;
    peer = node;
    if (hops === MAX_HOPS || !trusts(peer.address)) break;
  }
  return {
    peer,
    isSecure: isSecureProtocol(fromTheRight(valuesOf(fields, 'x-forwarded-proto'), hops)),
    authority: validAuthority(fromTheRight(valuesOf(fields, 'x-forwarded-host'), hops)),
  };
}

/** The element that stands so far from the right; of fewer, as proxies pass on what they were told, the first. */
function fromTheRight(lists: readonly string[], place: number): string | undefined {
  let found: string | undefined;
  let count = 0;
  for (const element of elementsFromTheRight(lists)) {
    found = element;
    if (++count >= place) break;
  }
  return found;
}

function valuesOf(fields: readonly string[], wanted: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i]!.toLowerCase() === wanted) values.push(fields[i + 1]!);
  }
  return values;
}

/** The parameters of an element by their names in lower case; undefined when one is malformed or there twice. */
function readPairs(element: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const text of splitElement(element)) {
    if (text === '') continue;
    const parameter = parseParameter(text);
    const name = parameter?.name.toLowerCase();
    if (parameter?.value === undefined || name === undefined || pairs.has(name)) return undefined;
    pairs.set(name, parameter.value);
  }
  return pairs;
}

/** An address and perhaps a port (RFC 7239 §6); undefined for `unknown`, hidden names and what is neither. */
function readNode(text: string): Endpoint | undefined {
  if (text.length > LONGEST_NODE) return undefined;
  // Without brackets there is no room for a port.
  const bare = parseIPv6(text);
  if (bare !== undefined) return { address: formatIPv6(bare), port: 0 };
  const [, ipv4, ipv6, digits = '0'] = NODE.exec(text) ?? [];
  const port = Number(digits);
  if (port > 65_535) return undefined;
  if (ipv4 !== undefined)
    return parseIPv4(ipv4) === undefined ? undefined : { address: ipv4, port };
  const bytes = ipv6 === undefined ? undefined : parseIPv6(ipv6);
  return bytes === undefined ? undefined : { address: formatIPv6(bytes), port };
}

function isSecureProtocol(name: string | undefined): boolean | undefined {
  const lower = name?.toLowerCase();
  if (lower === 'https' || lower === 'wss') return true;
  return lower === 'http' || lower === 'ws' ? false : undefined;
}

function validAuthority(text: string | undefined): string | undefined {
  return text === undefined || hostOf(text) === undefined ? undefined : text;
}
