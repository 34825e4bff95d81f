import { proxiesFromEnvironment } from '../network/environment-proxies.ts';
import type { QNetworkProxy } from '../network/qnetworkproxy.ts';
import { QNetworkProxyFactoryBase } from '../network/qnetworkproxyfactory.ts';
import type { QNetworkProxyQuery } from '../network/qnetworkproxyquery.ts';

/**
 * Chooses proxies for each connection, as QNetworkProxyFactory. In Node and Electron's main process
 * the system's settings are the environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`,
 * `WS_PROXY`, `WSS_PROXY` and `NO_PROXY`, also in lower case.
 *
 * @see https://doc.qt.io/qt-6/qnetworkproxyfactory.html
 */
export abstract class QNetworkProxyFactory extends QNetworkProxyFactoryBase {
  /** The proxy that the environment names now, in a list of one; NoProxy when it names none. */
  static override systemProxyForQuery(query: QNetworkProxyQuery): QNetworkProxy[] {
    return proxiesFromEnvironment(query, process.env);
  }
}
