import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import { ALPN_HTTP2 } from './http2-limits.ts';

const ALPN_HTTP1 = 'http/1.1';

/** `configuration` with HTTP/2 among the protocols to choose from. */
export function withHttp2(configuration: QSslConfiguration): QSslConfiguration {
  if (configuration.allowedNextProtocols().includes(ALPN_HTTP2)) return configuration;
  const copy = configuration.clone();
  copy.setAllowedNextProtocols([ALPN_HTTP2, ALPN_HTTP1]);
  return copy;
}

/** `configuration` without it. */
export function withoutHttp2(configuration: QSslConfiguration): QSslConfiguration {
  const protocols = configuration.allowedNextProtocols();
  if (!protocols.includes(ALPN_HTTP2)) return configuration;
  const copy = configuration.clone();
  copy.setAllowedNextProtocols(protocols.filter((name) => name !== ALPN_HTTP2));
  return copy;
}
