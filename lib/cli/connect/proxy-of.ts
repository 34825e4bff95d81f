import { ComponentFormattingOption, ProxyType, QNetworkProxy, QUrl } from '../../index.ts';
import { UsageError } from '../usage-error.ts';

interface ProxyScheme {
  readonly type: ProxyType;
  readonly port: number;
  readonly isEncrypted: boolean;
}

const SCHEMES: Readonly<Record<string, ProxyScheme>> = {
  http: { type: ProxyType.HttpProxy, port: 80, isEncrypted: false },
  https: { type: ProxyType.HttpProxy, port: 443, isEncrypted: true },
  socks5: { type: ProxyType.Socks5Proxy, port: 1080, isEncrypted: false },
  socks5h: { type: ProxyType.Socks5Proxy, port: 1080, isEncrypted: false },
};

const { FullyDecoded } = ComponentFormattingOption;

/** The proxy that `text` names, as `socks5://user:password@host:port`; the scheme may be left out. */
export function proxyOf(text: string): QNetworkProxy {
  const url = new QUrl(text.includes('://') ? text : `http://${text}`);
  const name = url.scheme();
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name] : undefined;
  if (scheme === undefined || !url.isValid() || url.host() === '') {
    throw new UsageError('--proxy needs http://, https:// or socks5:// and a host.');
  }
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
