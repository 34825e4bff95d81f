import { AlertLevel, AlertType } from '../ssl/qssl.ts';
import type { Alert } from '../websockets/socket-backend.ts';

// Node names the fatal alert of a peer in the code of its error, in OpenSSL's words.
const ALERT_CODE = /^ERR_SSL_(?:SSLV3_ALERT|TLSV1_ALERT|TLSV13_ALERT|TLSV1)_([A-Z_]+)$/;

const TYPES = new Map<string, AlertType>([
  ['UNEXPECTED_MESSAGE', AlertType.UnexpectedMessage],
  ['BAD_RECORD_MAC', AlertType.BadRecordMac],
  ['RECORD_OVERFLOW', AlertType.RecordOverflow],
  ['DECOMPRESSION_FAILURE', AlertType.DecompressionFailure],
  ['HANDSHAKE_FAILURE', AlertType.HandshakeFailure],
  ['NO_CERTIFICATE', AlertType.NoCertificate],
  ['BAD_CERTIFICATE', AlertType.BadCertificate],
  ['UNSUPPORTED_CERTIFICATE', AlertType.UnsupportedCertificate],
  ['CERTIFICATE_REVOKED', AlertType.CertificateRevoked],
  ['CERTIFICATE_EXPIRED', AlertType.CertificateExpired],
  ['CERTIFICATE_UNKNOWN', AlertType.CertificateUnknown],
  ['ILLEGAL_PARAMETER', AlertType.IllegalParameter],
  ['UNKNOWN_CA', AlertType.UnknownCa],
  ['ACCESS_DENIED', AlertType.AccessDenied],
  ['DECODE_ERROR', AlertType.DecodeError],
  ['DECRYPT_ERROR', AlertType.DecryptError],
  ['EXPORT_RESTRICTION', AlertType.ExportRestriction],
  ['PROTOCOL_VERSION', AlertType.ProtocolVersion],
  ['INSUFFICIENT_SECURITY', AlertType.InsufficientSecurity],
  ['INTERNAL_ERROR', AlertType.InternalError],
  ['INAPPROPRIATE_FALLBACK', AlertType.InappropriateFallback],
  ['USER_CANCELLED', AlertType.UserCancelled],
  ['NO_RENEGOTIATION', AlertType.NoRenegotiation],
  ['MISSING_EXTENSION', AlertType.MissingExtension],
  ['UNSUPPORTED_EXTENSION', AlertType.UnsupportedExtension],
  ['CERTIFICATE_UNOBTAINABLE', AlertType.CertificateUnobtainable],
  ['BAD_CERTIFICATE_STATUS_RESPONSE', AlertType.BadCertificateStatusResponse],
  ['BAD_CERTIFICATE_HASH_VALUE', AlertType.BadCertificateHashValue],
  ['UNRECOGNIZED_NAME', AlertType.UnrecognizedName],
  ['UNKNOWN_PSK_IDENTITY', AlertType.UnknownPskIdentity],
  ['CERTIFICATE_REQUIRED', AlertType.CertificateRequired],
  ['NO_APPLICATION_PROTOCOL', AlertType.NoApplicationProtocol],
]);

/** The alert of the peer that `error` tells of, if it is one. */
export function alertOf(error: NodeJS.ErrnoException): Alert | undefined {
  const name = ALERT_CODE.exec(error.code ?? '')?.[1];
  if (name === undefined) return undefined;
  return {
    level: AlertLevel.Fatal,
    type: TYPES.get(name) ?? AlertType.UnknownAlertMessage,
    description: name.toLowerCase().replaceAll('_', ' '),
  };
}
