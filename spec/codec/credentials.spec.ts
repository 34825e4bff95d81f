import { expect } from 'chai';
import { askFor, credentialsOf, hasCredentials } from '../../lib/codec/credentials.ts';
import { QAuthenticator } from '../../lib/network/qauthenticator.ts';

describe('hasCredentials()', () => {
  const cases: [user: string, password: string, expected: boolean][] = [
    ['', '', false],
    ['joe', '', true],
    ['', 'pw', true],
    ['joe', 'pw', true],
  ];
  for (const [user, password, expected] of cases) {
    it(`is ${expected} for "${user}" and "${password}"`, () => {
      expect(hasCredentials({ user, password })).to.equal(expected);
    });
  }
});

describe('askFor()', () => {
  function authenticator(): QAuthenticator {
    const asked = new QAuthenticator();
    asked.setUser('joe');
    asked.setPassword('pw');
    return asked;
  }

  const cases: Record<string, [change: (asked: QAuthenticator) => void, expected: boolean]> = {
    'another user': [(asked) => asked.setUser('jim'), true],
    'another password': [(asked) => asked.setPassword('other'), true],
    'no password': [(asked) => asked.setPassword(''), true],
    'the same again': [(asked) => asked.setPassword('pw'), false],
    'another realm': [(asked) => asked.setRealm('other'), false],
    nothing: [() => {}, false],
  };
  for (const [what, [change, expected]] of Object.entries(cases)) {
    it(`takes ${what} for ${expected ? 'an answer' : 'none'}`, () => {
      expect(askFor(authenticator(), change)).to.equal(expected);
    });
  }

  it('asks once, with the values so far', () => {
    const seen: unknown[] = [];

    askFor(authenticator(), (asked) => seen.push(credentialsOf(asked)));

    expect(seen).to.deep.equal([{ user: 'joe', password: 'pw' }]);
  });
});
