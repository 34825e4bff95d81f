import { expect } from 'chai';
import fc from 'fast-check';
import { createPrivateKey } from 'node:crypto';
import { QSsl } from '../../lib/ssl/qssl.ts';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { certificate, pemText } from './support/certs.ts';

const names = certificate('names').toDer();
const key = pemText('server.key');

/** The length of the first alternative name; a larger one breaks the extension only. */
const ALTERNATIVE_NAME = Buffer.from(names).indexOf('one.example') - 1;

/** The last byte of the public key: with another one it is no point of its curve. */
const PUBLIC_KEY = endOf(certificate('names').publicKey().toDer()) - 1;

function endOf(part: Uint8Array): number {
  return Buffer.from(names).indexOf(part) + part.length;
}

const questions: ((read: QSslCertificate) => unknown)[] = [
  (read) => read.subjectInfoAttributes(),
  (read) => read.issuerInfo('CN'),
  (read) => read.subjectAlternativeNames(),
  (read) => read.publicKey().length(),
  (read) => read.version(),
  (read) => read.serialNumber(),
  (read) => read.effectiveDate(),
  (read) => read.toText(),
  (read) => read.isSelfSigned(),
];

/** Asks for everything. Node 20 would report an error that is left behind for the next key. */
function exercise(read: QSslCertificate): void {
  for (const ask of questions) {
    ask(read);
    createPrivateKey(key);
  }
}

describe('QSslCertificate, whatever it reads', () => {
  it('takes noise without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (noise, isPem) => {
        const text = Buffer.from(noise).toString('base64');
        const data = `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

        const read = isPem ? new QSslCertificate(data) : new QSslCertificate(noise, QSsl.Der);

        exercise(read);
      }),
    );
  });

  it('takes a certificate with a changed byte without throwing, and without harm to what follows', () => {
    fc.assert(
      fc.property(fc.nat(names.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = new Uint8Array(names);
        changed[at]! ^= change;

        exercise(new QSslCertificate(changed, QSsl.Der));
      }),
      {
        numRuns: 100,
        examples: [
          [ALTERNATIVE_NAME, 0x80],
          [PUBLIC_KEY, 1],
        ],
      },
    );
  });

  it('reads as many as there are, one behind the other', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.uint8Array({ maxLength: 20 }), (count, noise) => {
        const tail = [0, ...noise];
        const data = Buffer.concat([...Array<Uint8Array>(count).fill(names), Buffer.from(tail)]);

        expect(QSslCertificate.fromData(data, QSsl.Der)).to.have.lengthOf(count);
      }),
    );
  });
});
