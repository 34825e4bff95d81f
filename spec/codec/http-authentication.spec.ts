import { expect } from 'chai';
import sinon from 'sinon';
import { parseChallenges } from '../../lib/codec/challenge.ts';
import type { Credentials } from '../../lib/codec/credentials.ts';
import {
  basicAuthorization,
  ChallengeOutcome,
  chooseChallenge,
  HttpAuthentication,
} from '../../lib/codec/http-authentication.ts';
import type { QAuthenticator } from '../../lib/network/qauthenticator.ts';

const { Answered, Unanswered, Unsupported } = ChallengeOutcome;

const nobody = { user: '', password: '' };
const joe = { user: 'joe', password: 'pw' };
const request = { method: 'GET', uri: '/' };

/** Gives one pair of credentials after the other, and then nothing. */
function answers(...given: Credentials[]): sinon.SinonSpy<[QAuthenticator], void> {
  return sinon.spy((authenticator: QAuthenticator) => {
    const next = given.shift();
    if (next === undefined) return;
    authenticator.setUser(next.user);
    authenticator.setPassword(next.password);
  });
}

function said(authentication: HttpAuthentication): Record<string, string> {
  const [written] = parseChallenges([authentication.authorization(request)]);
  return Object.fromEntries(written!.parameters);
}

describe('chooseChallenge()', () => {
  const basic = 'Basic realm=b';
  const md5 = 'Digest realm=m, nonce=n';
  const sha = 'Digest realm=s, nonce=n, algorithm=SHA-256';
  const cases: Record<string, [values: string[], realm: string | undefined]> = {
    'nothing of nothing': [[], undefined],
    'Basic rather than what is unknown': [['NTLM', 'Negotiate', basic], 'b'],
    'Digest with MD5 rather than Basic': [[basic, md5], 'm'],
    'Digest with SHA-256 rather than MD5': [[md5, sha, basic], 's'],
    'the first of equals': [['Basic realm=1', 'Basic realm=2'], '1'],
    'Basic rather than a Digest that cannot be answered': [
      ['Digest realm=d, nonce=n, qop=auth-int', basic],
      'b',
    ],
    'nothing of what is unknown': [['NTLM, Negotiate', 'Bearer realm=x'], undefined],
  };
  for (const [what, [values, realm]] of Object.entries(cases)) {
    it(`takes ${what}`, () => {
      const chosen = chooseChallenge(parseChallenges(values));

      expect(chosen?.parameters.get('realm')).to.equal(realm);
    });
  }
});

describe('basicAuthorization()', () => {
  const cases: [user: string, password: string, expected: string][] = [
    // RFC 7617 §2 and §2.1
    ['Aladdin', 'open sesame', 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['test', '123\u00a3', 'Basic dGVzdDoxMjPCow=='],
    ['', '', 'Basic Og=='],
    // One form of a letter that has two.
    ['a\u0308', '', basicAuthorization({ user: '\u00e4', password: '' })],
  ];
  for (const [user, password, expected] of cases) {
    it(`of ${JSON.stringify(user)} is ${expected}`, () => {
      expect(basicAuthorization({ user, password })).to.equal(expected);
    });
  }
});

describe('HttpAuthentication', () => {
  it('says nothing before it is asked', () => {
    expect(new HttpAuthentication(joe).authorization(request)).to.equal('');
  });

  it('answers with the credentials it was given, without asking', () => {
    const authentication = new HttpAuthentication(joe);
    const ask = answers();

    expect(authentication.challenged(['Basic realm="gate"'], ask)).to.equal(Answered);

    expect(authentication.authorization(request)).to.equal('Basic am9lOnB3');
    sinon.assert.notCalled(ask);
  });

  it('asks when there are none, and tells the realm', () => {
    const authentication = new HttpAuthentication(nobody);
    const realms: unknown[] = [];

    const outcome = authentication.challenged(['Basic realm="gate"'], (authenticator) => {
      realms.push(authenticator.realm(), authenticator.option('realm'), authenticator.user());
      authenticator.setUser('joe');
      authenticator.setPassword('pw');
    });

    expect(outcome).to.equal(Answered);
    expect(realms).to.deep.equal(['gate', 'gate', '']);
    expect(authentication.authorization(request)).to.equal('Basic am9lOnB3');
  });

  it('asks when what it was given is refused, and shows that', () => {
    const authentication = new HttpAuthentication({ user: 'admin', password: 'admin' });
    const ask = answers(joe);
    authentication.challenged(['Basic realm=r'], ask);

    expect(authentication.challenged(['Basic realm=r'], ask)).to.equal(Answered);

    sinon.assert.calledOnce(ask);
    expect(authentication.authorization(request)).to.equal('Basic am9lOnB3');
  });

  it('gives up when nobody answers', () => {
    const authentication = new HttpAuthentication(nobody);

    expect(authentication.challenged(['Basic realm=r'], answers())).to.equal(Unanswered);
  });

  it('gives up when the answer is the refused one', () => {
    const authentication = new HttpAuthentication(nobody);
    const ask = answers(joe, joe);
    authentication.challenged(['Basic realm=r'], ask);

    expect(authentication.challenged(['Basic realm=r'], ask)).to.equal(Unanswered);
    sinon.assert.calledTwice(ask);
  });

  it('gives up after 16 refusals of ever new answers', () => {
    const authentication = new HttpAuthentication(nobody);
    let count = 0;
    const ask = sinon.spy((authenticator: QAuthenticator) => {
      authenticator.setUser(`user${count++}`);
    });

    const outcomes = Array.from({ length: 17 }, () =>
      authentication.challenged(['Basic realm=r'], ask),
    );

    expect(outcomes.slice(0, 16).every((outcome) => outcome === Answered)).to.equal(true);
    expect(outcomes[16]).to.equal(Unanswered);
    sinon.assert.callCount(ask, 16);
  });

  for (const values of [[], ['NTLM'], ['Digest nonce=n, algorithm=unknown']]) {
    it(`does not ask for what it does not know: ${values.join()}`, () => {
      const ask = answers(joe);

      expect(new HttpAuthentication(joe).challenged(values, ask)).to.equal(Unsupported);
      sinon.assert.notCalled(ask);
    });
  }

  describe('with Digest', () => {
    const stale = (nonce: string): string[] => [
      `Digest realm=r, nonce=${nonce}, qop=auth, stale=TRUE`,
    ];

    it('takes a new nonce for a stale one without asking', () => {
      const authentication = new HttpAuthentication(joe);
      const ask = answers();
      authentication.challenged(['Digest realm=r, nonce=1, qop=auth'], ask);

      expect(authentication.challenged(stale('2'), ask)).to.equal(Answered);

      expect(said(authentication)).to.include({ username: 'joe', nonce: '2', nc: '00000001' });
      sinon.assert.notCalled(ask);
    });

    it('does not take nonces for ever', () => {
      const authentication = new HttpAuthentication(joe);
      const outcomes = Array.from({ length: 17 }, (_, i) =>
        authentication.challenged(stale(String(i)), answers()),
      );

      expect(outcomes.indexOf(Unanswered)).to.equal(16);
    });

    it('asks when the first nonce is called stale already', () => {
      const ask = answers();

      expect(new HttpAuthentication(nobody).challenged(stale('1'), ask)).to.equal(Unanswered);
      sinon.assert.calledOnce(ask);
    });

    it('goes on counting when the same nonce comes again', () => {
      const authentication = new HttpAuthentication(nobody);
      const ask = answers({ user: 'jim', password: '' }, joe);
      const first = ['Digest realm=r, nonce=1, qop=auth'];
      authentication.challenged(first, ask);
      const before = said(authentication);

      authentication.challenged(first, ask);

      const after = said(authentication);
      expect(after).to.include({ nc: '00000002', cnonce: before['cnonce']!, username: 'joe' });
    });

    it('begins anew with another nonce', () => {
      const authentication = new HttpAuthentication(nobody);
      const ask = answers({ user: 'jim', password: '' }, joe);
      authentication.challenged(['Digest realm=r, nonce=1, qop=auth'], ask);
      const before = said(authentication);

      authentication.challenged(['Digest realm=r, nonce=2, qop=auth'], ask);

      const after = said(authentication);
      expect(after).to.include({ nc: '00000001', nonce: '2' });
      expect(after['cnonce']).to.not.equal(before['cnonce']);
    });

    it('answers Basic when the server changes to it', () => {
      const authentication = new HttpAuthentication(joe);
      const ask = answers({ user: 'joe', password: 'other' });
      authentication.challenged(['Digest realm=r, nonce=1'], ask);

      authentication.challenged(['Basic realm=r'], ask);

      expect(authentication.authorization(request)).to.equal(
        basicAuthorization({ user: 'joe', password: 'other' }),
      );
    });
  });
});
