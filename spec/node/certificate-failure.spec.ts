import { expect } from 'chai';
import { certificateCause } from '../../lib/node/certificate-failure.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { certificate } from '../support/secure-peer.ts';

describe('certificateCause()', () => {
  const causes: Record<string, [error: SslError, of: string, detail: string]> = {
    'who signed for whom': [
      SslError.SelfSignedCertificate,
      'self-signed',
      '"localhost" by "localhost"',
    ],
    'whom the certificate is for': [
      SslError.HostNameMismatch,
      'other-host',
      'the certificate is for other.example',
    ],
    'until when it was valid': [SslError.CertificateExpired, 'expired', '"localhost" until 20'],
    'from when on it is valid': [SslError.CertificateNotYetValid, 'server', '"localhost" from 20'],
  };
  for (const [what, [error, name, detail]] of Object.entries(causes)) {
    it(`says ${what}`, () => {
      const cause = certificateCause('a.example', [new QSslError(error, certificate(name))]);

      expect(cause.layer).to.equal('TLS');
      expect(cause.detail).to.include(`a.example: ${detail}`);
    });
  }

  it('says that there is no certificate', () => {
    const { detail } = certificateCause('a.example', [new QSslError(SslError.NoPeerCertificate)]);
    expect(detail).to.equal('a.example: no certificate');
  });

  it('names the other errors as well', () => {
    const { detail } = certificateCause('a.example', [
      new QSslError(SslError.HostNameMismatch, certificate('names')),
      new QSslError(SslError.CertificateExpired, certificate('names')),
    ]);
    expect(detail).to.match(/^a\.example: the certificate is for .*; The certificate has expired$/);
  });

  it('advises how to trust an authority, and only where that helps', () => {
    const untrusted = new QSslError(SslError.SelfSignedCertificate, certificate('self-signed'));
    const expired = new QSslError(SslError.CertificateExpired, certificate('expired'));

    expect(certificateCause('a', [expired, untrusted]).advice).to.include('addCaCertificate()');
    expect(certificateCause('a', [expired]).advice).to.equal(undefined);
  });

  it('shows some names of a certificate that bears many', () => {
    const { detail } = certificateCause('a', [
      new QSslError(SslError.HostNameMismatch, certificate('names')),
    ]);
    expect(detail.split(', ').length).to.be.at.most(6);
  });

  it('has nothing more to say of a list without errors', () => {
    expect(certificateCause('a', [])).to.deep.equal({ layer: 'TLS', detail: 'a' });
  });
});
