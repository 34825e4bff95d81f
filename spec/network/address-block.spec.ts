import { expect } from 'chai';
import { addressBlock } from '../../lib/network/address-block.ts';

describe('addressBlock()', () => {
  const blocks: Record<string, string> = {
    '192.0.2.1': '192.0.2.1',
    '::ffff:192.0.2.1': '192.0.2.1',
    '2001:db8:1:2::1': '2001:db8:1:2::/64',
    '2001:db8:1:2:ffff:ffff:ffff:ffff': '2001:db8:1:2::/64',
    '2001:db8:1:3::1': '2001:db8:1:3::/64',
    '::1': '::/64',
    'fe80::1': 'fe80::1',
    'febf::2': 'febf::2',
    'fec0::2': 'fec0::/64',
    'fe80::1%eth0': 'fe80::1%eth0',
    '': '',
  };
  for (const [address, block] of Object.entries(blocks)) {
    it(`puts "${address}" into "${block}"`, () => {
      expect(addressBlock(address)).to.equal(block);
    });
  }
});
