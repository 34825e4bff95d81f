import { bypassesProxy } from './no-proxy.ts';
import { proxyFromUrl } from './proxy-from-url.ts';
import { ProxyType, QNetworkProxy } from './qnetworkproxy.ts';
import type { QNetworkProxyQuery } from './qnetworkproxyquery.ts';

/** Variables of an environment, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PLAIN = ['ws_proxy', 'http_proxy', 'all_proxy'];
const SECURE = ['wss_proxy', 'https_proxy', 'all_proxy'];
const OTHER = ['all_proxy'];

/**
 * The proxy that an environment names for a connection, in a list of one; NoProxy when it names
 * none.
 *
 * The first of these that is set counts, in lower case before upper case: `ws_proxy`, `http_proxy`,
 * `all_proxy` for the protocols `ws` and `http`; `wss_proxy`, `https_proxy`, `all_proxy` for `wss`
 * and `https`; `all_proxy` for others. `no_proxy` names hosts that are reached without one (see
 * {@link bypassesProxy}).
 *
 * A value is what {@link proxyFromUrl} takes; one that is nothing of that is passed over.
 *
 * In a CGI program (`REQUEST_METHOD` is set) `HTTP_PROXY` does not count: it is a header of the
 * request there.
 */
export function proxiesFromEnvironment(
  query: QNetworkProxyQuery,
  env: Environment,
): QNetworkProxy[] {
  const tag = query.protocolTag();
  const isSecure = tag === 'https' || tag === 'wss';
  const isPlain = tag === 'http' || tag === 'ws';
  const port = query.peerPort() >= 0 ? query.peerPort() : isSecure ? 443 : 80;
  const noProxy = read(env, 'no_proxy');
  if (!bypassesProxy(query.peerHostName(), port, noProxy)) {
    for (const name of isSecure ? SECURE : isPlain ? PLAIN : OTHER) {
      const proxy = proxyFromUrl(read(env, name));
      if (proxy !== undefined) return [proxy];
    }
  }
  return [new QNetworkProxy(ProxyType.NoProxy)];
}

function read(env: Environment, name: string): string {
  const value = env[name] ?? '';
  if (value !== '') return value.trim();
  if (name === 'http_proxy' && env['REQUEST_METHOD'] !== undefined) return '';
  return (env[name.toUpperCase()] ?? '').trim();
}
