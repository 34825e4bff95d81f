import { expect } from 'chai';
import { secretsOf } from '../../lib/brokers/url-secrets.ts';

describe('secretsOf()', () => {
  it('knows the password, as it is written and as it is sent', () => {
    expect(secretsOf('redis://alice:s%20cret@localhost')).to.deep.equal(['s%20cret', 's cret']);
  });

  it('takes a user without a password for a token', () => {
    expect(secretsOf('nats://t0ken@localhost')).to.include('t0ken');
  });

  it('does without either, and with escapes that are none', () => {
    expect(secretsOf('redis://localhost').join('')).to.equal('');
    expect(secretsOf('redis://:50%25%@localhost')).to.include('50%%');
  });
});
