import { QSslCertificate } from './qsslcertificate.ts';

/** What is wrong with a certificate or its chain, as QSslError::SslError. @enum */
export const SslError = {
  NoError: 0,
  UnableToGetIssuerCertificate: 1,
  UnableToDecryptCertificateSignature: 2,
  UnableToDecodeIssuerPublicKey: 3,
  CertificateSignatureFailed: 4,
  CertificateNotYetValid: 5,
  CertificateExpired: 6,
  InvalidNotBeforeField: 7,
  InvalidNotAfterField: 8,
  /** The certificate is its own issuer, and not trusted. */
  SelfSignedCertificate: 9,
  /** The chain ends with a root that is not trusted. */
  SelfSignedCertificateInChain: 10,
  /** The issuer is not among the trusted authorities. */
  UnableToGetLocalIssuerCertificate: 11,
  /** The peer sent no chain, and the issuer is not known. */
  UnableToVerifyFirstCertificate: 12,
  CertificateRevoked: 13,
  InvalidCaCertificate: 14,
  PathLengthExceeded: 15,
  InvalidPurpose: 16,
  CertificateUntrusted: 17,
  CertificateRejected: 18,
  SubjectIssuerMismatch: 19,
  AuthorityIssuerSerialNumberMismatch: 20,
  /** The peer showed no certificate. */
  NoPeerCertificate: 21,
  /** The certificate is for other hosts. */
  HostNameMismatch: 22,
  NoSslSupport: 23,
  CertificateBlacklisted: 24,
  CertificateStatusUnknown: 25,
  OcspNoResponseFound: 26,
  OcspMalformedRequest: 27,
  OcspMalformedResponse: 28,
  OcspInternalError: 29,
  OcspTryLater: 30,
  /** Qt's spelling. */
  OcspSigRequred: 31,
  OcspUnauthorized: 32,
  OcspResponseCannotBeTrusted: 33,
  OcspResponseCertIdUnknown: 34,
  OcspResponseExpired: 35,
  OcspStatusUnknown: 36,
  /** An error without a number of its own. */
  UnspecifiedError: -1,
} as const;
export type SslError = (typeof SslError)[keyof typeof SslError];

const UNKNOWN = 'Unknown error';

/** Qt's English texts; it has none of its own for those that are missing here. */
const TEXTS: ReadonlyMap<SslError, string> = new Map<SslError, string>([
  [SslError.NoError, 'No error'],
  [SslError.UnableToGetIssuerCertificate, 'The issuer certificate could not be found'],
  [
    SslError.UnableToDecryptCertificateSignature,
    'The certificate signature could not be decrypted',
  ],
  [SslError.UnableToDecodeIssuerPublicKey, 'The public key in the certificate could not be read'],
  [SslError.CertificateSignatureFailed, 'The signature of the certificate is invalid'],
  [SslError.CertificateNotYetValid, 'The certificate is not yet valid'],
  [SslError.CertificateExpired, 'The certificate has expired'],
  [SslError.InvalidNotBeforeField, "The certificate's notBefore field contains an invalid time"],
  [SslError.InvalidNotAfterField, "The certificate's notAfter field contains an invalid time"],
  [SslError.SelfSignedCertificate, 'The certificate is self-signed, and untrusted'],
  [
    SslError.SelfSignedCertificateInChain,
    'The root certificate of the certificate chain is self-signed, and untrusted',
  ],
  [
    SslError.UnableToGetLocalIssuerCertificate,
    'The issuer certificate of a locally looked up certificate could not be found',
  ],
  [SslError.UnableToVerifyFirstCertificate, 'No certificates could be verified'],
  [SslError.InvalidCaCertificate, 'One of the CA certificates is invalid'],
  [SslError.PathLengthExceeded, 'The basicConstraints path length parameter has been exceeded'],
  [SslError.InvalidPurpose, 'The supplied certificate is unsuitable for this purpose'],
  [SslError.CertificateUntrusted, 'The root CA certificate is not trusted for this purpose'],
  [
    SslError.CertificateRejected,
    'The root CA certificate is marked to reject the specified purpose',
  ],
  [
    SslError.SubjectIssuerMismatch,
    'The current candidate issuer certificate was rejected because its subject name did not match the issuer name of the current certificate',
  ],
  [
    SslError.AuthorityIssuerSerialNumberMismatch,
    'The current candidate issuer certificate was rejected because its issuer name and serial number was present and did not match the authority key identifier of the current certificate',
  ],
  [SslError.NoPeerCertificate, 'The peer did not present any certificate'],
  [
    SslError.HostNameMismatch,
    'The host name did not match any of the valid hosts for this certificate',
  ],
  [SslError.NoSslSupport, ''],
  [SslError.CertificateBlacklisted, 'The peer certificate is blacklisted'],
  [SslError.OcspNoResponseFound, 'No OCSP status response found'],
  [SslError.OcspMalformedRequest, 'The OCSP status request had invalid syntax'],
  [
    SslError.OcspMalformedResponse,
    'OCSP response contains an unexpected number of SingleResponse structures',
  ],
  [SslError.OcspInternalError, 'OCSP responder reached an inconsistent internal state'],
  [
    SslError.OcspTryLater,
    'OCSP responder was unable to return a status for the requested certificate',
  ],
  [
    SslError.OcspSigRequred,
    'The server requires the client to sign the OCSP request in order to construct a response',
  ],
  [
    SslError.OcspUnauthorized,
    'The client is not authorized to request OCSP status from this server',
  ],
  [SslError.OcspResponseCannotBeTrusted, "OCSP responder's identity cannot be verified"],
  [
    SslError.OcspResponseCertIdUnknown,
    'The identity of a certificate in an OCSP response cannot be established',
  ],
  [SslError.OcspResponseExpired, 'The certificate status response has expired'],
  [SslError.OcspStatusUnknown, "The certificate's status is unknown"],
]);

/** What Node calls OpenSSL's results, and its own for a name that does not match. */
const OPENSSL_CODES: ReadonlyMap<string, SslError> = new Map<string, SslError>([
  ['OK', SslError.NoError],
  ['UNABLE_TO_GET_ISSUER_CERT', SslError.UnableToGetIssuerCertificate],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', SslError.UnableToDecryptCertificateSignature],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', SslError.UnableToDecodeIssuerPublicKey],
  ['CERT_SIGNATURE_FAILURE', SslError.CertificateSignatureFailed],
  ['CERT_NOT_YET_VALID', SslError.CertificateNotYetValid],
  ['CERT_HAS_EXPIRED', SslError.CertificateExpired],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', SslError.InvalidNotBeforeField],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', SslError.InvalidNotAfterField],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', SslError.SelfSignedCertificate],
  ['SELF_SIGNED_CERT_IN_CHAIN', SslError.SelfSignedCertificateInChain],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', SslError.UnableToGetLocalIssuerCertificate],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', SslError.UnableToVerifyFirstCertificate],
  ['CERT_REVOKED', SslError.CertificateRevoked],
  ['INVALID_CA', SslError.InvalidCaCertificate],
  ['PATH_LENGTH_EXCEEDED', SslError.PathLengthExceeded],
  ['INVALID_PURPOSE', SslError.InvalidPurpose],
  ['CERT_UNTRUSTED', SslError.CertificateUntrusted],
  ['CERT_REJECTED', SslError.CertificateRejected],
  ['HOSTNAME_MISMATCH', SslError.HostNameMismatch],
  ['ERR_TLS_CERT_ALTNAME_INVALID', SslError.HostNameMismatch],
]);

/**
 * One problem that was found when a peer's certificate was verified, as QSslError. It cannot be
 * changed.
 *
 * @see https://doc.qt.io/qt-6/qsslerror.html
 */
export class QSslError {
  static readonly SslError: typeof SslError = SslError;
  static readonly NoError: 0 = SslError.NoError;
  static readonly UnableToGetIssuerCertificate: 1 = SslError.UnableToGetIssuerCertificate;
  static readonly UnableToDecryptCertificateSignature: 2 =
    SslError.UnableToDecryptCertificateSignature;
  static readonly UnableToDecodeIssuerPublicKey: 3 = SslError.UnableToDecodeIssuerPublicKey;
  static readonly CertificateSignatureFailed: 4 = SslError.CertificateSignatureFailed;
  static readonly CertificateNotYetValid: 5 = SslError.CertificateNotYetValid;
  static readonly CertificateExpired: 6 = SslError.CertificateExpired;
  static readonly InvalidNotBeforeField: 7 = SslError.InvalidNotBeforeField;
  static readonly InvalidNotAfterField: 8 = SslError.InvalidNotAfterField;
  static readonly SelfSignedCertificate: 9 = SslError.SelfSignedCertificate;
  static readonly SelfSignedCertificateInChain: 10 = SslError.SelfSignedCertificateInChain;
  static readonly UnableToGetLocalIssuerCertificate: 11 =
    SslError.UnableToGetLocalIssuerCertificate;
  static readonly UnableToVerifyFirstCertificate: 12 = SslError.UnableToVerifyFirstCertificate;
  static readonly CertificateRevoked: 13 = SslError.CertificateRevoked;
  static readonly InvalidCaCertificate: 14 = SslError.InvalidCaCertificate;
  static readonly PathLengthExceeded: 15 = SslError.PathLengthExceeded;
  static readonly InvalidPurpose: 16 = SslError.InvalidPurpose;
  static readonly CertificateUntrusted: 17 = SslError.CertificateUntrusted;
  static readonly CertificateRejected: 18 = SslError.CertificateRejected;
  static readonly SubjectIssuerMismatch: 19 = SslError.SubjectIssuerMismatch;
  static readonly AuthorityIssuerSerialNumberMismatch: 20 =
    SslError.AuthorityIssuerSerialNumberMismatch;
  static readonly NoPeerCertificate: 21 = SslError.NoPeerCertificate;
  static readonly HostNameMismatch: 22 = SslError.HostNameMismatch;
  static readonly NoSslSupport: 23 = SslError.NoSslSupport;
  static readonly CertificateBlacklisted: 24 = SslError.CertificateBlacklisted;
  static readonly CertificateStatusUnknown: 25 = SslError.CertificateStatusUnknown;
  static readonly OcspNoResponseFound: 26 = SslError.OcspNoResponseFound;
  static readonly OcspMalformedRequest: 27 = SslError.OcspMalformedRequest;
  static readonly OcspMalformedResponse: 28 = SslError.OcspMalformedResponse;
  static readonly OcspInternalError: 29 = SslError.OcspInternalError;
  static readonly OcspTryLater: 30 = SslError.OcspTryLater;
  static readonly OcspSigRequred: 31 = SslError.OcspSigRequred;
  static readonly OcspUnauthorized: 32 = SslError.OcspUnauthorized;
  static readonly OcspResponseCannotBeTrusted: 33 = SslError.OcspResponseCannotBeTrusted;
  static readonly OcspResponseCertIdUnknown: 34 = SslError.OcspResponseCertIdUnknown;
  static readonly OcspResponseExpired: 35 = SslError.OcspResponseExpired;
  static readonly OcspStatusUnknown: 36 = SslError.OcspStatusUnknown;
  static readonly UnspecifiedError: -1 = SslError.UnspecifiedError;

  readonly #error: SslError;
  readonly #certificate: QSslCertificate;

  /** @param certificate - the one that has the problem. */
  constructor(
    error: SslError = SslError.NoError,
    certificate: QSslCertificate = new QSslCertificate(),
  ) {
    this.#error = error;
    this.#certificate = certificate.clone();
  }

  /**
   * The problem that Node reports as `code`, such as the `code` of a socket's `authorizationError`;
   * `UnspecifiedError` when Qt has no number for it.
   */
  static fromOpenSsl(code: string, certificate?: QSslCertificate): QSslError {
    return new QSslError(OPENSSL_CODES.get(code) ?? SslError.UnspecifiedError, certificate);
  }

  /** Which problem it is; `NoError` for none. */
  error(): SslError {
    return this.#error;
  }

  /**
   * Qt's English text for the problem, without a full stop: '' for `NoSslSupport`, "Unknown error"
   * where Qt has no text.
   */
  errorString(): string {
    return TEXTS.get(this.#error) ?? UNKNOWN;
  }

  /** The certificate that has the problem; a null certificate when it is about none. */
  certificate(): QSslCertificate {
    return this.#certificate.clone();
  }

  /** Whether both are the same problem of the same certificate. */
  equals(other: QSslError): boolean {
    return this.#error === other.#error && this.#certificate.equals(other.#certificate);
  }

  /** The text for people: {@link errorString}. */
  toString(): string {
    return this.errorString();
  }
}
