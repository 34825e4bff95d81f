import { withoutSecrets } from '../network/failure-text.ts';
import type { TopicBroker } from '../websockets/topic-broker.ts';
import { messageOf } from './remote-broker.ts';
import { secretsOf } from './url-secrets.ts';

/** How to use a broker. */
export interface TopicBrokerOptions {
  /**
   * What the names of ours begin with there, so that programs can share a broker without hearing each
   * other: letters, digits, `-` and `_`, up to 64. `qwebsockets` unless given.
   */
  readonly prefix?: string;
  /** How long the first connection may take, in milliseconds; 5,000 unless given. */
  readonly timeout?: number;
}

const DEFAULT_PREFIX = 'qwebsockets';
const DEFAULT_TIMEOUT_MS = 5_000;

/** What each scheme stands for. */
const KINDS: Readonly<Record<string, 'nats' | 'redis'>> = {
  'nats:': 'nats',
  'tls:': 'nats',
  'redis:': 'redis',
  'rediss:': 'redis',
};

/**
 * Connects to a broker that carries topics between processes (not in Qt): for
 * `QWebSocketServer.setTopicBroker()`.
 *
 * `nats://` and, over TLS, `tls://` need NATS 2.9 or later with JetStream, and the packages
 * `@nats-io/transport-node` and `@nats-io/kv`; `redis://` and, over TLS, `rediss://` need Redis 6.2 or
 * later and the package `redis`. They are loaded when their URL is given, and are yours to install.
 *
 * When the connection is lost later, it comes back by itself, however long that takes.
 *
 * @param url may have a user and a password, or a token as user for NATS.
 * @throws TypeError when `url` is none of these, RangeError for options beyond their limits, and Error
 * when a package is missing or the broker cannot be used; none of them tells the password.
 */
export async function connectTopicBroker(
  url: string,
  options: TopicBrokerOptions = {},
): Promise<TopicBroker> {
  const { prefix = DEFAULT_PREFIX, timeout = DEFAULT_TIMEOUT_MS } = options;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const kind = KINDS[parsed?.protocol ?? ''];
  if (parsed === undefined || kind === undefined || parsed.host === '') {
    throw new TypeError('The URL of a broker begins with nats://, tls://, redis:// or rediss://.');
  }
  if (!/^[\w-]{1,64}$/.test(prefix)) {
    throw new RangeError('A prefix has 1 to 64 letters, digits, "-" and "_".');
  }
  if (!(timeout > 0 && timeout <= 2 ** 31 - 1)) {
    throw new RangeError('The timeout must be above 0 ms, and at most 2147483647.');
  }
  const connect = kind === 'nats' ? await loadNats() : await loadRedis();
  try {
    return await connect(url, prefix, timeout);
  } catch (error) {
    const told = messageOf(error);
    const reason = withoutSecrets(told, secretsOf(url));
    const text = `The broker ${parsed.protocol}//${parsed.host} cannot be used: ${reason}`;
    // Redis before 6 repeats the whole login, which it does not understand.
    throw reason === told ? new Error(text, { cause: error }) : new Error(text);
  }
}

type Connect = (url: string, prefix: string, timeout: number) => Promise<TopicBroker>;

async function loadNats(): Promise<Connect> {
  const packages = '@nats-io/transport-node @nats-io/kv';
  const { NatsBroker } = await installed(() => import('./nats-broker.ts'), packages);
  return (url, prefix, timeout) => NatsBroker.connect(url, prefix, timeout);
}

async function loadRedis(): Promise<Connect> {
  const { RedisBroker } = await installed(() => import('./redis-broker.ts'), 'redis');
  return (url, prefix, timeout) => RedisBroker.connect(url, prefix, timeout);
}

async function installed<T>(load: () => Promise<T>, packages: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`This broker needs: npm install ${packages}`, { cause: error });
  }
}
