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
    for (let i = 0; i + 1 < fields.length; i += 2) this.#add(fields[i]!, fields[i + 1]!);
  }

  #add(name: string, value: string): void {
    switch (name.toLowerCase()) {
      case 'host':
        this.host = added(this.host, value);
        break;
      case 'origin':
        this.origin = added(this.origin, value);
        break;
      case 'upgrade':
        this.upgrade = added(this.upgrade, value);
        break;
      case 'connection':
        this.connection = added(this.connection, value);
        break;
      case 'sec-websocket-key':
        this.key = added(this.key, value);
        break;
      case 'sec-websocket-version':
        this.version = added(this.version, value);
        break;
      case 'sec-websocket-protocol':
        this.protocol = added(this.protocol, value);
        break;
      case 'sec-websocket-extensions':
        this.extensions = added(this.extensions, value);
        break;
      case 'content-length':
        this.contentLength = added(this.contentLength, value);
        break;
      case 'transfer-encoding':
        this.transferEncoding = added(this.transferEncoding, value);
        break;
      default:
    }
  }
}

function added(values: readonly string[], value: string): readonly string[] {
  return values.length === 0 ? [value] : [...values, value];
}
