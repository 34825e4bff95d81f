import { expect } from 'chai';
import {
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { EncodingFormat, KeyAlgorithm, KeyType, QSsl } from '../../lib/ssl/qssl.ts';
import { QSslKey } from '../../lib/ssl/qsslkey.ts';
import { pemText } from './support/certs.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const ed25519 = generateKeyPairSync('ed25519');

function pkcs8(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function spki(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

describe('QSslKey', () => {
  it('is null without arguments', () => {
    const key = new QSslKey();

    expect(key.isNull()).to.equal(true);
    expect(key.length()).to.equal(-1);
    expect(key.type()).to.equal(KeyType.PublicKey);
    expect(key.algorithm()).to.equal(KeyAlgorithm.Opaque);
    expect(key.handle()).to.equal(undefined);
    expect(key.toPem()).to.equal('');
    expect(key.toDer()).to.have.lengthOf(0);
  });

  const pairs: Record<
    string,
    { pair: KeyPairKeyObjectResult; algorithm: KeyAlgorithm; length: number; label: string }
  > = {
    RSA: { pair: rsa, algorithm: QSsl.Rsa, length: 1024, label: 'RSA PRIVATE KEY' },
    'elliptic curves': { pair: ec, algorithm: QSsl.Ec, length: 256, label: 'EC PRIVATE KEY' },
    Ed25519: { pair: ed25519, algorithm: QSsl.Opaque, length: -1, label: 'PRIVATE KEY' },
  };
  for (const [name, { pair, algorithm, length, label }] of Object.entries(pairs)) {
    describe(`for ${name}`, () => {
      it('reads a private key from PEM', () => {
        const key = new QSslKey(pkcs8(pair.privateKey), algorithm);

        expect(key.isNull()).to.equal(false);
        expect(key.type()).to.equal(KeyType.PrivateKey);
        expect(key.algorithm()).to.equal(algorithm);
        expect(key.length()).to.equal(length);
        expect((key.handle() as KeyObject | undefined)?.equals(pair.privateKey)).to.equal(true);
      });

      it('reads a public key from PEM', () => {
        const text = spki(pair.publicKey);
        const key = new QSslKey(text, algorithm, QSsl.Pem, QSsl.PublicKey);

        expect(key.type()).to.equal(KeyType.PublicKey);
        expect(key.algorithm()).to.equal(algorithm);
        expect(key.length()).to.equal(length);
        expect(key.toPem()).to.equal(text);
      });

      for (const type of [QSsl.PrivateKey, QSsl.PublicKey]) {
        const half = type === QSsl.PrivateKey ? pair.privateKey : pair.publicKey;

        it(`reads what it writes: ${half.type}, PEM`, () => {
          const key = new QSslKey(half);
          const again = new QSslKey(key.toPem(), algorithm, QSsl.Pem, type);

          expect(again.equals(key)).to.equal(true);
          expect(again.isNull()).to.equal(false);
        });

        it(`reads what it writes: ${half.type}, DER`, () => {
          const key = new QSslKey(half);
          const again = new QSslKey(key.toDer(), algorithm, QSsl.Der, type);

          expect(again.equals(key)).to.equal(true);
          expect(again.isNull()).to.equal(false);
        });
      }

      it("writes a private key under Qt's label", () => {
        const lines = new QSslKey(pair.privateKey).toPem().split('\n');

        expect(lines[0]).to.equal(`-----BEGIN ${label}-----`);
      });

      it('encrypts a private key with a pass phrase', () => {
        const key = new QSslKey(pair.privateKey);
        const text = key.toPem('secret');

        expect(text.split('\n')[0]).to.equal('-----BEGIN ENCRYPTED PRIVATE KEY-----');
        const again = new QSslKey(text, algorithm, QSsl.Pem, QSsl.PrivateKey, 'secret');
        expect(again.equals(key)).to.equal(true);
      });
    });
  }

  it('reads an encrypted key in DER', () => {
    const der = ec.privateKey.export({
      type: 'pkcs8',
      format: 'der',
      cipher: 'aes-128-cbc',
      passphrase: 'secret',
    });

    const key = new QSslKey(der, QSsl.Ec, QSsl.Der, QSsl.PrivateKey, Buffer.from('secret'));

    expect((key.handle() as KeyObject | undefined)?.equals(ec.privateKey)).to.equal(true);
  });

  it('reads a key that is encrypted as openssl once did (RFC 1421)', () => {
    const text = rsa.privateKey.export({
      type: 'pkcs1',
      format: 'pem',
      cipher: 'des-ede3-cbc',
      passphrase: 'secret',
    });

    const key = new QSslKey(text.toString(), QSsl.Rsa, QSsl.Pem, QSsl.PrivateKey, 'secret');

    expect((key.handle() as KeyObject | undefined)?.equals(rsa.privateKey)).to.equal(true);
  });

  it('reads a public key in PKCS #1', () => {
    const text = rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();

    const key = new QSslKey(text, QSsl.Rsa, QSsl.Pem, QSsl.PublicKey);

    expect((key.handle() as KeyObject | undefined)?.equals(rsa.publicKey)).to.equal(true);
  });

  it('finds the key behind a certificate', () => {
    const text = pemText('server.crt') + pemText('server.key');

    expect(new QSslKey(text, QSsl.Ec).isNull()).to.equal(false);
  });

  it('reads a key although another one has failed before', () => {
    const text = pkcs8(rsa.privateKey);

    // Node 20 leaves an error behind that it reports for the next key.
    expect(rsa.privateKey.equals(ec.privateKey)).to.equal(false);

    expect(new QSslKey(text, QSsl.Rsa).isNull()).to.equal(false);
  });

  it('takes a key of any algorithm as Opaque, and knows what it is', () => {
    const key = new QSslKey(pkcs8(rsa.privateKey), QSsl.Opaque);

    expect(key.algorithm()).to.equal(KeyAlgorithm.Rsa);
  });

  const encrypted = new QSslKey(ec.privateKey).toPem('secret');
  const broken: Record<string, () => QSslKey> = {
    'no data': () => new QSslKey('', QSsl.Rsa),
    noise: () => new QSslKey('noise', QSsl.Rsa),
    'noise in DER': () => new QSslKey(new Uint8Array(100), QSsl.Rsa, QSsl.Der),
    'a broken block': () => new QSslKey(pkcs8(ec.privateKey).replace(/^M.{20}/m, 'AAAA'), QSsl.Ec),
    'PEM that is said to be DER': () =>
      new QSslKey(pkcs8(ec.privateKey), QSsl.Ec, EncodingFormat.Der),
    'a key of another algorithm': () => new QSslKey(pkcs8(ec.privateKey), QSsl.Rsa),
    'a public key that is said to be private': () => new QSslKey(spki(ec.publicKey), QSsl.Ec),
    'a private key that is said to be public': () =>
      new QSslKey(pkcs8(ec.privateKey), QSsl.Ec, QSsl.Pem, QSsl.PublicKey),
    'a certificate that is said to be a public key': () =>
      new QSslKey(pemText('server.crt'), QSsl.Ec, QSsl.Pem, QSsl.PublicKey),
    'an encrypted key without its pass phrase': () => new QSslKey(encrypted, QSsl.Ec),
    'an encrypted key with another pass phrase': () =>
      new QSslKey(encrypted, QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, 'other'),
    'a pass phrase that is too long': () =>
      new QSslKey(encrypted, QSsl.Ec, QSsl.Pem, QSsl.PrivateKey, 'x'.repeat(2000)),
    'a secret key': () => new QSslKey(createSecretKey(Buffer.from('secret'))),
  };
  for (const [what, make] of Object.entries(broken)) {
    it(`is null for ${what}`, () => {
      expect(make().isNull()).to.equal(true);
    });
  }

  const curves: Record<string, number> = { secp384r1: 384, secp521r1: 521, brainpoolP256r1: 256 };
  for (const [namedCurve, length] of Object.entries(curves)) {
    it(`knows the length of ${namedCurve}`, () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve });

      expect(new QSslKey(publicKey).length()).to.equal(length);
    });
  }

  it('knows RSA-PSS as RSA', () => {
    const { privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 1024 });
    const key = new QSslKey(privateKey);

    expect(key.algorithm()).to.equal(KeyAlgorithm.Rsa);
    expect(new QSslKey(key.toPem(), QSsl.Rsa).equals(key)).to.equal(true);
  });

  it('knows Diffie-Hellman, without its length', () => {
    const key = new QSslKey(pemText('dh.pub'), QSsl.Dh, QSsl.Pem, QSsl.PublicKey);

    expect([key.algorithm(), key.length()]).to.deep.equal([KeyAlgorithm.Dh, -1]);
  });

  it('equals another one only when it is the same half of the same pair', () => {
    const key = new QSslKey(ec.privateKey);

    expect(key.equals(new QSslKey(pkcs8(ec.privateKey), QSsl.Ec))).to.equal(true);
    expect(key.equals(new QSslKey(ec.publicKey))).to.equal(false);
    expect(key.equals(new QSslKey(rsa.privateKey))).to.equal(false);
    expect(key.equals(new QSslKey())).to.equal(false);
    expect(new QSslKey().equals(key)).to.equal(false);
    expect(new QSslKey().equals(new QSslKey())).to.equal(true);
  });

  it('has copies that change on their own', () => {
    const key = new QSslKey(ec.privateKey);
    const copy = key.clone();

    copy.clear();

    expect([key.isNull(), copy.isNull()]).to.deep.equal([false, true]);
  });
});
