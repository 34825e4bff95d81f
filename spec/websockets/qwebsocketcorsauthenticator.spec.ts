import { expect } from 'chai';
import { QWebSocketCorsAuthenticator } from '../../lib/websockets/qwebsocketcorsauthenticator.ts';

describe('QWebSocketCorsAuthenticator', () => {
  for (const origin of ['', 'com.somesite']) {
    it(`allows the origin "${origin}" at first`, () => {
      const authenticator = new QWebSocketCorsAuthenticator(origin);

      expect(authenticator.origin()).to.equal(origin);
      expect(authenticator.allowed()).to.equal(true);
    });
  }

  it('keeps the last answer', () => {
    const authenticator = new QWebSocketCorsAuthenticator('com.somesite');

    authenticator.setAllowed(false);
    expect(authenticator.allowed()).to.equal(false);

    authenticator.setAllowed(true);
    expect(authenticator.allowed()).to.equal(true);
  });

  const copies: Record<
    string,
    (authenticator: QWebSocketCorsAuthenticator) => QWebSocketCorsAuthenticator
  > = {
    'the constructor': (authenticator) => new QWebSocketCorsAuthenticator(authenticator),
    'clone()': (authenticator) => authenticator.clone(),
  };
  for (const [what, copyOf] of Object.entries(copies)) {
    it(`is copied with its answer by ${what}, and does not follow the copy`, () => {
      const authenticator = new QWebSocketCorsAuthenticator('com.somesite');
      authenticator.setAllowed(false);
      const copy = copyOf(authenticator);

      expect([copy.origin(), copy.allowed()]).to.deep.equal(['com.somesite', false]);
      expect(copy.equals(authenticator)).to.equal(true);

      authenticator.setAllowed(true);
      expect(copy.allowed()).to.equal(false);
      expect(copy.equals(authenticator)).to.equal(false);
    });
  }

  it('differs from one of another origin', () => {
    const one = new QWebSocketCorsAuthenticator('a');

    expect(one.equals(new QWebSocketCorsAuthenticator('b'))).to.equal(false);
  });

  it('exchanges origin and answer by swap()', () => {
    const one = new QWebSocketCorsAuthenticator('a');
    const other = new QWebSocketCorsAuthenticator('b');
    one.setAllowed(false);

    one.swap(other);

    expect([one.origin(), one.allowed()]).to.deep.equal(['b', true]);
    expect([other.origin(), other.allowed()]).to.deep.equal(['a', false]);
  });
});
