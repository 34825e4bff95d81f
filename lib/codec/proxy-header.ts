import type { Endpoint } from '../network/endpoint.ts';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../network/ip-address.ts';

// Version 2 begins with the signature; then come version and command, family and transport, and the
// length of the rest.
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const FIXED_PART = 16;

const LOCAL = 0x20;
const PROXY = 0x21;

const INET = 1;
const INET6 = 2;
const LAST_FAMILY = 3;
const LAST_TRANSPORT = 2;

// Version 1 is a line, of 107 bytes at most.
const WORD = Buffer.from('PROXY ');
const LONGEST_LINE = 107;
const LINE =
  /^PROXY TCP([46]) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})$/;
const UNKNOWN = /^PROXY UNKNOWN(?: .*)?$/;

const NOTHING = Buffer.alloc(0);

/** Between whom the proxy passes bytes on. */
export interface ProxiedEnds {
  /** Who has connected to the proxy. */
  readonly peer: Endpoint;
  /** Where to. */
  readonly local: Endpoint;
}

/** What a {@link ProxyHeaderReader} has found. */
export type ProxyHeaderResult =
  | {
      /** undefined when the proxy speaks for itself, or does not know: what counts are the ends of the connection. */
      readonly ends: ProxiedEnds | undefined;
      /** What has followed the header, a view into the last chunk. */
      readonly rest: Buffer;
    }
  /** What was found instead, in a few words. */
  | { readonly fault: string };

/** A header whose addresses are there. */
interface Head {
  readonly ends: ProxiedEnds | undefined;
  /** How many bytes it has so far, and how many are to be skipped behind them. */
  readonly size: number;
  readonly tail: number;
}

/**
 * Reads the header of the PROXY protocol, version 1 or 2, at the beginning of a connection.
 *
 * What follows the addresses in version 2, up to 65,535 bytes, is skipped and not kept, whatever it
 * is: at most 107 bytes are held. Addresses of Unix-domain sockets count as unknown.
 *
 * @see https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
 */
export class ProxyHeaderReader {
  #held = NOTHING;
  #head: Head | undefined;
  #tail = 0;

  /** Takes the next bytes, until there is a result; undefined while there is none. */
  push(chunk: Buffer): ProxyHeaderResult | undefined {
    if (this.#head !== undefined) return this.#skip(this.#head, chunk, 0);
    const before = this.#held.length;
    const bytes = Buffer.concat([this.#held, chunk.subarray(0, LONGEST_LINE - before)]);
    const head = readHead(bytes);
    if (head === undefined) {
      this.#held = bytes;
      return undefined;
    }
    if ('fault' in head) return head;
    this.#head = head;
    this.#held = NOTHING;
    this.#tail = head.tail;
    return this.#skip(head, chunk, head.size - before);
  }

  #skip({ ends }: Head, chunk: Buffer, from: number): ProxyHeaderResult | undefined {
    const skipped = Math.min(this.#tail, chunk.length - from);
    this.#tail -= skipped;
    return this.#tail > 0 ? undefined : { ends, rest: chunk.subarray(from + skipped) };
  }
}

/** undefined while there is too little of it. */
function readHead(bytes: Buffer): Head | { fault: string } | undefined {
  if (startsLike(bytes, SIGNATURE)) return readBinary(bytes);
  if (startsLike(bytes, WORD)) return readLine(bytes);
  return { fault: 'no PROXY header' };
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

/** Section 2.2 of the specification. */
function readBinary(bytes: Buffer): Head | { fault: string } | undefined {
  if (bytes.length < FIXED_PART) return undefined;
  const command = bytes[12]!;
  if (command !== LOCAL && command !== PROXY) {
    return { fault: `version and command 0x${command.toString(16)}` };
  }
  const family = bytes[13]! >> 4;
  const transport = bytes[13]! & 0xf;
  const length = bytes.readUInt16BE(14);
  if (command === LOCAL) return { ends: undefined, size: FIXED_PART, tail: length };
  if (family > LAST_FAMILY || transport > LAST_TRANSPORT) {
    return { fault: `family and transport 0x${bytes[13]!.toString(16)}` };
  }
  const width = transport === 0 ? 0 : family === INET ? 4 : family === INET6 ? 16 : 0;
  if (width === 0) return { ends: undefined, size: FIXED_PART, tail: length };

  const addresses = 2 * width + 4;
  if (length < addresses) return { fault: `a length of ${length}` };
  const size = FIXED_PART + addresses;
  if (bytes.length < size) return undefined;
  const ports = FIXED_PART + 2 * width;
  const peer = { address: addressAt(bytes, FIXED_PART, width), port: bytes.readUInt16BE(ports) };
  const local = {
    address: addressAt(bytes, FIXED_PART + width, width),
    port: bytes.readUInt16BE(ports + 2),
  };
  return { ends: { peer, local }, size, tail: length - addresses };
}

function addressAt(bytes: Buffer, at: number, width: 4 | 16): string {
  return width === 4
    ? formatIPv4(bytes.readUInt32BE(at))
    : formatIPv6(Uint8Array.from(bytes.subarray(at, at + width)));
}

/** Section 2.1. */
function readLine(bytes: Buffer): Head | { fault: string } | undefined {
  const end = bytes.indexOf('\r\n');
  if (end < 0 && bytes.length < LONGEST_LINE) return undefined;
  const text = bytes.toString('latin1', 0, Math.max(end, 0));
  const size = end + 2;
  if (UNKNOWN.test(text)) return { ends: undefined, size, tail: 0 };
  const [, version, source = '', target = '', sourcePort, targetPort] = LINE.exec(text) ?? [];
  const peer = { address: canonical(source, version), port: Number(sourcePort) };
  const local = { address: canonical(target, version), port: Number(targetPort) };
  const isGood = peer.address !== '' && local.address !== '';
  return isGood && peer.port <= 65_535 && local.port <= 65_535
    ? { ends: { peer, local }, size, tail: 0 }
    : { fault: 'a malformed line' };
}

/** The address as we write it; '' for what is none of that version of IP. */
function canonical(text: string, version: string | undefined): string {
  if (version === '4') return parseIPv4(text) === undefined ? '' : text;
  const bytes = parseIPv6(text);
  return bytes === undefined ? '' : formatIPv6(bytes);
}
