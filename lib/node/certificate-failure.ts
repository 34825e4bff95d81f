import { printable, type FailureCause } from '../network/failure-text.ts';
import type { QSslCertificate } from '../ssl/qsslcertificate.ts';
import { SslError, type QSslError } from '../ssl/qsslerror.ts';

// Of the names that a certificate bears, as many as a person reads.
const MAX_NAMES = 5;

const UNTRUSTED: readonly SslError[] = [
  SslError.SelfSignedCertificate,
  SslError.SelfSignedCertificateInChain,
  SslError.UnableToGetLocalIssuerCertificate,
  SslError.UnableToGetIssuerCertificate,
  SslError.UnableToVerifyFirstCertificate,
  SslError.CertificateUntrusted,
];

/** What stands behind the first of the `errors` that the verification of `host` has found. */
export function certificateCause(host: string, errors: readonly QSslError[]): FailureCause {
  const [first, ...others] = errors;
  if (first === undefined) return { layer: 'TLS', detail: host };
  const also = others.map((error) => `; ${error.errorString()}`).join('');
  return { layer: 'TLS', detail: `${host}: ${findingOf(first)}${also}`, advice: adviceOf(errors) };
}

function findingOf(error: QSslError): string {
  const certificate = error.certificate();
  const number = error.error();
  if (number === SslError.NoPeerCertificate) return 'no certificate';
  if (number === SslError.HostNameMismatch) return `the certificate is for ${namesOf(certificate)}`;
  const subject = subjectOf(certificate);
  if (number === SslError.CertificateExpired) {
    return `${subject} until ${dayOf(certificate.expiryDate())}`;
  }
  if (number === SslError.CertificateNotYetValid) {
    return `${subject} from ${dayOf(certificate.effectiveDate())}`;
  }
  return `${subject} by ${issuerOf(certificate)}`;
}

function adviceOf(errors: readonly QSslError[]): string | undefined {
  if (!errors.some((error) => UNTRUSTED.includes(error.error()))) return undefined;
  return 'If you know it, trust it or its authority: QSslConfiguration.addCaCertificate().';
}

function namesOf(certificate: QSslCertificate): string {
  const names = [...certificate.subjectAlternativeNames().values()].flat();
  if (names.length === 0) return subjectOf(certificate);
  const shown = names.slice(0, MAX_NAMES).map((name) => printable(name));
  return names.length > MAX_NAMES ? `${shown.join(', ')}, …` : shown.join(', ');
}

function subjectOf(certificate: QSslCertificate): string {
  return `"${printable(certificate.subjectDisplayName())}"`;
}

function issuerOf(certificate: QSslCertificate): string {
  return `"${printable(certificate.issuerDisplayName())}"`;
}

function dayOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unreadable date' : date.toISOString().slice(0, 10);
}
