import { applicationProxy } from './application-proxy.ts';
import { QNetworkProxyQuery } from './qnetworkproxyquery.ts';

/**
 * Kinds of proxies, as QNetworkProxy::ProxyType.
 *
 * @enum
 */
export const ProxyType = {
  /** Whatever the application has chosen for all its connections. */
  DefaultProxy: 0,
  Socks5Proxy: 1,
  /** A direct connection. */
  NoProxy: 2,
  /** HTTP CONNECT (RFC 9110 §9.3.6). */
  HttpProxy: 3,
  /** For HTTP requests only; cannot carry a WebSocket. */
  HttpCachingProxy: 4,
  /** For FTP requests only; cannot carry a WebSocket. */
  FtpCachingProxy: 5,
} as const;
export type ProxyType = (typeof ProxyType)[keyof typeof ProxyType];

/**
 * Where a proxy is, and what it wants to know, as QNetworkProxy.
 *
 * @see https://doc.qt.io/qt-6/qnetworkproxy.html
 */
export class QNetworkProxy {
  static readonly ProxyType: typeof ProxyType = ProxyType;
  static readonly DefaultProxy: 0 = ProxyType.DefaultProxy;
  static readonly Socks5Proxy: 1 = ProxyType.Socks5Proxy;
  static readonly NoProxy: 2 = ProxyType.NoProxy;
  static readonly HttpProxy: 3 = ProxyType.HttpProxy;
  static readonly HttpCachingProxy: 4 = ProxyType.HttpCachingProxy;
  static readonly FtpCachingProxy: 5 = ProxyType.FtpCachingProxy;

  #type: ProxyType;
  #hostName: string;
  #port: number;
  #user: string;
  #password: string;
  #isEncrypted = false;

  constructor(
    type: ProxyType = ProxyType.DefaultProxy,
    hostName = '',
    port = 0,
    user = '',
    password = '',
  ) {
    this.#type = type;
    this.#hostName = hostName;
    this.#port = port;
    this.#user = user;
    this.#password = password;
  }

  /** A QNetworkProxy of its own; C++ makes one out of a type where it is given one, too. */
  static from(proxy: QNetworkProxy | ProxyType): QNetworkProxy {
    return typeof proxy === 'number' ? new QNetworkProxy(proxy) : proxy.clone();
  }

  /**
   * Chooses the proxy for all sockets of type DefaultProxy that are opened from now on, instead of
   * an earlier one or of `QNetworkProxyFactory.setApplicationProxyFactory()`.
   * DefaultProxy means none, as NoProxy does.
   */
  static setApplicationProxy(proxy: QNetworkProxy | ProxyType): void {
    const chosen = QNetworkProxy.from(proxy);
    applicationProxy.proxy = chosen.type() === ProxyType.DefaultProxy ? undefined : chosen;
    applicationProxy.factory = undefined;
    applicationProxy.isSystem = false;
  }

  /**
   * The proxy for sockets of type DefaultProxy: what {@link setApplicationProxy} was given, or what
   * the application's factory says to an empty query; NoProxy without either.
   */
  static applicationProxy(): QNetworkProxy {
    const { proxy, factory } = applicationProxy;
    const chosen = factory?.queryProxy(new QNetworkProxyQuery())[0] ?? proxy;
    return chosen?.clone() ?? new QNetworkProxy(ProxyType.NoProxy);
  }

  /** What kind of proxy it is; DefaultProxy unless another was given. */
  type(): ProxyType {
    return this.#type;
  }

  /** Sets what kind of proxy it is. */
  setType(type: ProxyType): void {
    this.#type = type;
  }

  /** The name or address of the proxy; may be empty. */
  hostName(): string {
    return this.#hostName;
  }

  /** Sets the name or address of the proxy. */
  setHostName(hostName: string): void {
    this.#hostName = hostName;
  }

  /** The port of the proxy; 0 unless one was given. */
  port(): number {
    return this.#port;
  }

  /** Sets the port of the proxy. */
  setPort(port: number): void {
    this.#port = port;
  }

  /** Who asks, for proxies that want to know; empty for nobody. */
  user(): string {
    return this.#user;
  }

  /** Sets who asks, for proxies that want to know. */
  setUser(user: string): void {
    this.#user = user;
  }

  /** What goes with {@link user}. */
  password(): string {
    return this.#password;
  }

  /** Sets what goes with {@link user}. It is shown nowhere, also not by `util.inspect()`. */
  setPassword(password: string): void {
    this.#password = password;
  }

  /** See {@link setEncrypted}. */
  isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  /**
   * Whether the way to an HttpProxy is encrypted with TLS, as `https://` says in environment
   * variables; off at first. Not in Qt.
   *
   * What goes through the proxy may be encrypted besides. The proxy has to show a certificate of
   * its host name, from an authority that the socket's sslConfiguration trusts; nothing is sent to
   * any other, and its errors cannot be ignored. With other proxies open() fails with
   * UnsupportedSocketOperationError.
   */
  setEncrypted(isEncrypted: boolean): void {
    this.#isEncrypted = isEncrypted;
  }

  /** Whether all of its values are those of `other`. */
  equals(other: QNetworkProxy): boolean {
    return (
      this.#type === other.#type &&
      this.#hostName === other.#hostName &&
      this.#port === other.#port &&
      this.#user === other.#user &&
      this.#password === other.#password &&
      this.#isEncrypted === other.#isEncrypted
    );
  }

  /** A copy that changes on its own. */
  clone(): QNetworkProxy {
    const copy = new QNetworkProxy(this.#type, this.#hostName, this.#port);
    copy.#user = this.#user;
    copy.#password = this.#password;
    copy.#isEncrypted = this.#isEncrypted;
    return copy;
  }
}
