import { expect } from 'chai';
import { type KeyObject, X509Certificate } from 'node:crypto';
import { QCryptographicHash } from '../../lib/ssl/qcryptographichash.ts';
import { AlternativeNameEntryType, QSsl } from '../../lib/ssl/qssl.ts';
import { PatternSyntax, QSslCertificate, SubjectInfo } from '../../lib/ssl/qsslcertificate.ts';
import { CERTS, certificate, pemText, serverKey } from './support/certs.ts';

const bundle = `${pemText('server.crt')}some text\n${pemText('ca.crt')}`;

function commonNames(certificates: QSslCertificate[]): string[] {
  return certificates.flatMap((each) => each.subjectInfo(QSslCertificate.CommonName));
}

describe('QSslCertificate', () => {
  it("has Qt's enumerators, those of SubjectInfo nested and flat", () => {
    expect(Object.values(SubjectInfo)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(QSslCertificate).to.include(SubjectInfo);
    expect(QSslCertificate.SubjectInfo).to.equal(SubjectInfo);
    expect(QSslCertificate.PatternSyntax).to.deep.equal({
      RegularExpression: 0,
      Wildcard: 1,
      FixedString: 2,
    });
  });

  it('is null without data', () => {
    const none = new QSslCertificate();

    expect(none.isNull()).to.equal(true);
    expect(none.isSelfSigned()).to.equal(false);
    expect(none.version()).to.equal('');
    expect(none.serialNumber()).to.equal('');
    expect(none.subjectInfo(QSslCertificate.CommonName)).to.deep.equal([]);
    expect(none.issuerInfo('CN')).to.deep.equal([]);
    expect(none.subjectInfoAttributes()).to.deep.equal([]);
    expect(none.subjectDisplayName()).to.equal('');
    expect(none.subjectAlternativeNames().size).to.equal(0);
    expect(none.effectiveDate().getTime()).to.deep.equal(Number.NaN);
    expect(none.expiryDate().getTime()).to.deep.equal(Number.NaN);
    expect(none.publicKey().isNull()).to.equal(true);
    expect([none.toPem(), none.toText()]).to.deep.equal(['', '']);
    expect(none.toDer()).to.have.lengthOf(0);
    expect(none.handle()).to.equal(undefined);
  });

  const { raw } = new X509Certificate(pemText('ca.crt'));
  const sources: Record<string, () => QSslCertificate> = {
    'PEM text': () => new QSslCertificate(pemText('ca.crt')),
    'PEM bytes': () => new QSslCertificate(Buffer.from(pemText('ca.crt')), QSsl.Pem),
    'PEM between other text': () => new QSslCertificate(`Subject: x\n${pemText('ca.crt')}\nx`),
    DER: () => new QSslCertificate(raw, QSsl.Der),
    'the first of several': () => new QSslCertificate(pemText('ca.crt') + pemText('server.crt')),
    'the first that is whole': () =>
      new QSslCertificate(pemText('server.crt').replace(/M.{20}/, '') + pemText('ca.crt')),
    "Node's form": () => new QSslCertificate(new X509Certificate(raw)),
  };
  for (const [what, make] of Object.entries(sources)) {
    it(`reads ${what}`, () => {
      expect(commonNames([make()])).to.deep.equal(['Spec Authority']);
    });
  }

  const broken: Record<string, () => QSslCertificate> = {
    noise: () => new QSslCertificate('noise'),
    'an empty block': () =>
      new QSslCertificate('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'),
    'a block that is cut off': () => new QSslCertificate(pemText('ca.crt').slice(0, 200)),
    'a private key': () => new QSslCertificate(pemText('server.key')),
    'DER that is said to be PEM': () => new QSslCertificate(raw),
    'PEM that is said to be DER': () => new QSslCertificate(pemText('ca.crt'), QSsl.Der),
    'DER that is cut off': () => new QSslCertificate(raw.subarray(0, 100), QSsl.Der),
    'PEM inside of PEM': () =>
      new QSslCertificate(
        `-----BEGIN CERTIFICATE-----
${Buffer.from(pemText('ca.crt')).toString('base64')}
-----END CERTIFICATE-----`,
      ),
  };
  for (const [what, make] of Object.entries(broken)) {
    it(`is null for ${what}`, () => {
      expect(make().isNull()).to.equal(true);
    });
  }

  it('does not change with the bytes that it was read from', () => {
    const bytes = new Uint8Array(raw);
    const read = new QSslCertificate(bytes, QSsl.Der);

    bytes.fill(0);

    expect(read.equals(certificate('ca'))).to.equal(true);
  });

  describe('fromData()', () => {
    it('reads all certificates of a bundle in their order', () => {
      expect(commonNames(QSslCertificate.fromData(bundle))).to.deep.equal([
        'localhost',
        'Spec Authority',
      ]);
    });

    it('leaves out what is broken', () => {
      const text = `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${bundle}`;

      expect(QSslCertificate.fromData(text)).to.have.lengthOf(2);
    });

    it('reads certificates in DER one behind the other', () => {
      const data = Buffer.concat([certificate('server').toDer(), raw, Buffer.from('noise')]);

      const read = QSslCertificate.fromData(data, QSsl.Der);

      expect(commonNames(read)).to.deep.equal(['localhost', 'Spec Authority']);
    });
  });

  describe('fromPath()', () => {
    it('reads a file', () => {
      const read = QSslCertificate.fromPath(`${CERTS}/ca.crt`);

      expect(commonNames(read)).to.deep.equal(['Spec Authority']);
    });

    it('reads the files that a pattern names', () => {
      const path = `${CERTS}/*a*.crt`;

      const read = QSslCertificate.fromPath(path, QSsl.Pem, PatternSyntax.Wildcard);

      expect(commonNames(read)).to.deep.equal(['Spec Authority', 'names.example']);
    });

    it('finds nothing in a file that is not there', () => {
      expect(QSslCertificate.fromPath(`${CERTS}/missing.crt`)).to.deep.equal([]);
    });
  });

  describe('fromDevice()', () => {
    it('reads bytes', () => {
      expect(QSslCertificate.fromDevice(Buffer.from(bundle))).to.have.lengthOf(2);
    });

    it('reads the file of a path', () => {
      expect(QSslCertificate.fromDevice(`${CERTS}/server.crt`)).to.have.lengthOf(1);
    });
  });

  describe('subjectInfo()', () => {
    const parts: [info: SubjectInfo | string, values: string[]][] = [
      [SubjectInfo.Organization, ['Ünits, quoted = Co']],
      [SubjectInfo.CommonName, ['names.example']],
      [SubjectInfo.LocalityName, ['Oslo']],
      [SubjectInfo.OrganizationalUnitName, ['second', 'first']],
      [SubjectInfo.CountryName, ['NO']],
      [SubjectInfo.StateOrProvinceName, ['Østlandet']],
      [SubjectInfo.DistinguishedNameQualifier, ['qualifier']],
      [SubjectInfo.SerialNumber, ['4711']],
      [SubjectInfo.EmailAddress, ['names@example.org']],
      ['O', ['Ünits, quoted = Co']],
      ['1.2.3.4.5', ['unknown']],
      ['constructor', []],
      ['', []],
    ];
    for (const [info, values] of parts) {
      it(`has the values of ${info}`, () => {
        expect(certificate('names').subjectInfo(info)).to.deep.equal(values);
      });
    }

    it('is told apart from the issuer', () => {
      const server = certificate('server');

      expect(server.subjectInfo('CN')).to.deep.equal(['localhost']);
      expect(server.issuerInfo(QSslCertificate.CommonName)).to.deep.equal(['Spec Authority']);
    });

    it('has attributes that are listed', () => {
      expect(certificate('server').subjectInfoAttributes()).to.deep.equal(['CN', 'O']);
      expect(certificate('server').issuerInfoAttributes()).to.deep.equal(['CN']);
      expect(certificate('quoted').subjectInfoAttributes()).to.deep.equal([]);
    });
  });

  describe('subjectDisplayName()', () => {
    const names: Record<string, string> = { server: 'localhost', version1: 'Old', quoted: '' };
    for (const [name, displayed] of Object.entries(names)) {
      it(`is "${displayed}" for the certificate ${name}`, () => {
        expect(certificate(name).subjectDisplayName()).to.equal(displayed);
      });
    }

    it('is told apart from that of the issuer', () => {
      expect(certificate('server').issuerDisplayName()).to.equal('Spec Authority');
    });
  });

  describe('subjectAlternativeNames()', () => {
    it('has the names by their kind', () => {
      expect([...certificate('names').subjectAlternativeNames()]).to.have.deep.members([
        [AlternativeNameEntryType.EmailEntry, ['one@example.org']],
        [AlternativeNameEntryType.DnsEntry, ['*.two.example', 'one.example']],
        [AlternativeNameEntryType.IpAddressEntry, ['2001:db8::1', '192.0.2.1']],
      ]);
    });

    it('does not take one name for two', () => {
      expect(certificate('quoted').subjectAlternativeNames().get(QSsl.DnsEntry)).to.deep.equal([
        'plain.example',
        'good.example, DNS:evil.example',
      ]);
    });

    it('is empty for a certificate without the extension', () => {
      expect(certificate('ca').subjectAlternativeNames().size).to.equal(0);
    });
  });

  it('tells its version', () => {
    expect(certificate('ca').version()).to.equal('3');
    expect(certificate('version1').version()).to.equal('1');
  });

  it('writes its serial number as bytes', () => {
    expect(certificate('server').serialNumber()).to.equal('ab:cd:ef:01:23');
    expect(certificate('names').serialNumber()).to.equal('0f');
  });

  it('tells how long it is valid', () => {
    const ca = certificate('ca');
    const days = (ca.expiryDate().getTime() - ca.effectiveDate().getTime()) / 86_400_000;

    expect(days).to.equal(36_500);
    expect(ca.effectiveDate().toISOString()).to.match(/^20\d\d-/);
  });

  it('knows who has issued it', () => {
    expect(certificate('ca').isSelfSigned()).to.equal(true);
    expect(certificate('server').isSelfSigned()).to.equal(false);
  });

  it('is not on a black list', () => {
    expect(certificate('ca').isBlacklisted()).to.equal(false);
  });

  it('has the public key of its private one', () => {
    const key = certificate('server').publicKey();

    expect(key.type()).to.equal(QSsl.PublicKey);
    expect(key.algorithm()).to.equal(QSsl.Ec);
    const handle = serverKey().handle() as KeyObject | undefined;
    expect(
      handle !== undefined &&
        (certificate('server').handle() as X509Certificate | undefined)?.checkPrivateKey(handle),
    ).to.equal(true);
  });

  describe('digest()', () => {
    const ca = new QSslCertificate(raw, QSsl.Der);
    const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const { fingerprint, fingerprint256 } = new X509Certificate(raw);
    const plain = (text: string): string => text.replaceAll(':', '').toLowerCase();

    it('is MD5 by default, as in Qt', () => {
      expect(ca.digest()).to.have.lengthOf(16);
      expect(hexOf(ca.digest())).to.equal(hexOf(ca.digest(QCryptographicHash.Md5)));
    });

    it("takes Qt's numbers", () => {
      expect(hexOf(ca.digest(QCryptographicHash.Sha1))).to.equal(plain(fingerprint));
      expect(hexOf(ca.digest(QCryptographicHash.Sha256))).to.equal(plain(fingerprint256));
    });

    it("takes Node's names", () => {
      expect(hexOf(ca.digest('sha256'))).to.equal(plain(fingerprint256));
    });

    it('is empty for an algorithm that Node does not have', () => {
      expect(ca.digest(QCryptographicHash.Keccak_256)).to.have.lengthOf(0);
    });

    it('throws for a name that Node does not know', () => {
      expect(() => ca.digest('sha257')).to.throw(Error);
    });

    it('is that of no bytes when the certificate is null', () => {
      expect(hexOf(new QSslCertificate().digest())).to.equal('d41d8cd98f00b204e9800998ecf8427e');
    });
  });

  it('writes what it has read', () => {
    const text = pemText('names.crt');

    expect(new QSslCertificate(text).toPem()).to.equal(text);
    expect(raw.equals(certificate('ca').toDer())).to.equal(true);
  });

  it('hands out bytes that are the caller’s own', () => {
    const ca = certificate('ca');

    ca.toDer().fill(0);

    expect(raw.equals(ca.toDer())).to.equal(true);
  });

  it('writes text for people', () => {
    const server = certificate('server');

    expect(server.toText().split('\n').slice(0, 3)).to.deep.equal([
      'Version: 3',
      'Serial number: ab:cd:ef:01:23',
      'Issuer: CN=Spec Authority',
    ]);
    expect(server.toText()).to.match(
      /\nSubject: CN=localhost, O=Specs\nAlternative names: "localhost", "127/,
    );
    expect(certificate('quoted').toText()).to.match(/\nSubject: \n/);
  });

  it('equals another one with the same bytes only', () => {
    const ca = certificate('ca');

    expect(ca.equals(certificate('ca'))).to.equal(true);
    expect(ca.equals(certificate('server'))).to.equal(false);
    expect(ca.equals(new QSslCertificate())).to.equal(false);
    expect(new QSslCertificate().equals(ca)).to.equal(false);
    expect(new QSslCertificate('noise').equals(new QSslCertificate())).to.equal(true);
  });

  it('has copies that change on their own', () => {
    const ca = certificate('ca');
    const copy = ca.clone();

    copy.clear();

    expect([ca.isNull(), copy.isNull()]).to.deep.equal([false, true]);
  });
});
