import { expect } from 'chai';
import { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';

describe('QSslPreSharedKeyAuthenticator', () => {
  it('is empty at first', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator();

    expect(authenticator.identityHint()).to.equal('');
    expect(authenticator.identity()).to.equal('');
    expect(authenticator.maximumIdentityLength()).to.equal(0);
    expect(authenticator.preSharedKey()).to.have.lengthOf(0);
    expect(authenticator.maximumPreSharedKeyLength()).to.equal(0);
  });

  it('tells what it was made with', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator('hint', 128, 256, 'client');

    expect(authenticator.identityHint()).to.equal('hint');
    expect(authenticator.maximumIdentityLength()).to.equal(128);
    expect(authenticator.maximumPreSharedKeyLength()).to.equal(256);
    expect(authenticator.identity()).to.equal('client');
  });

  it('gives back what was set', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator('', 128, 256);

    authenticator.setIdentity('client');
    authenticator.setPreSharedKey(Buffer.from('key'));

    expect(authenticator.identity()).to.equal('client');
    expect([...authenticator.preSharedKey()]).to.deep.equal([...Buffer.from('key')]);
  });

  it('keeps a key of its own', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator();
    const key = new Uint8Array([1, 2, 3]);
    authenticator.setPreSharedKey(key);

    key.fill(0);
    authenticator.preSharedKey().fill(9);

    expect([...authenticator.preSharedKey()]).to.deep.equal([1, 2, 3]);
  });

  it('does not guess what a key in text means', () => {
    const authenticator = new QSslPreSharedKeyAuthenticator();

    // @ts-expect-error A key is bytes.
    expect(() => authenticator.setPreSharedKey('1a2b')).to.throw(TypeError, 'string');
  });

  const make = (): QSslPreSharedKeyAuthenticator =>
    new QSslPreSharedKeyAuthenticator('hint', 128, 256, 'client');
  const others: Record<string, () => QSslPreSharedKeyAuthenticator> = {
    identityHint: () => new QSslPreSharedKeyAuthenticator('', 128, 256, 'client'),
    maximumIdentityLength: () => new QSslPreSharedKeyAuthenticator('hint', 0, 256, 'client'),
    maximumPreSharedKeyLength: () => new QSslPreSharedKeyAuthenticator('hint', 128, 0, 'client'),
    identity: () => new QSslPreSharedKeyAuthenticator('hint', 128, 256),
    preSharedKey: () => {
      const other = make();
      other.setPreSharedKey(new Uint8Array(1));
      return other;
    },
  };
  for (const [what, other] of Object.entries(others)) {
    it(`equals another one only with the same ${what}`, () => {
      expect(make().equals(make())).to.equal(true);
      expect(make().equals(other())).to.equal(false);
    });
  }
});
