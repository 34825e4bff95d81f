import { SslOption, SslProtocol } from './qssl.ts';
import { QSslCertificate } from './qsslcertificate.ts';
import { QSslCipher } from './qsslcipher.ts';
import { QSslKey } from './qsslkey.ts';
import { PeerVerifyMode } from './qsslsocket.ts';
import { systemCertificates } from './system-certificates.ts';

/** What a TLS connection tells about itself. */
export interface SslSession {
  readonly peerCertificate: QSslCertificate;
  /** From the peer's own certificate to the authority's. */
  readonly peerCertificateChain: readonly QSslCertificate[];
  readonly sessionCipher: QSslCipher;
  readonly sessionProtocol: SslProtocol;
  /** '' for none. */
  readonly nextNegotiatedProtocol: string;
}

/** The authorities that are trusted. */
export interface Authorities {
  /** Whether {@link own} comes on top of the system's. */
  readonly withSystem: boolean;
  readonly own: readonly QSslCertificate[];
  /** Whether they have been set: if not, the system's are trusted whatever is listed. */
  readonly isChosen: boolean;
}

/** The ciphers that may be used. */
export interface Ciphers {
  readonly list: readonly QSslCipher[];
  /** What OpenSSL is told; undefined leaves the choice to Node. */
  readonly text: string | undefined;
}

/** All that a QSslConfiguration holds; never changed, only replaced. */
export interface SslSettings extends SslSession {
  readonly protocol: SslProtocol;
  readonly peerVerifyMode: PeerVerifyMode;
  readonly peerVerifyDepth: number;
  readonly localCertificateChain: readonly QSslCertificate[];
  readonly privateKey: QSslKey;
  readonly authorities: Authorities;
  readonly ciphers: Ciphers;
  readonly options: number;
  readonly allowedNextProtocols: readonly string[];
  readonly preSharedKeyIdentityHint: string;
  readonly sessionTicket: Uint8Array;
  readonly handshakeMustInterruptOnError: boolean;
  readonly missingCertificateIsFatal: boolean;
}

/** What is known without a connection. */
export const NO_SESSION: SslSession = {
  peerCertificate: new QSslCertificate(),
  peerCertificateChain: [],
  sessionCipher: new QSslCipher(),
  sessionProtocol: SslProtocol.UnknownProtocol,
  nextNegotiatedProtocol: '',
};

/** What a new QSslConfiguration holds. */
export const EMPTY_SETTINGS: SslSettings = {
  ...NO_SESSION,
  protocol: SslProtocol.SecureProtocols,
  peerVerifyMode: PeerVerifyMode.AutoVerifyPeer,
  peerVerifyDepth: 0,
  localCertificateChain: [],
  privateKey: new QSslKey(),
  authorities: { withSystem: false, own: [], isChosen: false },
  ciphers: { list: [], text: undefined },
  options:
    SslOption.SslOptionDisableEmptyFragments |
    SslOption.SslOptionDisableLegacyRenegotiation |
    SslOption.SslOptionDisableCompression |
    SslOption.SslOptionDisableSessionPersistence,
  allowedNextProtocols: [],
  preSharedKeyIdentityHint: '',
  sessionTicket: new Uint8Array(),
  handshakeMustInterruptOnError: false,
  missingCertificateIsFatal: false,
};

/** Whether `a` and `b` say the same. */
export function areSameSettings(a: SslSettings, b: SslSettings): boolean {
  return (
    a === b ||
    (a.protocol === b.protocol &&
      a.peerVerifyMode === b.peerVerifyMode &&
      a.peerVerifyDepth === b.peerVerifyDepth &&
      areSame(a.localCertificateChain, b.localCertificateChain) &&
      a.privateKey.equals(b.privateKey) &&
      areSameAuthorities(a.authorities, b.authorities) &&
      a.ciphers.text === b.ciphers.text &&
      areSame(a.ciphers.list, b.ciphers.list) &&
      a.options === b.options &&
      JSON.stringify(a.allowedNextProtocols) === JSON.stringify(b.allowedNextProtocols) &&
      a.preSharedKeyIdentityHint === b.preSharedKeyIdentityHint &&
      Buffer.compare(a.sessionTicket, b.sessionTicket) === 0 &&
      a.handshakeMustInterruptOnError === b.handshakeMustInterruptOnError &&
      a.missingCertificateIsFatal === b.missingCertificateIsFatal &&
      isSameSession(a, b))
  );
}

/** All certificates of `authorities`. */
export function allOf(authorities: Authorities): readonly QSslCertificate[] {
  if (!authorities.withSystem) return authorities.own;
  return [...systemCertificates(), ...authorities.own];
}

/** Certificates that change on their own. */
export function copiesOf(certificates: readonly QSslCertificate[]): QSslCertificate[] {
  return certificates.map((certificate) => certificate.clone());
}

function isSameSession(a: SslSession, b: SslSession): boolean {
  return (
    a.peerCertificate.equals(b.peerCertificate) &&
    areSame(a.peerCertificateChain, b.peerCertificateChain) &&
    a.sessionCipher.equals(b.sessionCipher) &&
    a.sessionProtocol === b.sessionProtocol &&
    a.nextNegotiatedProtocol === b.nextNegotiatedProtocol
  );
}

function areSameAuthorities(a: Authorities, b: Authorities): boolean {
  if (a.isChosen !== b.isChosen) return false;
  // The system's need not be read to find that both have them.
  return a.withSystem === b.withSystem ? areSame(a.own, b.own) : areSame(allOf(a), allOf(b));
}

function areSame<T extends { equals(other: T): boolean }>(
  a: readonly T[],
  b: readonly T[],
): boolean {
  return a.length === b.length && a.every((value, i) => value.equals(b[i]!));
}
