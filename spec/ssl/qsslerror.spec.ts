import { expect } from 'chai';
import { QSslCertificate } from '../../lib/ssl/qsslcertificate.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { certificate } from './support/certs.ts';

describe('SslError', () => {
  it("has Qt's numbers", () => {
    expect(SslError).to.deep.equal({
      NoError: 0,
      UnableToGetIssuerCertificate: 1,
      UnableToDecryptCertificateSignature: 2,
      UnableToDecodeIssuerPublicKey: 3,
      CertificateSignatureFailed: 4,
      CertificateNotYetValid: 5,
      CertificateExpired: 6,
      InvalidNotBeforeField: 7,
      InvalidNotAfterField: 8,
      SelfSignedCertificate: 9,
      SelfSignedCertificateInChain: 10,
      UnableToGetLocalIssuerCertificate: 11,
      UnableToVerifyFirstCertificate: 12,
      CertificateRevoked: 13,
      InvalidCaCertificate: 14,
      PathLengthExceeded: 15,
      InvalidPurpose: 16,
      CertificateUntrusted: 17,
      CertificateRejected: 18,
      SubjectIssuerMismatch: 19,
      AuthorityIssuerSerialNumberMismatch: 20,
      NoPeerCertificate: 21,
      HostNameMismatch: 22,
      NoSslSupport: 23,
      CertificateBlacklisted: 24,
      CertificateStatusUnknown: 25,
      OcspNoResponseFound: 26,
      OcspMalformedRequest: 27,
      OcspMalformedResponse: 28,
      OcspInternalError: 29,
      OcspTryLater: 30,
      OcspSigRequred: 31,
      OcspUnauthorized: 32,
      OcspResponseCannotBeTrusted: 33,
      OcspResponseCertIdUnknown: 34,
      OcspResponseExpired: 35,
      OcspStatusUnknown: 36,
      UnspecifiedError: -1,
    });
  });

  it('is nested and flat in QSslError', () => {
    expect(QSslError.SslError).to.equal(SslError);
    expect(QSslError).to.include(SslError);
  });
});

describe('QSslError', () => {
  it('is no error at first', () => {
    const none = new QSslError();

    expect(none.error()).to.equal(SslError.NoError);
    expect(none.errorString()).to.equal('No error');
    expect(none.certificate().isNull()).to.equal(true);
  });

  it('tells what it was made with', () => {
    const error = new QSslError(QSslError.CertificateExpired, certificate('server'));

    expect(error.error()).to.equal(SslError.CertificateExpired);
    expect(error.certificate().equals(certificate('server'))).to.equal(true);
  });

  it('keeps a certificate of its own', () => {
    const server = certificate('server');
    const error = new QSslError(SslError.CertificateExpired, server);

    server.clear();
    error.certificate().clear();

    expect(error.certificate().isNull()).to.equal(false);
  });

  it('equals another one with the same number and certificate only', () => {
    const error = new QSslError(SslError.CertificateExpired, certificate('server'));

    expect(error.equals(new QSslError(6, certificate('server')))).to.equal(true);
    expect(error.equals(new QSslError(5, certificate('server')))).to.equal(false);
    expect(error.equals(new QSslError(6, certificate('ca')))).to.equal(false);
    expect(error.equals(new QSslError(6))).to.equal(false);
    expect(new QSslError(6).equals(new QSslError(6, new QSslCertificate()))).to.equal(true);
  });

  describe('errorString()', () => {
    const texts: Record<string, string> = {
      NoError: 'No error',
      UnableToGetIssuerCertificate: 'The issuer certificate could not be found',
      UnableToDecryptCertificateSignature: 'The certificate signature could not be decrypted',
      UnableToDecodeIssuerPublicKey: 'The public key in the certificate could not be read',
      CertificateSignatureFailed: 'The signature of the certificate is invalid',
      CertificateNotYetValid: 'The certificate is not yet valid',
      CertificateExpired: 'The certificate has expired',
      InvalidNotBeforeField: "The certificate's notBefore field contains an invalid time",
      InvalidNotAfterField: "The certificate's notAfter field contains an invalid time",
      SelfSignedCertificate: 'The certificate is self-signed, and untrusted',
      SelfSignedCertificateInChain:
        'The root certificate of the certificate chain is self-signed, and untrusted',
      UnableToGetLocalIssuerCertificate:
        'The issuer certificate of a locally looked up certificate could not be found',
      UnableToVerifyFirstCertificate: 'No certificates could be verified',
      CertificateRevoked: 'Unknown error',
      InvalidCaCertificate: 'One of the CA certificates is invalid',
      PathLengthExceeded: 'The basicConstraints path length parameter has been exceeded',
      InvalidPurpose: 'The supplied certificate is unsuitable for this purpose',
      CertificateUntrusted: 'The root CA certificate is not trusted for this purpose',
      CertificateRejected: 'The root CA certificate is marked to reject the specified purpose',
      SubjectIssuerMismatch:
        'The current candidate issuer certificate was rejected because its subject name did not match the issuer name of the current certificate',
      AuthorityIssuerSerialNumberMismatch:
        'The current candidate issuer certificate was rejected because its issuer name and serial number was present and did not match the authority key identifier of the current certificate',
      NoPeerCertificate: 'The peer did not present any certificate',
      HostNameMismatch: 'The host name did not match any of the valid hosts for this certificate',
      NoSslSupport: '',
      CertificateBlacklisted: 'The peer certificate is blacklisted',
      CertificateStatusUnknown: 'Unknown error',
      OcspNoResponseFound: 'No OCSP status response found',
      OcspMalformedRequest: 'The OCSP status request had invalid syntax',
      OcspMalformedResponse:
        'OCSP response contains an unexpected number of SingleResponse structures',
      OcspInternalError: 'OCSP responder reached an inconsistent internal state',
      OcspTryLater: 'OCSP responder was unable to return a status for the requested certificate',
      OcspSigRequred:
        'The server requires the client to sign the OCSP request in order to construct a response',
      OcspUnauthorized: 'The client is not authorized to request OCSP status from this server',
      OcspResponseCannotBeTrusted: "OCSP responder's identity cannot be verified",
      OcspResponseCertIdUnknown:
        'The identity of a certificate in an OCSP response cannot be established',
      OcspResponseExpired: 'The certificate status response has expired',
      OcspStatusUnknown: "The certificate's status is unknown",
      UnspecifiedError: 'Unknown error',
    };
    for (const [name, text] of Object.entries(texts)) {
      it(`has Qt's text for ${name}`, () => {
        const error = new QSslError(SslError[name as keyof typeof SslError]);

        expect(error.errorString()).to.equal(text);
        expect(String(error)).to.equal(text);
      });
    }

    it('says "Unknown error" for a number that is none', () => {
      expect(new QSslError(99 as SslError).errorString()).to.equal('Unknown error');
    });
  });

  describe('fromOpenSsl()', () => {
    const codes: Record<string, SslError> = {
      OK: SslError.NoError,
      UNABLE_TO_DECRYPT_CERT_SIGNATURE: SslError.UnableToDecryptCertificateSignature,
      UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: SslError.UnableToDecodeIssuerPublicKey,
      CERT_SIGNATURE_FAILURE: SslError.CertificateSignatureFailed,
      ERROR_IN_CERT_NOT_BEFORE_FIELD: SslError.InvalidNotBeforeField,
      ERROR_IN_CERT_NOT_AFTER_FIELD: SslError.InvalidNotAfterField,
      HOSTNAME_MISMATCH: SslError.HostNameMismatch,
      DEPTH_ZERO_SELF_SIGNED_CERT: SslError.SelfSignedCertificate,
      SELF_SIGNED_CERT_IN_CHAIN: SslError.SelfSignedCertificateInChain,
      UNABLE_TO_GET_ISSUER_CERT: SslError.UnableToGetIssuerCertificate,
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY: SslError.UnableToGetLocalIssuerCertificate,
      UNABLE_TO_VERIFY_LEAF_SIGNATURE: SslError.UnableToVerifyFirstCertificate,
      CERT_NOT_YET_VALID: SslError.CertificateNotYetValid,
      CERT_HAS_EXPIRED: SslError.CertificateExpired,
      CERT_REVOKED: SslError.CertificateRevoked,
      INVALID_CA: SslError.InvalidCaCertificate,
      PATH_LENGTH_EXCEEDED: SslError.PathLengthExceeded,
      INVALID_PURPOSE: SslError.InvalidPurpose,
      CERT_UNTRUSTED: SslError.CertificateUntrusted,
      CERT_REJECTED: SslError.CertificateRejected,
      ERR_TLS_CERT_ALTNAME_INVALID: SslError.HostNameMismatch,
      CERT_CHAIN_TOO_LONG: SslError.UnspecifiedError,
      '': SslError.UnspecifiedError,
    };
    for (const [code, error] of Object.entries(codes)) {
      it(`takes "${code}" for ${error}`, () => {
        expect(QSslError.fromOpenSsl(code).error()).to.equal(error);
      });
    }

    it('keeps the certificate', () => {
      const error = QSslError.fromOpenSsl('CERT_HAS_EXPIRED', certificate('server'));

      expect(error.certificate().equals(certificate('server'))).to.equal(true);
    });
  });
});
