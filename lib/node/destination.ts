import { isIP } from 'node:net';
import { explained, type FailureCause } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { localTargetOf } from '../network/local-url.ts';
import { ProxyType, type QNetworkProxy } from '../network/qnetworkproxy.ts';
import { QNetworkProxyQuery } from '../network/qnetworkproxyquery.ts';
import { RequestAttribute } from '../network/qnetworkrequest.ts';
import type { QUrl } from '../network/qurl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import { wantsPreSharedKey } from '../ssl/tls-options.ts';
import type { Endpoint, OpenRefusal, OpenRequest } from '../websockets/socket-backend.ts';
import { authorityHost } from './authority.ts';
import { ALPN_HTTP2 } from './http2-limits.ts';
import { QNetworkProxyFactory } from './qnetworkproxyfactory.ts';
import { connectTunnel } from './routes/connect-tunnel.ts';
import { directRoute, localRoute } from './routes/direct.ts';
import type { Route, RouteEvents } from './routes/route.ts';
import { socks5Tunnel } from './routes/socks5-tunnel.ts';
import type { RouteFactory } from './routes/substitute.ts';

/** What leads several sockets to the same server. */
export interface SharedWay {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What it leads through; undefined when it is direct. */
  readonly proxy: QNetworkProxy | undefined;
}

/** Where a URL leads, and how to get there. */
export interface Destination {
  /** The name or address that the peer has to prove with TLS; empty on this machine. */
  readonly host: string;
  /** The value of `Host`. */
  readonly authority: string;
  /** For `wss:`, and nothing else. */
  readonly sslConfiguration: QSslConfiguration | undefined;
  /**
   * The way as others may share it, where the server may be asked to speak HTTP/2; without TLS, where
   * it is taken to do so.
   */
  readonly http2?: SharedWay | undefined;
  /** The peer as far as it is known, where the socket only knows a proxy. */
  readonly endpoint: Endpoint | undefined;
  /** A new way there; each is tried once. */
  newRoute(events: RouteEvents): Route;
}

/**
 * Finds out where `request` leads: to a peer, through the proxy of the request or of the
 * application, or to a Unix-domain socket. Returns why that is impossible.
 *
 * @param readBufferSize see {@link RouteOptions}.
 * @param substitute the way to take wherever it leads, where a test says so.
 */
export function destinationOf(
  request: OpenRequest,
  readBufferSize: number,
  substitute?: RouteFactory,
): Destination | OpenRefusal {
  const { url } = request;
  const local = localTargetOf(url);
  if (local !== undefined) {
    // The system would take what stands before the NUL, which names another socket.
    if (local.socketPath === '' || local.socketPath.includes('\0')) {
      const detail = 'it names no Unix-domain socket';
      return {
        error: SocketError.ConnectionRefusedError,
        description: explained('Invalid URL.', { layer: 'request', detail }),
      };
    }
    return {
      host: '',
      authority: 'localhost',
      sslConfiguration: undefined,
      endpoint: undefined,
      newRoute: (events) => localRoute(local.socketPath, { readBufferSize }, events),
    };
  }
  const scheme = url.scheme();
  if (scheme !== 'ws' && scheme !== 'wss') {
    return unsupported(`Unsupported WebSocket scheme: ${scheme}`, {
      layer: 'request',
      detail: 'a URL begins with ws: or wss:, or with ws+unix: on this machine',
    });
  }
  const isSecure = scheme === 'wss';
  const host = url.host();
  const port = url.port(isSecure ? 443 : 80);
  if (substitute !== undefined) {
    return {
      host,
      authority: authorityOf(url),
      sslConfiguration: isSecure ? request.sslConfiguration : undefined,
      endpoint: undefined,
      newRoute: substitute,
    };
  }
  const proxy = proxyFor(request.proxy, host, port, isSecure);
  if (!canTunnel(proxy)) {
    return unsupported('Operation on socket is not supported', {
      layer: 'proxy',
      detail: 'a WebSocket goes through an HttpProxy, or a Socks5Proxy that is not encrypted',
    });
  }

  const { sslConfiguration } = request;
  const mayBeHttp2 = allowsHttp2(request, isSecure);
  // HTTP/2 reads for itself as well.
  const options = { readBufferSize, sslConfiguration, carriesTls: isSecure || mayBeHttp2 };
  const address = isIP(host) === 0 ? '' : host;
  return {
    host,
    authority: authorityOf(url),
    http2: mayBeHttp2
      ? {
          origin: `${scheme}://${authorityHost(host)}:${port}`,
          proxy: isDirect(proxy) ? undefined : proxy,
        }
      : undefined,
    sslConfiguration: isSecure ? sslConfiguration : undefined,
    endpoint: isDirect(proxy) ? undefined : { address, port },
    newRoute: (events) => {
      const type = proxy.type();
      if (type === ProxyType.HttpProxy) return connectTunnel(proxy, host, port, options, events);
      if (type === ProxyType.Socks5Proxy) return socks5Tunnel(proxy, host, port, options, events);
      return directRoute(host, port, options, events);
    },
  };
}

function allowsHttp2({ attributes, sslConfiguration }: OpenRequest, isSecure: boolean): boolean {
  const { Http2AllowedAttribute, Http2DirectAttribute } = RequestAttribute;
  if (!isSecure) return attributes?.attribute(Http2DirectAttribute) === true;
  // Each connection has a key of its own.
  if (wantsPreSharedKey(sslConfiguration)) return false;
  const isOffered = sslConfiguration.allowedNextProtocols().includes(ALPN_HTTP2);
  const isAllowed = attributes?.attribute(Http2AllowedAttribute) ?? isOffered;
  return isAllowed === true;
}

/** The proxy that counts: what the application has chosen where the socket leaves it to that. */
function proxyFor(
  proxy: QNetworkProxy,
  host: string,
  port: number,
  isSecure: boolean,
): QNetworkProxy {
  if (proxy.type() !== ProxyType.DefaultProxy) return proxy;
  const query = QNetworkProxyQuery.forPeer(host, port, isSecure ? 'https' : 'http');
  return QNetworkProxyFactory.proxyForQuery(query)[0] ?? proxy;
}

function isDirect(proxy: QNetworkProxy): boolean {
  return proxy.type() === ProxyType.NoProxy || proxy.type() === ProxyType.DefaultProxy;
}

function canTunnel(proxy: QNetworkProxy): boolean {
  const type = proxy.type();
  if (type === ProxyType.HttpProxy || isDirect(proxy)) return true;
  // To go on in the clear would give away what was to be encrypted.
  return type === ProxyType.Socks5Proxy && !proxy.isEncrypted();
}

function unsupported(words: string, cause: FailureCause): OpenRefusal {
  const error = SocketError.UnsupportedSocketOperationError;
  return { error, description: explained(words, cause) };
}

/** The port only where the URL names one, as in Qt. */
function authorityOf(url: QUrl): string {
  const name = authorityHost(url.host());
  const port = url.port();
  return port === -1 ? name : `${name}:${port}`;
}
