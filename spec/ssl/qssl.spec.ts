import { expect } from 'chai';
import {
  AlertLevel,
  AlertType,
  AlternativeNameEntryType,
  EncodingFormat,
  KeyAlgorithm,
  KeyType,
  QSsl,
  SslOption,
  SslProtocol,
  sslProtocolOf,
} from '../../lib/ssl/qssl.ts';

describe('QSsl', () => {
  const unscoped = {
    SslProtocol,
    KeyAlgorithm,
    KeyType,
    EncodingFormat,
    AlternativeNameEntryType,
    SslOption,
  };
  for (const [name, enumerators] of Object.entries(unscoped)) {
    it(`holds ${name} nested and flat`, () => {
      expect(QSsl).to.have.property(name, enumerators);
      expect(QSsl).to.include(enumerators);
    });
  }

  it('holds the alerts nested only, as Qt does', () => {
    expect(QSsl.AlertLevel).to.equal(AlertLevel);
    expect(QSsl.AlertType).to.equal(AlertType);
    expect(QSsl).to.not.have.any.keys('Fatal', 'CloseNotify');
  });

  it("has Qt's numbers", () => {
    expect(AlertLevel).to.deep.equal({ Warning: 0, Fatal: 1, Unknown: 2 });
    expect(SslProtocol).to.deep.equal({
      TlsV1_0: 0,
      TlsV1_1: 1,
      TlsV1_2: 2,
      AnyProtocol: 3,
      SecureProtocols: 4,
      TlsV1_0OrLater: 5,
      TlsV1_1OrLater: 6,
      TlsV1_2OrLater: 7,
      DtlsV1_0: 8,
      DtlsV1_0OrLater: 9,
      DtlsV1_2: 10,
      DtlsV1_2OrLater: 11,
      TlsV1_3: 12,
      TlsV1_3OrLater: 13,
      UnknownProtocol: -1,
    });
    expect(KeyAlgorithm).to.deep.equal({ Opaque: 0, Rsa: 1, Dsa: 2, Ec: 3, Dh: 4, MlDsa: 5 });
    expect(KeyType).to.deep.equal({ PrivateKey: 0, PublicKey: 1 });
    expect(EncodingFormat).to.deep.equal({ Pem: 0, Der: 1 });
    expect(AlternativeNameEntryType).to.deep.equal({
      EmailEntry: 0,
      DnsEntry: 1,
      IpAddressEntry: 2,
    });
    expect(Object.values(SslOption)).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128]);
  });

  it('has the numbers of alerts that are on the wire (RFC 8446 §6)', () => {
    expect(AlertType).to.deep.equal({
      CloseNotify: 0,
      UnexpectedMessage: 10,
      BadRecordMac: 20,
      RecordOverflow: 22,
      DecompressionFailure: 30,
      HandshakeFailure: 40,
      NoCertificate: 41,
      BadCertificate: 42,
      UnsupportedCertificate: 43,
      CertificateRevoked: 44,
      CertificateExpired: 45,
      CertificateUnknown: 46,
      IllegalParameter: 47,
      UnknownCa: 48,
      AccessDenied: 49,
      DecodeError: 50,
      DecryptError: 51,
      ExportRestriction: 60,
      ProtocolVersion: 70,
      InsufficientSecurity: 71,
      InternalError: 80,
      InappropriateFallback: 86,
      UserCancelled: 90,
      NoRenegotiation: 100,
      MissingExtension: 109,
      UnsupportedExtension: 110,
      CertificateUnobtainable: 111,
      UnrecognizedName: 112,
      BadCertificateStatusResponse: 113,
      BadCertificateHashValue: 114,
      UnknownPskIdentity: 115,
      CertificateRequired: 116,
      NoApplicationProtocol: 120,
      UnknownAlertMessage: 255,
    });
  });

  it('is typed by number', () => {
    const protocol: SslProtocol = QSsl.TlsV1_3;
    // @ts-expect-error No protocol has this number.
    const none: SslProtocol = 14;

    expect([protocol, none]).to.deep.equal([12, 14]);
  });
});

describe('sslProtocolOf()', () => {
  const names: [name: string | null, protocol: SslProtocol][] = [
    ['TLSv1', SslProtocol.TlsV1_0],
    ['TLSv1.1', SslProtocol.TlsV1_1],
    ['TLSv1.2', SslProtocol.TlsV1_2],
    ['TLSv1.3', SslProtocol.TlsV1_3],
    ['SSLv3', SslProtocol.UnknownProtocol],
    ['unknown', SslProtocol.UnknownProtocol],
    [null, SslProtocol.UnknownProtocol],
  ];
  for (const [name, protocol] of names) {
    it(`knows ${name} as ${protocol}`, () => {
      expect(sslProtocolOf(name)).to.equal(protocol);
    });
  }
});
