import { expect } from 'chai';
import { tlsCause } from '../../lib/node/tls-cause.ts';

describe('tlsCause()', () => {
  const causes: Record<string, [detail: string, advice: RegExp]> = {
    ERR_SSL_WRONG_VERSION_NUMBER: ['a.example ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
    ERR_SSL_UNSUPPORTED_PROTOCOL: ['a.example ERR_SSL_UNSUPPORTED_PROTOCOL', /setProtocol/],
    ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: [
      'a.example sent the alert "protocol version"',
      /setProtocol/,
    ],
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
      'a.example sent the alert "certificate required"',
      /setLocalCertificate/,
    ],
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [
      'a.example sent the alert "handshake failure"',
      /no cipher in common/,
    ],
  };
  for (const [code, [detail, advice]] of Object.entries(causes)) {
    it(`explains ${code}`, () => {
      const cause = tlsCause(Object.assign(new Error('x'), { code }), 'a.example');

      expect([cause.layer, cause.detail]).to.deep.equal(['TLS', detail]);
      expect(cause.advice).to.match(advice);
    });
  }

  it('gives no advice where it knows none', () => {
    const error = Object.assign(new Error('x'), { code: 'ERR_SSL_DECRYPTION_FAILED' });
    expect(tlsCause(error, 'a').advice).to.equal(undefined);
  });
});
