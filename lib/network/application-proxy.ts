import type { QNetworkProxy } from './qnetworkproxy.ts';
import type { QNetworkProxyQuery } from './qnetworkproxyquery.ts';

/** Something that chooses proxies for each connection. */
export interface ProxySource {
  /** The proxies for one connection, the first to be tried first. */
  queryProxy(query: QNetworkProxyQuery): QNetworkProxy[];
}

/** What an application has chosen for all its connections; each choice replaces the other, as in Qt. */
export interface ApplicationProxy {
  proxy: QNetworkProxy | undefined;
  factory: ProxySource | undefined;
  /** Whether the factory stands for the system's settings. */
  isSystem: boolean;
}

/** The one choice of this copy of the library. */
export const applicationProxy: ApplicationProxy = {
  proxy: undefined,
  factory: undefined,
  isSystem: false,
};
