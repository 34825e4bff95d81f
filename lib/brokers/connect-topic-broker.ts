import { withoutSecrets } from '../network/failure-text.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { TopicBroker } from '../websockets/topic-broker.ts';
import { parseBrokerUrl, secretsOf, type BrokerUrl } from './broker-url.ts';
import { messageOf } from './remote-broker.ts';

/** How to use a broker. */
export interface TopicBrokerOptions {
  /**
   * What the names of ours begin with there, so that programs can share a broker without hearing each
   * other: letters, digits, `-` and `_`, up to 64. `qwebsockets` unless given.
   */
  readonly prefix?: string;
  /** How long the first connection may take, in milliseconds; 5,000 unless given. */
  readonly timeout?: number;
  /**
   * How `tls://` and `rediss://` are secured: which authorities are trusted, and what certificate is
   * shown. `QSslConfiguration.defaultConfiguration()` unless given.
   */
  readonly sslConfiguration?: QSslConfiguration;
}

const DEFAULT_PREFIX = 'qwebsockets';
const DEFAULT_TIMEOUT_MS = 5_000;

/** What Node says of a certificate by nobody whom it trusts. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED/;

/** What comes of talking to something else, or in another way than it does. */
const MISUNDERSTOOD = /timeout|ECONNRESET|closed unexpectedly|WRONG_VERSION/i;

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
 * @param url may have a user and a password, or of NATS a token as user, each with `encodeURIComponent()`;
 * of NATS several hosts of one cluster, separated by commas; of Redis the number of a database.
 * @throws TypeError when `url` is none of these, RangeError for options beyond their limits, and Error
 * when a package is missing or the broker cannot be used; none of them tells the password.
 */
export async function connectTopicBroker(
  url: string,
  options: TopicBrokerOptions = {},
): Promise<TopicBroker> {
  const { prefix = DEFAULT_PREFIX, timeout = DEFAULT_TIMEOUT_MS, sslConfiguration } = options;
  const parsed = parseBrokerUrl(url);
  if (!/^[\w-]{1,64}$/.test(prefix)) {
    throw new RangeError('A prefix has 1 to 64 letters, digits, "-" and "_".');
  }
  if (!(timeout > 0 && timeout <= 2 ** 31 - 1)) {
    throw new RangeError('The timeout must be above 0 ms, and at most 2147483647.');
  }
  if (sslConfiguration !== undefined && !parsed.isSecure) {
    throw new TypeError('An sslConfiguration is for tls:// and rediss://.');
  }
  const connect = parsed.kind === 'nats' ? await loadNats() : await loadRedis();
  try {
    return await connect(parsed, prefix, timeout, sslConfiguration);
  } catch (error) {
    const told = sentenceOf(messageOf(error));
    const reason = withoutSecrets(told, secretsOf(parsed));
    const text = `The broker ${parsed.shown} cannot be used: ${reason}${adviceOn(error, parsed)}`;
    // Redis before 6 repeats the whole login, which it does not understand.
    throw reason === told ? new Error(text, { cause: error }) : new Error(text);
  }
}

type Connect = (
  url: BrokerUrl,
  prefix: string,
  timeout: number,
  tls?: QSslConfiguration,
) => Promise<TopicBroker>;

async function loadNats(): Promise<Connect> {
  const packages = '@nats-io/transport-node @nats-io/kv';
  const { NatsBroker } = await installed(() => import('./nats-broker.ts'), packages);
  return (...of) => NatsBroker.connect(...of);
}

async function loadRedis(): Promise<Connect> {
  const { RedisBroker } = await installed(() => import('./redis-broker.ts'), 'redis');
  return (...of) => RedisBroker.connect(...of);
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

function adviceOn(error: unknown, { kind, isSecure }: BrokerUrl): string {
  const { code, name, message } = (error ?? {}) as Record<string, unknown>;
  if (UNTRUSTED.test(String(code))) {
    return isSecure
      ? ' If you know it, trust it or its authority: QSslConfiguration.addCaCertificate().'
      : ' It wants TLS: use tls://, with an sslConfiguration that trusts it.';
  }
  if (!MISUNDERSTOOD.test(`${String(code)} ${String(name)} ${String(message)}`)) return '';
  const port = `Is that a port of ${kind === 'nats' ? 'NATS' : 'Redis'}`;
  if (isSecure) return ` ${port} with TLS, and does it want a certificate?`;
  return ` ${port} without TLS? ${kind === 'nats' ? 'tls' : 'rediss'}:// is for one with TLS.`;
}

function sentenceOf(text: string): string {
  return text.trim().replace(/[.]?$/, '.');
}
