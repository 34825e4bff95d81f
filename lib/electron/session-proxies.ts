import { ProxyType, QNetworkProxy } from '../network/qnetworkproxy.ts';
import { QNetworkProxyFactoryBase } from '../network/qnetworkproxyfactory.ts';
import type { QNetworkProxyQuery } from '../network/qnetworkproxyquery.ts';
import { QUrl } from '../network/qurl.ts';
import { parseProxies } from './proxy-answer.ts';

/** What is used of Electron's `session.defaultSession`, or of its `app`. */
export interface ProxyResolver {
  /** What a PAC script would answer for `url`. */
  resolveProxy(url: string): Promise<string>;
}

/** Servers whose proxies are remembered; nobody talks to more. */
const MOST_SERVERS = 256;

/**
 * The proxies that Chromium would use for `url`, the first to be tried first: the system's, those of
 * a PAC script, or those of `session.setProxy()`.
 *
 * Give the first one to `QWebSocket.setProxy()` before `open()`. See {@link parseProxies} for what
 * becomes of which. They come without credentials: connect `proxyAuthenticationRequired`.
 *
 * @param session `session.defaultSession`, another session, or `app`.
 * @param url what is about to be opened.
 */
export async function resolveProxies(
  session: ProxyResolver,
  url: string | URL | QUrl,
): Promise<QNetworkProxy[]> {
  return parseProxies(await session.resolveProxy(QUrl.from(url).toString()));
}

/**
 * Lets Chromium choose the proxies of all sockets of type DefaultProxy:
 * `QNetworkProxyFactory.setApplicationProxyFactory(new SessionProxies(session.defaultSession))`.
 *
 * Qt asks a factory when a socket is opened and wants the answer at once, while Chromium takes its
 * time. So {@link resolve} asks ahead. Afterwards each connection to that server uses what is known
 * and has Chromium asked again, for the next one: a socket that reconnects after the network has
 * changed goes the old way once. A server that nobody has asked for gets `unresolved`.
 */
export class SessionProxies extends QNetworkProxyFactoryBase {
  readonly #session: ProxyResolver;
  readonly #unresolved: readonly QNetworkProxy[];
  readonly #known = new Map<string, readonly QNetworkProxy[]>();
  readonly #asked = new Map<string, Promise<readonly QNetworkProxy[]>>();

  /**
   * @param session `session.defaultSession`, another session, or `app`.
   * @param unresolved what is used to a server that was not asked for: no proxy, unless others are
   *   given. `new QNetworkProxy(QNetworkProxy.HttpCachingProxy)` has open() fail instead.
   */
  constructor(
    session: ProxyResolver,
    unresolved: readonly QNetworkProxy[] = [new QNetworkProxy(ProxyType.NoProxy)],
  ) {
    super();
    this.#session = session;
    this.#unresolved = unresolved.map((proxy) => proxy.clone());
  }

  /**
   * Asks Chromium for the server of `url` and remembers the answer, at most 256 of them.
   *
   * @returns the proxies, the first to be tried first. Rejects when Chromium does; what was known
   *   before stays.
   */
  async resolve(url: string | URL | QUrl): Promise<QNetworkProxy[]> {
    const { scheme, host, port } = serverOf(QUrl.from(url));
    return copied(await this.#ask(scheme, host, port));
  }

  /** What is known about the server of `query`; Chromium is asked again meanwhile. */
  override queryProxy(query: QNetworkProxyQuery): QNetworkProxy[] {
    const { scheme, host, port } = serverOf(query.url());
    if (host === '') return copied(this.#unresolved);
    // Whoever waits for it is told; for this connection it comes too late.
    this.#ask(scheme, host, port).catch(() => {});
    return copied(this.#known.get(keyOf(scheme, host, port)) ?? this.#unresolved);
  }

  #ask(scheme: string, host: string, port: number): Promise<readonly QNetworkProxy[]> {
    const key = keyOf(scheme, host, port);
    const asked = this.#asked.get(key) ?? this.#resolve(key);
    this.#asked.set(key, asked);
    return asked;
  }

  async #resolve(key: string): Promise<readonly QNetworkProxy[]> {
    try {
      const proxies = await resolveProxies(this.#session, key);
      // The one that was asked for longest ago goes first.
      this.#known.delete(key);
      this.#known.set(key, proxies);
      const [oldest] = this.#known.keys();
      if (this.#known.size > MOST_SERVERS && oldest !== undefined) this.#known.delete(oldest);
      return proxies;
    } finally {
      this.#asked.delete(key);
    }
  }
}

interface Server {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
}

/** A socket asks its factory for `http` where it means `ws`. */
function serverOf(url: QUrl): Server {
  const isSecure = ['wss', 'https'].includes(url.scheme());
  return {
    scheme: isSecure ? 'wss' : 'ws',
    host: url.host(),
    port: url.port(isSecure ? 443 : 80),
  };
}

function keyOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

function copied(proxies: readonly QNetworkProxy[]): QNetworkProxy[] {
  return proxies.map((proxy) => proxy.clone());
}
