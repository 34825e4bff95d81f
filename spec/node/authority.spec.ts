import { expect } from 'chai';
import { authorityHost } from '../../lib/node/authority.ts';

describe('authorityHost()', () => {
  const hosts: Record<string, string> = {
    'example.com': 'example.com',
    '192.0.2.1': '192.0.2.1',
    '2001:db8::1': '[2001:db8::1]',
    'fe80::1%eth0': '[fe80::1]',
  };
  for (const [host, text] of Object.entries(hosts)) {
    it(`makes ${text} of ${host}`, () => {
      expect(authorityHost(host)).to.equal(text);
    });
  }
});
