const NONE: readonly string[] = [];

/**
 * The values of those header fields of a request that have a meaning for its opening handshake (RFC 6455 §4.2.1),
 * in their order: a repeated name has several.
 */
export class HandshakeFields {
  host: readonly string[] = NONE;
  origin: readonly string[] = NONE;
  upgrade: readonly string[] = NONE;
  connection: readonly string[] = NONE;
  /** Of Sec-WebSocket-Key, and so on. */
  key: readonly string[] = NONE;
  version: readonly string[] = NONE;
  protocol: readonly string[] = NONE;
  extensions: readonly string[] = NONE;
  contentLength: readonly string[] = NONE;
  transferEncoding: readonly string[] = NONE;

  /** @param fields name, value, name, value, … */
  constructor(fields: readonly string[]) {
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const name = fields[i]!;
      // Most clients write names as the standards do; a lower-case copy of each costs more than to look twice.
      const place = PLACES.get(name) ?? PLACES.get(name.toLowerCase());
      if (place !== undefined) this[place] = added(this[place], fields[i + 1]!);
    }
  }
}

/** Where the values of a field go, by its name in lower case and as it is written in the standards. */
const PLACES = new Map<string, keyof HandshakeFields>();
for (const [name, place] of [
  ['Host', 'host'],
  ['Origin', 'origin'],
  ['Upgrade', 'upgrade'],
  ['Connection', 'connection'],
  ['Sec-WebSocket-Key', 'key'],
  ['Sec-WebSocket-Version', 'version'],
  ['Sec-WebSocket-Protocol', 'protocol'],
  ['Sec-WebSocket-Extensions', 'extensions'],
  ['Content-Length', 'contentLength'],
  ['Transfer-Encoding', 'transferEncoding'],
] as const) {
  PLACES.set(name, place).set(name.toLowerCase(), place);
}

function added(values: readonly string[], value: string): readonly string[] {
  return values.length === 0 ? [value] : [...values, value];
}
