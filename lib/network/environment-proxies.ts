import { bypassesProxy } from './no-proxy.ts';
import { ProxyType, QNetworkProxy } from './qnetworkproxy.ts';
import type { QNetworkProxyQuery } from './qnetworkproxyquery.ts';
import { ComponentFormattingOption, QUrl } from './qurl.ts';

/** Variables of an environment, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const { FullyDecoded } = ComponentFormattingOption;

interface ProxyScheme {
  readonly type: ProxyType;
  readonly port: number;
  readonly isEncrypted: boolean;
}

const SCHEMES = new Map<string, ProxyScheme>([
  ['http', { type: ProxyType.HttpProxy, port: 80, isEncrypted: false }],
  ['https', { type: ProxyType.HttpProxy, port: 443, isEncrypted: true }],
  ['socks5', { type: ProxyType.Socks5Proxy, port: 1080, isEncrypted: false }],
  ['socks5h', { type: ProxyType.Socks5Proxy, port: 1080, isEncrypted: false }],
]);

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
 * A value is `scheme://user:password@host:port`. The schemes are `http`, `https`, `socks5` and
 * `socks5h`; `http` when there is none. With `https` the way to the proxy is encrypted
 * ({@link QNetworkProxy.setEncrypted}), and SOCKS proxies always resolve names. The ports are 80, 443
 * and 1080 unless they are given. A value that is nothing of that is passed over.
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
      const proxy = parseProxy(read(env, name));
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

function parseProxy(text: string): QNetworkProxy | undefined {
  if (text === '') return undefined;
  const url = new QUrl(text.includes('://') ? text : `http://${text}`);
  const scheme = SCHEMES.get(url.scheme());
  if (scheme === undefined || !url.isValid() || url.host() === '') return undefined;
  const proxy = new QNetworkProxy(
    scheme.type,
    url.host(),
    url.port(scheme.port),
    url.userName(FullyDecoded),
    url.password(FullyDecoded),
  );
  proxy.setEncrypted(scheme.isEncrypted);
  return proxy;
}
