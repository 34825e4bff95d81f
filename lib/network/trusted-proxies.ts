import { addressBytes, isInSubnet, parseSubnet, type Subnet } from './subnet.ts';

// nginx's word for it.
const LOCAL = 'unix:';

/** The proxies that are believed when they say whom a connection comes from. */
export class TrustedProxies {
  readonly #entries: readonly string[];
  readonly #subnets: readonly Subnet[];
  readonly #areLocalTrusted: boolean;

  /**
   * @param entries as {@link parseSubnet} reads them, or `unix:` for peers without an address.
   * @throws TypeError for others.
   */
  constructor(entries: readonly string[]) {
    this.#entries = [...entries];
    this.#areLocalTrusted = entries.includes(LOCAL);
    this.#subnets = entries.filter((entry) => entry !== LOCAL).map(subnetOf);
  }

  /** As they were given. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Whether a peer with this address is one of them; '' for a peer that has none. */
  trusts(address: string): boolean {
    if (address === '') return this.#areLocalTrusted;
    const bytes = addressBytes(withoutScope(address));
    return bytes !== undefined && this.#subnets.some((subnet) => isInSubnet(bytes, subnet));
  }
}

function subnetOf(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined) {
    throw new TypeError(`"${text}" is no numeric address or subnet, and not "${LOCAL}".`);
  }
  return subnet;
}

/** Link-local addresses come with their interface (RFC 4007 §11). */
function withoutScope(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}
