import { proxyFromUrl, type QNetworkProxy } from '../../index.ts';
import { UsageError } from '../usage-error.ts';

/** The proxy that `text` names, as `socks5://user:password@host:port`; the scheme may be left out. */
export function proxyOf(text: string): QNetworkProxy {
  const proxy = proxyFromUrl(text);
  if (proxy !== undefined) return proxy;
  throw new UsageError('--proxy needs http://, https:// or socks5:// and a host.');
}
