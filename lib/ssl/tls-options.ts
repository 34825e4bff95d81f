import { constants } from 'node:crypto';
import type {
  CommonConnectionOptions,
  ConnectionOptions,
  SecureContextOptions,
  SecureVersion,
  TlsOptions,
} from 'node:tls';
import { SslOption, SslProtocol } from './qssl.ts';
import type { QSslConfiguration } from './qsslconfiguration.ts';
import { PeerVerifyMode } from './qsslsocket.ts';

type Versions = readonly [minimum: SecureVersion, maximum: SecureVersion];

const VERSIONS: ReadonlyMap<SslProtocol, Versions> = new Map<SslProtocol, Versions>([
  [SslProtocol.TlsV1_0, ['TLSv1', 'TLSv1']],
  [SslProtocol.TlsV1_1, ['TLSv1.1', 'TLSv1.1']],
  [SslProtocol.TlsV1_2, ['TLSv1.2', 'TLSv1.2']],
  [SslProtocol.TlsV1_3, ['TLSv1.3', 'TLSv1.3']],
  [SslProtocol.AnyProtocol, ['TLSv1', 'TLSv1.3']],
  [SslProtocol.SecureProtocols, ['TLSv1.2', 'TLSv1.3']],
  [SslProtocol.TlsV1_0OrLater, ['TLSv1', 'TLSv1.3']],
  [SslProtocol.TlsV1_1OrLater, ['TLSv1.1', 'TLSv1.3']],
  [SslProtocol.TlsV1_2OrLater, ['TLSv1.2', 'TLSv1.3']],
  [SslProtocol.TlsV1_3OrLater, ['TLSv1.3', 'TLSv1.3']],
]);

const MAXIMUM_PROTOCOL_NAME_BYTES = 255;

type SharedOptions = SecureContextOptions & CommonConnectionOptions;

/**
 * What `tls.connect()` is told for `configuration`: all but where to, over what, and the name of the
 * server, which is left out when `SslOptionDisableServerNameIndication` is set.
 *
 * Node never rejects the peer by itself, so that its problems can be reported and ignored: whoever
 * connects has to look at `authorized` and at the host's name before a byte is sent.
 *
 * @throws Error when the configuration's protocol is none of TLS.
 */
export function clientTlsOptions(configuration: QSslConfiguration): ConnectionOptions {
  const options: ConnectionOptions = sharedOptions(configuration);
  const session = configuration.sessionTicket();
  const isPersistent = !configuration.testSslOption(SslOption.SslOptionDisableSessionPersistence);
  if (session.length > 0 && isPersistent) options.session = Buffer.from(session);
  return options;
}

/**
 * What `tls.createServer()` is told for `configuration`. A client's certificate is asked for unless
 * the mode is `VerifyNone`; as for {@link clientTlsOptions}, Node never rejects it by itself.
 *
 * @throws Error when the configuration's protocol is none of TLS.
 */
export function serverTlsOptions(configuration: QSslConfiguration): TlsOptions {
  const options: TlsOptions = sharedOptions(configuration);
  options.requestCert = configuration.peerVerifyMode() !== PeerVerifyMode.VerifyNone;
  options.honorCipherOrder = !configuration.testSslOption(
    SslOption.SslOptionDisableServerCipherPreference,
  );
  // A client could ask for one handshake after the other, which cost it little. Node counts them,
  // but leaves it at an 'error' behind which nothing closes.
  options.secureOptions = (options.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION;
  const hint = configuration.preSharedKeyIdentityHint();
  if (hint !== '') options.pskIdentityHint = hint;
  return options;
}

/** In bytes: OpenSSL's PSK_MAX_PSK_LEN, which Qt passes on. */
export const MAX_PRE_SHARED_KEY = 256;

/**
 * Whether a pre-shared key may be asked for: Node has no such ciphers unless they are named. With
 * TLS 1.3 it would come to that in each handshake, and to a ticket taken for an identity.
 */
export function wantsPreSharedKey(configuration: QSslConfiguration): boolean {
  return configuration.cipherText()?.includes('PSK') ?? false;
}

function sharedOptions(configuration: QSslConfiguration): SharedOptions {
  const versions = VERSIONS.get(configuration.protocol());
  if (versions === undefined) throw new Error('unsupported protocol');
  const [minVersion, maxVersion] = versions;
  const options: SharedOptions = { minVersion, maxVersion, rejectUnauthorized: false };

  const authorities = configuration.chosenCaCertificates();
  if (authorities !== undefined) options.ca = authorities.flatMap(pemOf);
  const chain = configuration.localCertificateChain().flatMap(pemOf);
  if (chain.length > 0) options.cert = chain.join('');
  const key = configuration.privateKey();
  if (!key.isNull()) options.key = key.toPem();

  const ciphers = configuration.cipherText();
  if (ciphers !== undefined) options.ciphers = ciphers;
  const protocols = configuration.allowedNextProtocols().filter(isProtocolName);
  if (protocols.length > 0) options.ALPNProtocols = protocols;
  const flags = openSslFlags(configuration);
  if (flags !== 0) options.secureOptions = flags;
  return options;
}

function pemOf(certificate: { toPem(): string; isNull(): boolean }): string[] {
  return certificate.isNull() ? [] : [certificate.toPem()];
}

function isProtocolName(name: string): boolean {
  const bytes = Buffer.byteLength(name);
  return bytes > 0 && bytes <= MAXIMUM_PROTOCOL_NAME_BYTES;
}

function openSslFlags(configuration: QSslConfiguration): number {
  let flags = 0;
  if (configuration.testSslOption(SslOption.SslOptionDisableSessionTickets))
    flags |= constants.SSL_OP_NO_TICKET;
  if (!configuration.testSslOption(SslOption.SslOptionDisableLegacyRenegotiation))
    flags |= constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;
  return flags;
}
