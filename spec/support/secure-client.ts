import { once } from 'node:events';
import { connect, type ConnectionOptions } from 'node:tls';
import { QSsl } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import { RawClient } from './raw-client.ts';
import { certificate, pem, trusting } from './secure-peer.ts';

/** `configuration` with the certificate `name` and its key to show. */
export function identified(
  name = 'server',
  configuration: QSslConfiguration = trusting(),
): QSslConfiguration {
  configuration.setLocalCertificate(certificate(name));
  configuration.setPrivateKey(new QSslKey(pem(`${name}.key`), QSsl.Rsa));
  return configuration;
}

/** What either side of Node's is told to show the certificate `name`. */
export function presenting(name: string): { cert: string; key: string } {
  return { cert: pem(`${name}.crt`), key: pem(`${name}.key`) };
}

/** Two sides that know a key, as in Qt's tst_preSharedKey; no certificate is shown. */
export function sharingKey(): QSslConfiguration {
  const configuration = QSslConfiguration.defaultConfiguration();
  configuration.setCiphers('PSK-AES256-CBC-SHA');
  configuration.setProtocol(QSsl.TlsV1_2);
  return configuration;
}

/** A client that trusts the server and is through with TLS, as far as it knows. */
export async function connectSecurely(
  port: number,
  options: ConnectionOptions = {},
): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', ca: pem('ca.crt'), ...options });
  await once(socket, 'secureConnect');
  return new RawClient(socket);
}
