import { ProxyType, QNetworkProxy } from '../network/qnetworkproxy.ts';

/** An answer comes from a script, which may come from anywhere. */
const MOST_PROXIES = 64;

interface ProxyKind {
  readonly type: ProxyType;
  readonly port: number;
  readonly isEncrypted: boolean;
}

const KINDS = new Map<string, ProxyKind>([
  ['PROXY', { type: ProxyType.HttpProxy, port: 80, isEncrypted: false }],
  ['HTTP', { type: ProxyType.HttpProxy, port: 80, isEncrypted: false }],
  ['HTTPS', { type: ProxyType.HttpProxy, port: 443, isEncrypted: true }],
  ['SOCKS5', { type: ProxyType.Socks5Proxy, port: 1080, isEncrypted: false }],
]);

/**
 * The proxies that the answer of a proxy script names, such as
 * `PROXY proxy.example:3128; SOCKS5 [::1]:1080; DIRECT`; the first is to be tried first.
 *
 * `PROXY` and `HTTP` become an HttpProxy, `HTTPS` one that is encrypted, `SOCKS5` a Socks5Proxy and
 * `DIRECT` NoProxy. What this library does not speak (`SOCKS` and `SOCKS4`, which are SOCKS 4,
 * `QUIC`) or what makes no sense is left out. When nothing else is there, it is an HttpCachingProxy,
 * with which open() fails with UnsupportedSocketOperationError: a connection that was to go through
 * a proxy never goes without one. An empty answer is NoProxy.
 */
export function parseProxies(answer: string): QNetworkProxy[] {
  const entries = answer
    .split(';', MOST_PROXIES)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return [new QNetworkProxy(ProxyType.NoProxy)];

  const proxies = entries.map((entry) => parseProxy(entry));
  const usable = proxies.filter((proxy) => proxy !== undefined);
  return usable.length > 0 ? usable : [new QNetworkProxy(ProxyType.HttpCachingProxy)];
}

function parseProxy(entry: string): QNetworkProxy | undefined {
  if (entry.toUpperCase() === 'DIRECT') return new QNetworkProxy(ProxyType.NoProxy);
  const [, kind = '', name = '', address, digits] =
    /^([a-z\d]+)\s+(?:([^\s:[\]@/]+)|\[([\da-f:.]+)\])(?::(\d{1,5}))?$/i.exec(entry) ?? [];
  const found = KINDS.get(kind.toUpperCase());
  const port = digits === undefined ? found?.port : Number(digits);
  if (found === undefined || !port || port > 65_535) return undefined;
  const proxy = new QNetworkProxy(found.type, address ?? name, port);
  proxy.setEncrypted(found.isEncrypted);
  return proxy;
}
