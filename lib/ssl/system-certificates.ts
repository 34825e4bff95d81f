import * as tls from 'node:tls';
import { QSslCertificate } from './qsslcertificate.ts';

let certificates: readonly QSslCertificate[] | undefined;

/**
 * The authorities that Node trusts when it is told of no others, read at the first call. Node 20
 * only tells which of them it brings along.
 */
export function systemCertificates(): readonly QSslCertificate[] {
  certificates ??= texts().map((pem) => new QSslCertificate(pem));
  return certificates;
}

function texts(): readonly string[] {
  // Since Node 22.15; the types are those of Node 20.
  const newer = tls as { getCACertificates?: (type: 'default') => string[] };
  return newer.getCACertificates?.('default') ?? tls.rootCertificates;
}
