import { expect } from 'chai';
import { getCiphers } from 'node:tls';
import { SslProtocol } from '../../lib/ssl/qssl.ts';
import { defaultCiphers, QSslCipher, supportedCiphers } from '../../lib/ssl/qsslcipher.ts';

describe('QSslCipher', () => {
  it('is null without a name', () => {
    const cipher = new QSslCipher();

    expect(cipher.isNull()).to.equal(true);
    expect(cipher.name()).to.equal('');
    expect(cipher.protocolString()).to.equal('');
    expect(cipher.protocol()).to.equal(SslProtocol.UnknownProtocol);
    expect(cipher.usedBits()).to.equal(0);
  });

  it('is null for a name that Node does not have', () => {
    expect(new QSslCipher('NO-SUCH-CIPHER').isNull()).to.equal(true);
  });

  // What `openssl ciphers -v` prints.
  const known: [name: string, protocolString: string, protocol: SslProtocol, bits: number][] = [
    ['TLS_AES_128_GCM_SHA256', 'TLSv1.3', SslProtocol.TlsV1_3, 128],
    ['TLS_AES_256_GCM_SHA384', 'TLSv1.3', SslProtocol.TlsV1_3, 256],
    ['TLS_CHACHA20_POLY1305_SHA256', 'TLSv1.3', SslProtocol.TlsV1_3, 256],
    ['ECDHE-RSA-AES128-GCM-SHA256', 'TLSv1.2', SslProtocol.TlsV1_2, 128],
    ['ECDHE-ECDSA-CHACHA20-POLY1305', 'TLSv1.2', SslProtocol.TlsV1_2, 256],
    ['DHE-RSA-AES256-SHA256', 'TLSv1.2', SslProtocol.TlsV1_2, 256],
    ['AES128-SHA256', 'TLSv1.2', SslProtocol.TlsV1_2, 128],
    ['PSK-AES256-GCM-SHA384', 'TLSv1.2', SslProtocol.TlsV1_2, 256],
    ['ECDHE-RSA-AES256-SHA', 'TLSv1', SslProtocol.TlsV1_0, 256],
    ['ECDHE-PSK-AES128-CBC-SHA', 'TLSv1', SslProtocol.TlsV1_0, 128],
    ['PSK-AES128-CBC-SHA256', 'TLSv1', SslProtocol.TlsV1_0, 128],
    ['PSK-AES256-CBC-SHA', 'SSLv3', SslProtocol.UnknownProtocol, 256],
    ['AES128-SHA', 'SSLv3', SslProtocol.UnknownProtocol, 128],
  ];
  for (const [name, protocolString, protocol, bits] of known) {
    it(`knows ${name}`, () => {
      const cipher = new QSslCipher(name);

      expect(cipher.name()).to.equal(name);
      expect(cipher.protocolString()).to.equal(protocolString);
      expect(cipher.protocol()).to.equal(protocol);
      expect([cipher.usedBits(), cipher.supportedBits()]).to.deep.equal([bits, bits]);
    });
  }

  it("takes Node's small letters", () => {
    const cipher = new QSslCipher('ecdhe-rsa-aes128-gcm-sha256');

    expect(cipher.name()).to.equal('ECDHE-RSA-AES128-GCM-SHA256');
  });

  it('is null when its protocol is another one than was said', () => {
    const name = 'TLS_AES_128_GCM_SHA256';

    expect(new QSslCipher(name, SslProtocol.TlsV1_3).name()).to.equal(name);
    expect(new QSslCipher(name, SslProtocol.TlsV1_2).isNull()).to.equal(true);
  });

  it('equals another one of the same name only', () => {
    const cipher = new QSslCipher('TLS_AES_128_GCM_SHA256');

    expect(cipher.equals(new QSslCipher('tls_aes_128_gcm_sha256'))).to.equal(true);
    expect(cipher.equals(new QSslCipher('TLS_AES_256_GCM_SHA384'))).to.equal(false);
    expect(new QSslCipher().equals(new QSslCipher('no'))).to.equal(true);
  });
});

describe('supportedCiphers()', () => {
  it('has all of Node', () => {
    const names = supportedCiphers().map((cipher) => cipher.name());

    expect(names).to.have.members(getCiphers().map((name) => name.toUpperCase()));
  });

  for (const cipher of supportedCiphers()) {
    it(`knows protocol and bits of ${cipher.name()}`, () => {
      expect(cipher.protocolString()).to.match(/^(?:SSLv3|TLSv1(?:\.[23])?)$/);
      expect(cipher.usedBits()).to.be.oneOf([128, 168, 256]);
    });
  }
});

describe('defaultCiphers()', () => {
  const names = defaultCiphers().map((cipher) => cipher.name());

  it('begins with what Node wants most', () => {
    expect(names.slice(0, 3)).to.deep.equal([
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_AES_128_GCM_SHA256',
    ]);
  });

  it('names each cipher once', () => {
    expect(new Set(names).size).to.equal(names.length);
  });

  it('has none that needs a pre-shared key or password', () => {
    expect(names.filter((name) => /PSK|SRP/.test(name))).to.deep.equal([]);
    expect(names).to.include('ECDHE-RSA-CHACHA20-POLY1305');
  });
});
