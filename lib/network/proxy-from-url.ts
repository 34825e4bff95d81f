import { ProxyType, QNetworkProxy } from './qnetworkproxy.ts';
import { ComponentFormattingOption, QUrl } from './qurl.ts';

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

/**
 * The proxy that `text` names, as `scheme://user:password@host:port` (not in Qt).
 *
 * The schemes are `http`, `https`, `socks5` and `socks5h`; `http` when there is none. With `https` the way
 * to the proxy is encrypted ({@link QNetworkProxy.setEncrypted}), and SOCKS proxies always resolve names.
 * The ports are 80, 443 and 1080 unless they are given.
 *
 * @returns undefined when it is nothing of that.
 */
export function proxyFromUrl(text: string): QNetworkProxy | undefined {
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
