import { parseIPv4, parseIPv6 } from '../network/ip-address.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { hasCredentials, type Credentials } from './credentials.ts';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const NOTHING_ACCEPTABLE = 0xff;
/** RFC 1929 §2. */
const LOGIN_VERSION = 1;
const CONNECT = 1;

const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** What an HTTP proxy begins its answer with. */
const LETTER_H = 0x48;

/** Bytes: every length on this wire is one byte. */
const MAX_TEXT = 255;

const NOTHING = Buffer.alloc(0);

const PROTOCOL_ERROR = 'SOCKS version 5 protocol error';

/** Where a {@link Socks5Handshake} leads. */
export interface Socks5Target {
  /** A name, or an IPv4 or IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where a {@link Socks5Handshake} tells what comes of it; at most one of the last three, once. */
export interface Socks5Sink {
  /** These bytes go to the proxy. */
  send(bytes: Buffer): void;
  /** The proxy passes on from here; `early` are the target's first bytes, a view into the chunk. */
  connected(early: Buffer): void;
  /** The proxy wants a user and a password, or others. */
  refused(): void;
  /** There will be no connection. `description` is Qt's, `detail` says what was found. */
  failed(error: SocketError, description: string, detail: string): void;
}

/**
 * A client's side of SOCKS 5 up to a connection to one target (RFC 1928, RFC 1929).
 *
 * As Qt, it offers one method: user and password when there are any, else none. Names go to the
 * proxy as they are, for it to resolve.
 */
export class Socks5Handshake {
  readonly #target: Socks5Target;
  readonly #credentials: Credentials;
  readonly #hasCredentials: boolean;
  readonly #sink: Socks5Sink;
  #held = NOTHING;
  #stage: Stage = Stage.Method;

  constructor(target: Socks5Target, credentials: Credentials, sink: Socks5Sink) {
    this.#target = target;
    this.#credentials = credentials;
    this.#hasCredentials = hasCredentials(credentials);
    this.#sink = sink;
  }

  /** Sends the greeting (RFC 1928 §3), or fails when the target does not fit into a request. */
  start(): void {
    if (!fits(this.#target.host)) {
      const detail = `a name takes at most ${MAX_TEXT} bytes`;
      this.#fail(SocketError.HostNotFoundError, 'Host not found', detail);
      return;
    }
    if (!fits(this.#credentials.user) || !fits(this.#credentials.password)) {
      const detail = `user and password take at most ${MAX_TEXT} bytes each`;
      const { ProxyAuthenticationRequiredError } = SocketError;
      this.#fail(ProxyAuthenticationRequiredError, 'Proxy authentication failed', detail);
      return;
    }
    const method = this.#hasCredentials ? USER_AND_PASSWORD : NO_AUTHENTICATION;
    this.#sink.send(Buffer.from([VERSION, 1, method]));
  }

  /** Takes the next bytes from the proxy; of those after the end, nothing. */
  push(chunk: Buffer): void {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#stage !== Stage.Done) {
      const length = replyLength(this.#stage, bytes);
      if (bytes.length < length) {
        // At most 261 bytes; a copy, so that no chunk is kept alive.
        this.#held = Buffer.from(bytes);
        return;
      }
      const reply = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      if (this.#stage === Stage.Method) this.#readMethod(reply);
      else if (this.#stage === Stage.Login) this.#readLogin(reply);
      else this.#readReply(reply, bytes);
    }
    this.#held = NOTHING;
  }

  /** RFC 1928 §3. */
  #readMethod(reply: Buffer): void {
    const [version, method] = reply;
    if (version !== VERSION) {
      this.#fail(SocketError.ProxyProtocolError, PROTOCOL_ERROR, ofVersion(version!));
    } else if (method === NO_AUTHENTICATION) {
      this.#request();
    } else if (method === NOTHING_ACCEPTABLE) {
      this.#refuse();
    } else if (method === USER_AND_PASSWORD && this.#hasCredentials) {
      this.#logIn();
    } else {
      this.#fail(
        SocketError.SocketAccessError,
        'Proxy authentication failed: Socks5 host did not support authentication method.',
        `it chose the method ${method}, which was not offered`,
      );
    }
  }

  /** RFC 1929 §2. */
  #readLogin(reply: Buffer): void {
    const [version, status] = reply;
    if (version === LOGIN_VERSION && status === 0) this.#request();
    else this.#refuse();
  }

  /** RFC 1928 §6. */
  #readReply(reply: Buffer, rest: Buffer): void {
    const [version, status, reserved] = reply;
    if (version !== VERSION) {
      this.#fail(SocketError.ProxyProtocolError, PROTOCOL_ERROR, ofVersion(version!));
    } else if (status !== 0) {
      const [error, description] = failureOf(status!, isName(this.#target.host));
      this.#fail(error, description, `reply ${status}`);
    } else if (reserved !== 0) {
      this.#fail(SocketError.ProxyProtocolError, PROTOCOL_ERROR, `reserved byte ${reserved}`);
    } else if (![IPV4, NAME, IPV6].includes(reply[3]!)) {
      this.#fail(SocketError.ProxyProtocolError, PROTOCOL_ERROR, `address type ${reply[3]}`);
    } else {
      this.#stage = Stage.Done;
      this.#sink.connected(rest);
    }
  }

  #logIn(): void {
    this.#stage = Stage.Login;
    const { user, password } = this.#credentials;
    const texts = Buffer.concat([withLength(user), withLength(password)]);
    this.#sink.send(Buffer.concat([Buffer.from([LOGIN_VERSION]), texts]));
  }

  #request(): void {
    this.#stage = Stage.Reply;
    const { host, port } = this.#target;
    const head = Buffer.from([VERSION, CONNECT, 0]);
    const end = Buffer.from([port >> 8, port & 0xff]);
    this.#sink.send(Buffer.concat([head, address(host), end]));
  }

  #refuse(): void {
    this.#stage = Stage.Done;
    this.#sink.refused();
  }

  #fail(error: SocketError, description: string, detail: string): void {
    this.#stage = Stage.Done;
    this.#sink.failed(error, description, detail);
  }
}

/** What is being waited for. */
const Stage = { Method: 0, Login: 1, Reply: 2, Done: 3 } as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** How long the reply is that `bytes` begin with, as far as they say. */
function replyLength(stage: Stage, bytes: Buffer): number {
  if (stage !== Stage.Reply || bytes.length < 2) return 2;
  // A refusal says all in two bytes, and some proxies then close at once.
  if (bytes[0] !== VERSION || bytes[1] !== 0) return 2;
  if (bytes.length < 5) return 5;
  if (bytes[3] === IPV4) return 4 + 4 + 2;
  if (bytes[3] === IPV6) return 4 + 16 + 2;
  if (bytes[3] === NAME) return 4 + 1 + bytes[4]! + 2;
  return 5;
}

/** What a reply that does not begin with 5 says of its sender. */
function ofVersion(version: number): string {
  return version === LETTER_H ? 'it speaks HTTP' : `version ${version}`;
}

/** Qt's error and text for a reply that refuses. */
function failureOf(status: number, isForName: boolean): [error: SocketError, description: string] {
  // Some proxies say so when they cannot resolve a name.
  if (isForName && (status === 1 || status === 2)) return HOST_NOT_FOUND;
  return (
    FAILURES.get(status) ?? [
      SocketError.UnknownSocketError,
      `Unknown SOCKSv5 proxy error code 0x${status.toString(16)}`,
    ]
  );
}

const HOST_NOT_FOUND: [SocketError, string] = [SocketError.HostNotFoundError, 'Host not found'];
const FAILURES = new Map<number, [SocketError, string]>([
  [1, [SocketError.NetworkError, 'General SOCKSv5 server failure']],
  [2, [SocketError.SocketAccessError, 'Connection not allowed by SOCKSv5 server']],
  [3, [SocketError.NetworkError, 'Network unreachable']],
  [4, HOST_NOT_FOUND],
  [5, [SocketError.ConnectionRefusedError, 'Connection refused']],
  [6, [SocketError.NetworkError, 'TTL expired']],
  [7, [SocketError.UnsupportedSocketOperationError, 'SOCKSv5 command not supported']],
  [8, [SocketError.UnsupportedSocketOperationError, 'Address type not supported']],
]);

function address(host: string): Buffer {
  const ipv4 = parseIPv4(host);
  if (ipv4 !== undefined) {
    const bytes = Buffer.alloc(5, IPV4);
    bytes.writeUInt32BE(ipv4, 1);
    return bytes;
  }
  const ipv6 = parseIPv6(host);
  if (ipv6 !== undefined) return Buffer.concat([Buffer.from([IPV6]), ipv6]);
  return Buffer.concat([Buffer.from([NAME]), withLength(host)]);
}

function isName(host: string): boolean {
  return parseIPv4(host) === undefined && parseIPv6(host) === undefined;
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= MAX_TEXT;
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
