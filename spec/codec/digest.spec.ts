import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { parseChallenges, type Challenge } from '../../lib/codec/challenge.ts';
import { digestStrength, DigestSession } from '../../lib/codec/digest.ts';

function challenge(parameters: string): Challenge {
  return parseChallenges([`Digest ${parameters}`])[0]!;
}

function answer(parameters: string, cnonce?: string): DigestSession {
  return DigestSession.of(challenge(parameters), cnonce)!;
}

/** What the answer says, by name. */
function fields(authorization: string): Record<string, string> {
  const [written] = parseChallenges([authorization]);
  expect(written?.scheme).to.equal('digest');
  return Object.fromEntries(written!.parameters);
}

const get = { method: 'GET', uri: '/dir/index.html' };
const mufasa = { user: 'Mufasa', password: 'Circle of Life' };

describe('DigestSession', () => {
  it('answers the example of RFC 2617 §3.5', () => {
    const session = answer(
      'realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      '0a4f113b',
    );

    const value = session.authorization(get, { user: 'Mufasa', password: 'Circle Of Life' });

    expect(value).to.equal(
      'Digest username="Mufasa", realm="testrealm@host.com", ' +
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
        'response="6629fae49393a05397450978507c4ef1", qop=auth, nc=00000001, cnonce="0a4f113b", ' +
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
  });

  const rfc7616 =
    'realm="http-auth@example.org", qop="auth, auth-int", ' +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const responses = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  };
  for (const [algorithm, response] of Object.entries(responses)) {
    it(`answers the example of RFC 7616 §3.9.1 with ${algorithm}`, () => {
      const session = answer(
        `${rfc7616}, algorithm=${algorithm}`,
        'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      );

      expect(fields(session.authorization(get, mufasa))).to.deep.equal({
        username: 'Mufasa',
        realm: 'http-auth@example.org',
        uri: '/dir/index.html',
        algorithm,
        nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
        nc: '00000001',
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
        qop: 'auth',
        response,
        opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
      });
    });
  }

  describe('with the example of RFC 7616 §3.9.2', () => {
    // The RFC's own hashes are of a cut SHA-512; erratum 4897 has those of SHA-512/256.
    const parameters =
      'realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
      'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
      'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8';
    const cnonce = 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v';
    const request = { method: 'GET', uri: '/doe.json' };
    const jason = { user: 'J\u00e4s\u00f8n Doe', password: 'Secret, or not?' };

    it('hashes the user', () => {
      const session = answer(`${parameters}, userhash=true`, cnonce);

      const written = fields(session.authorization(request, jason));

      expect(written).to.include({
        username: '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
        userhash: 'true',
        response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
        algorithm: 'SHA-512-256',
      });
    });

    it('encodes the user', () => {
      const session = answer(`${parameters}, userhash=false`, cnonce);

      const written = fields(session.authorization(request, jason));

      expect(written).to.include({
        'username*': "UTF-8''J%C3%A4s%C3%B8n%20Doe",
        response: '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5',
      });
      expect(written).to.not.have.any.keys('username', 'userhash');
    });
  });

  for (const [name, hash] of Object.entries({ MD5: 'md5', 'SHA-256': 'sha256' })) {
    it(`mixes both nonces into the key with ${name}-sess (RFC 7616 §3.4.2)`, () => {
      const h = (text: string): string => createHash(hash).update(text).digest('hex');
      const session = answer(
        `realm=r, nonce=n, qop=auth, algorithm=${name.toLowerCase()}-SESS`,
        'c',
      );

      const written = fields(session.authorization({ method: 'CONNECT', uri: 'h:1' }, mufasa));

      const key = h(`${h('Mufasa:r:Circle of Life')}:n:c`);
      expect(written['response']).to.equal(h(`${key}:n:00000001:c:auth:${h('CONNECT:h:1')}`));
      expect(written['algorithm']).to.equal(`${name}-sess`);
    });
  }

  it('answers a server without a qop as RFC 2069 has it', () => {
    const session = answer(
      'realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    );

    const written = fields(
      session.authorization(get, { user: 'Mufasa', password: 'Circle Of Life' }),
    );

    expect(written).to.deep.equal({
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      uri: '/dir/index.html',
      response: '670fd8c2df070c60b045671b8b24ff02',
    });
  });

  it('counts how often it used the nonce, and keeps its own', () => {
    const session = answer('realm=r, nonce=n, qop=auth');
    const written = Array.from({ length: 16 }, () => fields(session.authorization(get, mufasa)));

    expect(written.map(({ nc }) => nc).slice(0, 2)).to.deep.equal(['00000001', '00000002']);
    expect(written.at(-1)?.['nc']).to.equal('00000010');
    expect(new Set(written.map(({ cnonce }) => cnonce)).size).to.equal(1);
    expect(new Set(written.map(({ response }) => response)).size).to.equal(16);
  });

  it('makes 128 bits of its own for each session', () => {
    const nonces = Array.from(
      { length: 20 },
      () => fields(answer('nonce=n, qop=auth').authorization(get, mufasa))['cnonce'],
    );

    expect(new Set(nonces).size).to.equal(20);
    for (const nonce of nonces) expect(nonce).to.match(/^[0-9a-f]{32}$/);
  });

  it('escapes what it quotes', () => {
    const session = answer(String.raw`realm="a\"b\\c", nonce="\"", opaque=""`);

    const value = session.authorization(get, { user: 'x"y\\', password: '' });

    expect(value).to.include(String.raw`username="x\"y\\", realm="a\"b\\c", nonce="\"",`);
    expect(value).to.match(/, opaque=""$/);
  });

  const users: Record<string, [user: string, charset: string, field: string, value: string]> = {
    'a line break': ['a\r\nb', '', 'username*', "UTF-8''a%0D%0Ab"],
    'UTF-8 that was not announced': ['\u00e4', '', 'username', '\u00c3\u00a4'],
    'UTF-8 that was announced': ['\u00e4', 'charset="utf-8"', 'username*', "UTF-8''%C3%A4"],
    'ASCII where UTF-8 was announced': ['joe', 'charset=UTF-8', 'username', 'joe'],
    'letters with loose marks': ['a\u0308', 'charset=UTF-8', 'username*', "UTF-8''%C3%A4"],
  };
  for (const [what, [user, charset, field, value]] of Object.entries(users)) {
    it(`writes a user with ${what} as ${field}`, () => {
      const session = answer(`realm=r, nonce=n, ${charset}`);

      expect(fields(session.authorization(get, { user, password: '' }))).to.include({
        [field]: value,
      });
    });
  }

  it('hashes the bytes of a realm as they came', () => {
    const realm = Buffer.from('caf\u00e9').toString('latin1');
    const session = answer(`realm="${realm}", nonce=n`);

    const written = fields(session.authorization(get, { user: 'u', password: 'p' }));

    const h = (text: string): string => createHash('md5').update(text).digest('hex');
    expect(written['response']).to.equal(h(`${h('u:caf\u00e9:p')}:n:${h('GET:/dir/index.html')}`));
  });
});

describe('digestStrength()', () => {
  const cases: Record<string, number> = {
    'nonce=n': 1,
    'nonce=n, algorithm=MD5': 1,
    'nonce=n, algorithm=md5-sess, qop=auth': 1,
    'nonce=n, algorithm="SHA-256"': 2,
    'nonce=n, algorithm=SHA-256-sess, qop="auth-int, auth"': 2,
    'nonce=n, algorithm=SHA-512-256, qop=AUTH': 2,
    'nonce=n, qop=""': 1,
    // What cannot be answered:
    'realm=r': 0,
    'nonce=n, algorithm=SHA-1': 0,
    'nonce=n, algorithm=-sess': 0,
    'nonce=n, algorithm=MD5-sess': 0,
    'nonce=n, qop=auth-int': 0,
    'nonce=n, qop="future"': 0,
  };
  for (const [parameters, strength] of Object.entries(cases)) {
    it(`is ${strength} for ${parameters}`, () => {
      expect(digestStrength(challenge(parameters))).to.equal(strength);
      expect(DigestSession.of(challenge(parameters)) === undefined).to.equal(strength === 0);
    });
  }

  it('is 0 for other schemes', () => {
    expect(digestStrength(parseChallenges(['Basic nonce=n'])[0]!)).to.equal(0);
  });
});
