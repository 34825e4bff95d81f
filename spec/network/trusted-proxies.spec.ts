import { expect } from 'chai';
import { TrustedProxies } from '../../lib/network/trusted-proxies.ts';

describe('TrustedProxies', () => {
  const proxies = new TrustedProxies(['192.0.2.1', '10.0.0.0/8', 'fe80::/10']);

  const rows: Record<string, boolean> = {
    '192.0.2.1': true,
    '192.0.2.2': false,
    '::ffff:192.0.2.1': true,
    '10.200.0.1': true,
    'fe80::1%eth0': true,
    'fe80::1': true,
    '::1': false,
    unknown: false,
    '': false,
  };
  for (const [address, isTrusted] of Object.entries(rows)) {
    it(`${isTrusted ? 'trust' : 'do not trust'} "${address}"`, () => {
      expect(proxies.trusts(address)).to.equal(isTrusted);
    });
  }

  it('trust peers without an address when they are told to', () => {
    const local = new TrustedProxies(['unix:']);

    expect(local.trusts('')).to.equal(true);
    expect(local.trusts('127.0.0.1')).to.equal(false);
  });

  it('tell what they were given', () => {
    const given = ['10.1.2.3/8', 'unix:'];
    const { entries } = new TrustedProxies(given);
    given.pop();

    expect(entries).to.deep.equal(['10.1.2.3/8', 'unix:']);
  });

  for (const entry of ['localhost', '10.0.0.0/33', '', '*', 'unix']) {
    it(`do not take "${entry}"`, () => {
      expect(() => new TrustedProxies(['10.0.0.1', entry])).to.throw(TypeError, `"${entry}"`);
    });
  }
});
