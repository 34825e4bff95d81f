import { applicationProxy, type ProxySource } from './application-proxy.ts';
import { ProxyType, QNetworkProxy } from './qnetworkproxy.ts';
import { QHostAddress } from './qhostaddress.ts';
import type { QNetworkProxyQuery } from './qnetworkproxyquery.ts';

const LOCAL_HOSTS: readonly string[] = ['localhost', 'localhost.', 'localhost.localdomain'];

/**
 * Chooses proxies for each connection, as QNetworkProxyFactory: extend it, implement
 * {@link queryProxy}, and give it to {@link setApplicationProxyFactory}.
 *
 * What an application chooses holds for one copy of this library; a program that loads it both with
 * `import` and with `require()` has two.
 *
 * @see https://doc.qt.io/qt-6/qnetworkproxyfactory.html
 */
export abstract class QNetworkProxyFactoryBase implements ProxySource {
  /**
   * The proxies for one connection, the best first. To be implemented.
   *
   * @returns `NoProxy` in the list for a direct connection. An empty list counts as that.
   */
  abstract queryProxy(query: QNetworkProxyQuery): QNetworkProxy[];

  /**
   * Lets `factory` choose for all sockets of type DefaultProxy that are opened from now on, instead
   * of an earlier one or of `QNetworkProxy.setApplicationProxy()`; null for none.
   */
  static setApplicationProxyFactory(factory: ProxySource | null): void {
    applicationProxy.proxy = undefined;
    applicationProxy.factory = factory ?? undefined;
    applicationProxy.isSystem = false;
  }

  /**
   * The proxies that a socket of type DefaultProxy uses, at least one: those of the application's
   * factory or the application's proxy; NoProxy without either, and for this host itself.
   */
  static proxyForQuery(query: QNetworkProxyQuery): QNetworkProxy[] {
    const { proxy, factory } = applicationProxy;
    const chosen = isLocal(query.peerHostName()) ? [] : (factory?.queryProxy(query) ?? [proxy]);
    const proxies = chosen.filter((each) => each !== undefined);
    return proxies.length > 0 ? proxies : [new QNetworkProxy(ProxyType.NoProxy)];
  }

  /** The proxies that the system's settings name: NoProxy where the platform sees to that itself. */
  static systemProxyForQuery(_query: QNetworkProxyQuery): QNetworkProxy[] {
    return [new QNetworkProxy(ProxyType.NoProxy)];
  }

  /**
   * Lets {@link systemProxyForQuery} choose for all sockets of type DefaultProxy, or no longer.
   * Either way it replaces what the application had chosen. The settings are read for each
   * connection.
   */
  static setUseSystemConfiguration(enable: boolean): void {
    const factory = { queryProxy: (query: QNetworkProxyQuery) => this.systemProxyForQuery(query) };
    this.setApplicationProxyFactory(enable ? factory : null);
    applicationProxy.isSystem = enable;
  }

  /** Whether the last choice was {@link setUseSystemConfiguration}. */
  static usesSystemConfiguration(): boolean {
    return applicationProxy.isSystem;
  }
}

function isLocal(host: string): boolean {
  return LOCAL_HOSTS.includes(host) || new QHostAddress(host).isLoopback();
}
