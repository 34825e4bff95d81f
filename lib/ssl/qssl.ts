/** How grave a TLS alert is, as QSsl::AlertLevel (RFC 8446 §6). @enum */
export const AlertLevel = {
  /** The connection goes on, or is closed in an orderly way. */
  Warning: 0,
  /** The connection is over. */
  Fatal: 1,
  /** A level that TLS does not know. */
  Unknown: 2,
} as const;
export type AlertLevel = (typeof AlertLevel)[keyof typeof AlertLevel];

/** What a TLS alert says, with the numbers of the wire, as QSsl::AlertType (RFC 8446 §6). @enum */
export const AlertType = {
  /** The sender has nothing more to say. */
  CloseNotify: 0,
  UnexpectedMessage: 10,
  BadRecordMac: 20,
  RecordOverflow: 22,
  DecompressionFailure: 30,
  /** No set of parameters suits both sides. */
  HandshakeFailure: 40,
  NoCertificate: 41,
  BadCertificate: 42,
  UnsupportedCertificate: 43,
  CertificateRevoked: 44,
  CertificateExpired: 45,
  CertificateUnknown: 46,
  IllegalParameter: 47,
  /** The certificate leads to no authority that the sender trusts. */
  UnknownCa: 48,
  AccessDenied: 49,
  DecodeError: 50,
  DecryptError: 51,
  ExportRestriction: 60,
  /** The version of TLS is too old or unknown. */
  ProtocolVersion: 70,
  InsufficientSecurity: 71,
  InternalError: 80,
  InappropriateFallback: 86,
  UserCancelled: 90,
  NoRenegotiation: 100,
  MissingExtension: 109,
  UnsupportedExtension: 110,
  CertificateUnobtainable: 111,
  /** No server of the name that was asked for. */
  UnrecognizedName: 112,
  BadCertificateStatusResponse: 113,
  BadCertificateHashValue: 114,
  UnknownPskIdentity: 115,
  /** The client has to show a certificate and did not. */
  CertificateRequired: 116,
  /** No application protocol that both sides speak (RFC 7301 §3.2). */
  NoApplicationProtocol: 120,
  /** A number that is not in this list. */
  UnknownAlertMessage: 255,
} as const;
export type AlertType = (typeof AlertType)[keyof typeof AlertType];

/** Which versions of TLS may be used, as QSsl::SslProtocol. @enum */
export const SslProtocol = {
  /** TLS 1.0 only; insecure (RFC 8996). */
  TlsV1_0: 0,
  /** TLS 1.1 only; insecure (RFC 8996). */
  TlsV1_1: 1,
  /** TLS 1.2 only. */
  TlsV1_2: 2,
  /** Everything from TLS 1.0 on. */
  AnyProtocol: 3,
  /** What is known to be secure: TLS 1.2 and later. The default. */
  SecureProtocols: 4,
  /** TLS 1.0 and later. */
  TlsV1_0OrLater: 5,
  /** TLS 1.1 and later. */
  TlsV1_1OrLater: 6,
  /** TLS 1.2 and later. */
  TlsV1_2OrLater: 7,
  /** For datagrams; not for WebSockets. */
  DtlsV1_0: 8,
  /** For datagrams; not for WebSockets. */
  DtlsV1_0OrLater: 9,
  /** For datagrams; not for WebSockets. */
  DtlsV1_2: 10,
  /** For datagrams; not for WebSockets. */
  DtlsV1_2OrLater: 11,
  /** TLS 1.3 only. */
  TlsV1_3: 12,
  /** TLS 1.3 and later. */
  TlsV1_3OrLater: 13,
  /** None, or none that is known: what a connection without encryption reports. */
  UnknownProtocol: -1,
} as const;
export type SslProtocol = (typeof SslProtocol)[keyof typeof SslProtocol];

/** What a key is for, as QSsl::KeyAlgorithm. @enum */
export const KeyAlgorithm = {
  /** An algorithm without a number of its own, such as Ed25519. */
  Opaque: 0,
  Rsa: 1,
  Dsa: 2,
  /** Elliptic curves. */
  Ec: 3,
  /** Diffie-Hellman. */
  Dh: 4,
  /** ML-DSA (FIPS 204). */
  MlDsa: 5,
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** Which half of a pair of keys, as QSsl::KeyType. @enum */
export const KeyType = {
  PrivateKey: 0,
  PublicKey: 1,
} as const;
export type KeyType = (typeof KeyType)[keyof typeof KeyType];

/** How certificates and keys are written, as QSsl::EncodingFormat. @enum */
export const EncodingFormat = {
  /** Base64 between lines that say what it is (RFC 7468). */
  Pem: 0,
  /** Bytes (ITU-T X.690). */
  Der: 1,
} as const;
export type EncodingFormat = (typeof EncodingFormat)[keyof typeof EncodingFormat];

/** Kinds of further names of a certificate, as QSsl::AlternativeNameEntryType. @enum */
export const AlternativeNameEntryType = {
  /** A mail address. */
  EmailEntry: 0,
  /** A host's name, where `*` may stand for its first label. */
  DnsEntry: 1,
  /** An IPv4 or IPv6 address. */
  IpAddressEntry: 2,
} as const;
export type AlternativeNameEntryType =
  (typeof AlternativeNameEntryType)[keyof typeof AlternativeNameEntryType];

/** What can be turned off in TLS, one bit each, as QSsl::SslOption. @enum */
export const SslOption = {
  /** Kept, without effect: a workaround for TLS 1.0. */
  SslOptionDisableEmptyFragments: 0x01,
  /** No session tickets (RFC 5077). */
  SslOptionDisableSessionTickets: 0x02,
  /** Kept, without effect: Node never compresses TLS. */
  SslOptionDisableCompression: 0x04,
  /** The client does not say which host it wants (RFC 6066 §3). */
  SslOptionDisableServerNameIndication: 0x08,
  /** Peers that cannot renegotiate securely (RFC 5746) may not renegotiate. */
  SslOptionDisableLegacyRenegotiation: 0x10,
  /** Kept, without effect: sessions are never shared between sockets by themselves. */
  SslOptionDisableSessionSharing: 0x20,
  /** A session ticket is neither given out nor used. */
  SslOptionDisableSessionPersistence: 0x40,
  /** The server chooses the cipher in the client's order instead of its own. */
  SslOptionDisableServerCipherPreference: 0x80,
} as const;
export type SslOption = (typeof SslOption)[keyof typeof SslOption];

/**
 * Qt's enumerators as its namespace QSsl has them: nested, and flat where Qt's enum is unscoped.
 * `QSsl.EncodingFormat.Pem` and `QSsl.Pem` are the same number; `QSsl.AlertLevel.Fatal` has no
 * short form.
 */
export const QSsl: Readonly<
  typeof SslProtocol &
    typeof KeyAlgorithm &
    typeof KeyType &
    typeof EncodingFormat &
    typeof AlternativeNameEntryType &
    typeof SslOption & {
      AlertLevel: typeof AlertLevel;
      AlertType: typeof AlertType;
      SslProtocol: typeof SslProtocol;
      KeyAlgorithm: typeof KeyAlgorithm;
      KeyType: typeof KeyType;
      EncodingFormat: typeof EncodingFormat;
      AlternativeNameEntryType: typeof AlternativeNameEntryType;
      SslOption: typeof SslOption;
    }
> = Object.freeze({
  ...SslProtocol,
  ...KeyAlgorithm,
  ...KeyType,
  ...EncodingFormat,
  ...AlternativeNameEntryType,
  ...SslOption,
  AlertLevel,
  AlertType,
  SslProtocol,
  KeyAlgorithm,
  KeyType,
  EncodingFormat,
  AlternativeNameEntryType,
  SslOption,
});

const PROTOCOLS: ReadonlyMap<string, SslProtocol> = new Map<string, SslProtocol>([
  ['TLSv1', SslProtocol.TlsV1_0],
  ['TLSv1.1', SslProtocol.TlsV1_1],
  ['TLSv1.2', SslProtocol.TlsV1_2],
  ['TLSv1.3', SslProtocol.TlsV1_3],
]);

/** The protocol that OpenSSL calls `name`, such as "TLSv1.3"; unknown for others and for null. */
export function sslProtocolOf(name: string | null): SslProtocol {
  return PROTOCOLS.get(name ?? '') ?? SslProtocol.UnknownProtocol;
}
