import { expect } from 'chai';
import { QAuthenticator } from '../../lib/network/qauthenticator.ts';

function filled(): QAuthenticator {
  const authenticator = new QAuthenticator();
  authenticator.setUser('joe');
  authenticator.setPassword('pw');
  authenticator.setRealm('gate');
  return authenticator;
}

describe('QAuthenticator', () => {
  it('is null at first', () => {
    const authenticator = new QAuthenticator();

    expect(authenticator.isNull()).to.equal(true);
    expect([authenticator.user(), authenticator.password(), authenticator.realm()]).to.deep.equal([
      '',
      '',
      '',
    ]);
    expect(authenticator.options().size).to.equal(0);
    expect(authenticator.option('realm')).to.equal(undefined);
  });

  it('gives back what was set', () => {
    const authenticator = filled();

    expect(authenticator.user()).to.equal('joe');
    expect(authenticator.password()).to.equal('pw');
    expect(authenticator.realm()).to.equal('gate');
  });

  it('has the realm as an option too', () => {
    const authenticator = filled();
    authenticator.setOption('spn', 7);

    expect([...authenticator.options()]).to.deep.equal([
      ['realm', 'gate'],
      ['spn', 7],
    ]);
    expect(authenticator.option('realm')).to.equal('gate');
  });

  it('hands out options that are the caller’s own', () => {
    const authenticator = filled();

    authenticator.options().clear();

    expect(authenticator.option('realm')).to.equal('gate');
  });

  it('forgets everything', () => {
    const authenticator = filled();

    authenticator.clear();

    expect(authenticator.equals(new QAuthenticator())).to.equal(true);
    expect(authenticator.isNull()).to.equal(true);
  });

  const changes: Record<string, (authenticator: QAuthenticator) => void> = {
    user: (authenticator) => authenticator.setUser(''),
    password: (authenticator) => authenticator.setPassword(''),
    realm: (authenticator) => authenticator.setRealm(''),
    options: (authenticator) => authenticator.setOption('spn', undefined),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`is not null once it has a ${what}`, () => {
      const authenticator = new QAuthenticator();

      change(authenticator);

      expect(authenticator.isNull()).to.equal(false);
    });

    it(`equals another one only with the same ${what}`, () => {
      const authenticator = filled();
      const other = authenticator.clone();
      expect(authenticator.equals(other)).to.equal(true);

      change(other);

      expect(authenticator.equals(other)).to.equal(false);
      expect(other.equals(authenticator)).to.equal(false);
    });
  }

  it('does not equal one with as many other options', () => {
    const one = new QAuthenticator();
    const other = new QAuthenticator();
    one.setOption('a', undefined);
    other.setOption('b', undefined);

    expect(one.equals(other)).to.equal(false);
  });

  it('has copies that change on their own', () => {
    const authenticator = filled();
    const copy = authenticator.clone();

    copy.setUser('jim');
    copy.setOption('realm', 'other');

    expect(authenticator.equals(filled())).to.equal(true);
  });
});
