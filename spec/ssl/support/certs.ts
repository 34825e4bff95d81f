import { readFileSync } from 'node:fs';
import { QSsl } from '../../../lib/ssl/qssl.ts';
import { QSslCertificate } from '../../../lib/ssl/qsslcertificate.ts';
import { QSslKey } from '../../../lib/ssl/qsslkey.ts';

/** Where make-certs.sh puts what it makes, seen from the root of the project. */
export const CERTS = 'spec/ssl/certs';

/** The text of one of its files, such as `server.crt`. */
export function pemText(name: string): string {
  return readFileSync(`${CERTS}/${name}`, 'latin1');
}

/** One of its certificates: `ca`, `server`, `names`, `quoted` or `version1`. */
export function certificate(name: string): QSslCertificate {
  return new QSslCertificate(pemText(`${name}.crt`));
}

/** The key of the certificate `server`. */
export function serverKey(): QSslKey {
  return new QSslKey(pemText('server.key'), QSsl.Ec);
}
