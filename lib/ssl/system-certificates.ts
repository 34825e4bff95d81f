import * as tls from 'node:tls';
import { QSslCertificate } from './qsslcertificate.ts';

let certificates: readonly QSslCertificate[] | undefined;

/** The authorities that Node trusts when it is told of no others, read at the first call. */
export function systemCertificates(): readonly QSslCertificate[] {
  return (certificates ??= read());
}

function read(): QSslCertificate[] {
  // Since Node 22.15; the types are those of Node 20, which only tells which it brings along.
  const newer = tls as { getCACertificates?: (type: 'default') => string[] };
  const told = newer.getCACertificates?.('default');
  const found = (told ?? tls.rootCertificates).map((pem) => new QSslCertificate(pem));
  if (told !== undefined) return found;
  const known = new Set(found.map((each) => each.toPem()));
  const extra = QSslCertificate.fromPath(process.env['NODE_EXTRA_CA_CERTS'] ?? '');
  return [...found, ...extra.filter((each) => !known.has(each.toPem()))];
}
