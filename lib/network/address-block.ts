import { formatIPv4, formatIPv6, mappedIPv4, parseIPv6 } from './ip-address.ts';

/** In bytes: the first half of an IPv6 address names a network, the other a host (RFC 4291 §2.5.1). */
const NETWORK = 8;

/**
 * The block of addresses that belong to the same client as `address`, under a name that is the same
 * for all of them.
 *
 * That is the address alone, but of IPv6 the 64-bit network that it lies in: whoever has one of its
 * addresses has all of them (RFC 6177, RFC 8981). Link-local addresses are neighbours of one link.
 */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address;
  const bytes = parseIPv6(address);
  if (bytes === undefined || isLinkLocal(bytes)) return address;
  const mapped = mappedIPv4(bytes);
  if (mapped !== undefined) return formatIPv4(mapped);
  return `${formatIPv6(bytes.fill(0, NETWORK))}/64`;
}

/** Whether it lies in fe80::/10 (RFC 4291 §2.5.6). */
function isLinkLocal(bytes: Uint8Array): boolean {
  return bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}
