import {
  KeyAlgorithm,
  ProxyType,
  QHttpHeaders,
  QNetworkProxy,
  QNetworkProxyFactory,
  QNetworkRequest,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  QUrl,
  QWebSocket,
  QWebSocketHandshakeOptions,
} from '../../index.ts';
import { escaped } from '../escaped.ts';
import { readNamed } from '../read-named.ts';
import { UsageError } from '../usage-error.ts';
import { askSecret } from './ask-secret.ts';
import type { ConnectOptions } from './connect-options.ts';
import { proxyOf } from './proxy-of.ts';

/** A socket that has all it needs, and how to open it. */
export interface Client {
  readonly socket: QWebSocket;
  readonly request: QNetworkRequest;
  readonly handshake: QWebSocketHandshakeOptions;
}

/** Prepares a socket for `address`; asks for secrets where it has to. */
export async function clientFor(address: string, options: ConnectOptions): Promise<Client> {
  const request = new QNetworkRequest(urlOf(address));
  request.setHeaders(headersOf(options.header));
  const handshake = new QWebSocketHandshakeOptions();
  handshake.setSubprotocols([...options.subprotocol]);

  const socket = new QWebSocket(options.origin);
  socket.setSslConfiguration(await sslConfigurationOf(options));
  socket.setProxy(chosenProxy(options.proxy));
  socket.setCompressionEnabled(options.compress);
  socket.setOpenTimeout(options.connectTimeout);
  socket.setMaxAllowedIncomingMessageSize(options.maxMessage);
  socket.setMaxAllowedIncomingFrameSize(options.maxMessage);
  if (options.auth !== undefined) await logIn(socket, options.auth);
  if (!options.check) socket.ignoreSslErrors();
  return { socket, request, handshake };
}

/** `localhost:1234/chat` is taken as well: ws is meant. */
function urlOf(address: string): QUrl {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) || /^wss?\+unix:/i.test(address);
  const url = new QUrl(hasScheme ? address : `ws://${address}`);
  if (!url.isValid()) throw new UsageError(`The URL is not valid: ${escaped(url.errorString())}`);
  return url;
}

function headersOf(fields: readonly string[]): QHttpHeaders {
  const headers = new QHttpHeaders();
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, Math.max(colon, 0)).trim();
    // The value may be a secret; the name is shown.
    if (colon < 0 || !headers.append(name, field.slice(colon + 1).trim())) {
      throw new UsageError(
        `--header needs "Name: value" in characters that HTTP can carry; found ${colon < 0 ? 'no colon' : `"${escaped(name)}: …"`}.`,
      );
    }
  }
  return headers;
}

function chosenProxy(proxy: string | false | undefined): QNetworkProxy {
  if (proxy === false) return new QNetworkProxy(ProxyType.NoProxy);
  if (proxy !== undefined) return proxyOf(proxy);
  QNetworkProxyFactory.setUseSystemConfiguration(true);
  return new QNetworkProxy(ProxyType.DefaultProxy);
}

async function logIn(socket: QWebSocket, auth: string): Promise<void> {
  const colon = auth.indexOf(':');
  const user = colon < 0 ? auth : auth.slice(0, colon);
  const password =
    colon < 0
      ? (process.env['QWS_PASSWORD'] ?? (await askSecret(`Password of ${escaped(user)}: `)))
      : auth.slice(colon + 1);
  socket.authenticationRequired.connect((authenticator) => {
    authenticator.setUser(user);
    authenticator.setPassword(password);
  });
}

async function sslConfigurationOf(options: ConnectOptions): Promise<QSslConfiguration> {
  const configuration = QSslConfiguration.defaultConfiguration();
  if (options.ca !== undefined) {
    configuration.addCaCertificates(certificatesIn('--ca', options.ca));
  }
  if ((options.cert === undefined) !== (options.key === undefined)) {
    throw new UsageError('--cert and --key are needed both.');
  }
  if (options.cert !== undefined && options.key !== undefined) {
    configuration.setLocalCertificateChain(certificatesIn('--cert', options.cert));
    configuration.setPrivateKey(await keyIn(options.key, options.passphrase));
  }
  return configuration;
}

function certificatesIn(option: string, path: string): QSslCertificate[] {
  const certificates = QSslCertificate.fromData(readNamed(option, path));
  if (certificates.length === 0) throw new UsageError(`${option} holds no certificate in PEM.`);
  return certificates;
}

async function keyIn(path: string, given: string | undefined): Promise<QSslKey> {
  const pem = readNamed('--key', path);
  const isEncrypted = pem.includes('ENCRYPTED');
  const passphrase =
    given ??
    process.env['QWS_PASSPHRASE'] ??
    (isEncrypted ? await askSecret('Passphrase of the key: ') : '');
  const key = new QSslKey(pem, KeyAlgorithm.Opaque, undefined, undefined, passphrase);
  if (!key.isNull()) return key;
  throw new UsageError(
    isEncrypted
      ? '--key cannot be decrypted: the passphrase is missing or another.'
      : '--key holds no private key in PEM.',
  );
}
