import { addressBytes, isInSubnet } from './subnet.ts';

/**
 * Whether the list in `NO_PROXY` names a host, so that it is reached without a proxy.
 *
 * The entries are separated by commas or white space:
 *
 * - `*`: every host;
 * - a name: that host and all below it; a leading `.` or `*.` changes nothing;
 * - an IPv4 or IPv6 address, IPv6 with or without brackets;
 * - a network: `10.0.0.0/8`, `fd00::/8`.
 *
 * All but networks may have a port: `example.com:8080`, `[::1]:8080`; then only that port is meant.
 * Case and a dot at the end do not count, and an IPv4 address equals its form in IPv6. What is none
 * of these names nothing. Names are not resolved.
 *
 * @param host without brackets.
 */
export function bypassesProxy(host: string, port: number, list: string): boolean {
  const name = normalName(host);
  if (name === '') return false;
  const address = parseAddress(name);
  return list
    .split(/[\s,]/)
    .some((entry) => entry !== '' && matches(entry.toLowerCase(), name, address, port));
}

function matches(
  entry: string,
  name: string,
  address: Uint8Array | undefined,
  port: number,
): boolean {
  if (entry === '*') return true;
  const slash = entry.indexOf('/');
  if (slash >= 0) return isWithin(address, entry.slice(0, slash), entry.slice(slash + 1));

  const { host, wantedPort } = splitPort(entry);
  if (wantedPort !== undefined && wantedPort !== String(port)) return false;
  const isAboutNames = address === undefined && parseAddress(host) === undefined;
  if (!isAboutNames) return isWithin(address, host, '');
  const domain = normalName(host.replace(/^\*?\./, ''));
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** Cuts `:port` off; an address of IPv6 has one only behind brackets. */
function splitPort(entry: string): { host: string; wantedPort: string | undefined } {
  const colon = entry.lastIndexOf(':');
  const isIPv6 = entry.indexOf(':') !== colon && !entry.includes(']:');
  if (colon < 0 || isIPv6) return { host: entry, wantedPort: undefined };
  return { host: entry.slice(0, colon), wantedPort: entry.slice(colon + 1) };
}

/** Whether the first bits of both addresses are the same; all bits without a length. */
function isWithin(address: Uint8Array | undefined, network: string, length: string): boolean {
  const base = parseAddress(network);
  if (address === undefined || base === undefined || address.length !== base.length) return false;
  if (length !== '' && !/^[0-9]{1,3}$/.test(length)) return false;
  const bits = length === '' ? 8 * base.length : Number(length);
  if (bits > 8 * base.length) return false;
  return isInSubnet(address, { address: base, length: bits });
}

/** 4 or 16 bytes; undefined for a name. */
function parseAddress(text: string): Uint8Array | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return addressBytes(bare);
}

function normalName(name: string): string {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
}
