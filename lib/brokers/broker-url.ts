/** What the URL of a broker says. */
export interface BrokerUrl {
  readonly kind: 'nats' | 'redis';
  readonly isSecure: boolean;
  /** One or, of NATS, several. */
  readonly hosts: readonly BrokerHost[];
  /** '' without one. */
  readonly user: string;
  /** '' without one. */
  readonly password: string;
  /** The number of the database of Redis. */
  readonly database: number;
  /** What may be shown: neither user nor password. */
  readonly shown: string;
}

/** Where a broker listens. */
export interface BrokerHost {
  /** A name or an address, that of IPv6 without brackets. */
  readonly name: string;
  readonly port: number;
}

interface Scheme {
  readonly kind: 'nats' | 'redis';
  readonly isSecure: boolean;
  readonly port: number;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  'nats:': { kind: 'nats', isSecure: false, port: 4222 },
  'tls:': { kind: 'nats', isSecure: true, port: 4222 },
  'redis:': { kind: 'redis', isSecure: false, port: 6379 },
  'rediss:': { kind: 'redis', isSecure: true, port: 6379 },
};

/** Schemes of others that look as if they would do. */
const NOT_SUPPORTED: readonly [schemes: RegExp, advice: string][] = [
  [
    /^redis(?:s|i)?[+-](?:sentinel|cluster):/i,
    'Redis Sentinel and Redis Cluster are not supported: give the URL of the primary, redis:// or rediss://.',
  ],
  [/^wss?:/i, 'WebSockets to NATS are not supported: its own port takes nats:// or tls://.'],
  [/^unix:/i, 'Redis at a Unix-domain socket is not supported: give a redis:// URL with a port.'],
];

const FORM = 'The URL of a broker begins with nats://, tls://, redis:// or rediss://.';
const ESCAPES =
  'Characters of a password that mean something in a URL, such as "@", "/", "?", "#", "%" and ",", are written as encodeURIComponent() does.';

/**
 * Reads the URL of a broker. Of NATS it may name several servers of one cluster, as
 * `nats://one:4222,two:4222` or with the scheme before each.
 *
 * @throws TypeError which tells what to do, and nothing of what may be a password.
 */
export function parseBrokerUrl(url: string): BrokerUrl {
  const scheme = SCHEMES[/^[a-z][a-z\d+.-]*:(?=\/\/)/i.exec(url)?.[0].toLowerCase() ?? ''];
  if (scheme === undefined) {
    const advice = NOT_SUPPORTED.find(([schemes]) => schemes.test(url))?.[1];
    throw new TypeError(advice ?? FORM);
  }
  const parts = partsOf(url);
  const { protocol, username, password, pathname } = parts[0]!;
  for (const part of parts) {
    if (part.protocol !== protocol) {
      throw new TypeError('All servers of a broker have the same scheme.');
    }
    const isOther = part.username !== username || part.password !== password;
    if (isOther && part.username + part.password !== '') {
      throw new TypeError(`All servers of a broker take the same user and password. ${ESCAPES}`);
    }
    if (part.search !== '' || part.hash !== '') {
      throw new TypeError(`The URL of a broker ends behind its host. ${ESCAPES}`);
    }
  }
  if (scheme.kind === 'redis' && parts.length > 1) {
    throw new TypeError('Redis has one host here: give the URL of the primary.');
  }
  if (scheme.kind === 'nats') {
    if (parts.some((part) => part.pathname !== '' && part.pathname !== '/')) {
      throw new TypeError(`The URL of NATS ends behind its hosts. ${ESCAPES}`);
    }
    if (username === '' && password !== '') {
      throw new TypeError('NATS takes a user and a password, or a token in the place of the user.');
    }
  }
  return {
    kind: scheme.kind,
    isSecure: scheme.isSecure,
    hosts: parts.map(({ hostname, port }) => ({
      name: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? scheme.port : Number(port),
    })),
    user: decoded(username),
    password: decoded(password),
    database: databaseOf(scheme.kind, pathname),
    shown: `${protocol}//${parts.map(({ host }) => host).join(',')}`,
  };
}

/**
 * What nobody is to read of a URL, as it is sent and as it may be written: the password or, without
 * one, the user, which NATS takes for a token.
 */
export function secretsOf({ user, password }: BrokerUrl): string[] {
  const secret = password === '' ? user : password;
  return [secret, encodeURIComponent(secret)];
}

/** A URL for each server. What is no list may be a password with a comma. */
function partsOf(url: string): URL[] {
  const start = url.slice(0, url.indexOf('//') + 2);
  const list = url.split(',').map((part) => (part.includes('//') ? part : `${start}${part}`));
  const urls = list.every((part) => URL.canParse(part)) ? list : [url];
  if (!urls.every((part) => URL.canParse(part))) {
    throw new TypeError(`The URL of the broker cannot be read. ${ESCAPES}`);
  }
  return urls.map((part) => checked(new URL(part)));
}

function checked(part: URL): URL {
  if (part.hostname === '') throw new TypeError(`The URL of the broker names no host. ${ESCAPES}`);
  return part;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TypeError(`The user or the password of the broker cannot be read. ${ESCAPES}`);
  }
}

function databaseOf(kind: 'nats' | 'redis', pathname: string): number {
  if (kind === 'nats' || pathname === '' || pathname === '/') return 0;
  if (!/^\/\d{1,9}$/.test(pathname)) {
    throw new TypeError(`Behind the host of Redis comes the number of a database. ${ESCAPES}`);
  }
  return Number(pathname.slice(1));
}
