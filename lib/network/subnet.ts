import { mappedIPv4, parseIPv4, parseIPv6 } from './ip-address.ts';

/** The addresses whose first `length` bits are those of `address`. */
export interface Subnet {
  /** 4 or 16 bytes, as {@link addressBytes} gives them. */
  readonly address: Uint8Array;
  readonly length: number;
}

// In bits: what an IPv4 address has in front of it as one of IPv6.
const MAPPED_PREFIX = 96;

/**
 * Reads `192.0.2.1`, `2001:db8::1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0` or `fd00::/8`, as
 * QHostAddress::parseSubnet(), but not its shortened forms of IPv4. Bits behind the length do not
 * count. IPv4 mapped into IPv6 is IPv4.
 *
 * @returns undefined for other texts.
 */
export function parseSubnet(text: string): Subnet | undefined {
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const address = addressBytes(host);
  if (address === undefined) return undefined;
  const bits = 8 * address.length;
  if (slash < 0) return { address, length: bits };

  const isDotted = !host.includes(':');
  const written = readLength(text.slice(slash + 1), isDotted);
  const length = bits === 32 && !isDotted ? written - MAPPED_PREFIX : written;
  return length >= 0 && length <= bits ? { address, length } : undefined;
}

/** Whether `address`, as {@link addressBytes} gives it, lies in `subnet`. */
export function isInSubnet(address: Uint8Array, subnet: Subnet): boolean {
  const base = subnet.address;
  if (address.length !== base.length) return false;
  const whole = subnet.length >> 3;
  for (let i = 0; i < whole; i++) if (address[i] !== base[i]) return false;
  const shift = 8 - (subnet.length & 7);
  return shift === 8 || address[whole]! >> shift === base[whole]! >> shift;
}

/** The 4 bytes of an IPv4 address, also of one mapped into IPv6, or the 16 of another; else undefined. */
export function addressBytes(text: string): Uint8Array | undefined {
  const ipv6 = text.includes(':') ? parseIPv6(text) : undefined;
  const ipv4 = ipv6 === undefined ? parseIPv4(text) : mappedIPv4(ipv6);
  if (ipv4 === undefined) return ipv6;
  return Uint8Array.of(ipv4 >>> 24, ipv4 >>> 16, ipv4 >>> 8, ipv4);
}

/** A number of bits, or a netmask of IPv4; NaN for what is neither. */
function readLength(text: string, mayBeMask: boolean): number {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  const mask = mayBeMask ? parseIPv4(text) : undefined;
  if (mask === undefined) return Number.NaN;
  const length = Math.clz32(~mask);
  // Nothing but zeros may follow the first one.
  return length === 32 || mask << length === 0 ? length : Number.NaN;
}
