import { expect } from 'chai';
import { addressBytes, isInSubnet, parseSubnet } from '../../lib/network/subnet.ts';

describe('parseSubnet()', () => {
  // What Qt 6.4's QHostAddress::parseSubnet() makes of the same texts, bits behind the length aside.
  const subnets: Record<string, [inside: string[], outside: string[]]> = {
    '127.0.0.1': [
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['127.0.0.2', '::1', ''],
    ],
    '10.0.0.0/8': [
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3'],
      ['9.255.255.255', '11.0.0.0', 'a00::'],
    ],
    '10.1.2.3/8': [['10.9.9.9'], ['11.1.2.3']],
    '10.1.2.3/255.0.0.0': [['10.9.9.9'], ['11.1.2.3']],
    '192.0.2.64/26': [
      ['192.0.2.64', '192.0.2.127'],
      ['192.0.2.63', '192.0.2.128'],
    ],
    '192.0.2.64/255.255.255.192': [['192.0.2.127'], ['192.0.2.128']],
    '1.2.3.4/08': [['1.9.9.9'], ['2.2.3.4']],
    '192.0.2.1/32': [['192.0.2.1'], ['192.0.2.0']],
    '192.0.2.1/255.255.255.255': [['192.0.2.1'], ['192.0.2.0']],
    '0.0.0.0/0': [
      ['0.0.0.0', '255.255.255.255'],
      ['::', '2001:db8::1'],
    ],
    '0.0.0.0/0.0.0.0': [['192.0.2.1'], ['::1']],
    '::1': [['::1'], ['::2', '0.0.0.1']],
    '2001:db8::/33': [['2001:db8:7fff::'], ['2001:db8:8000::']],
    '::/0': [['2001:db8::1'], ['192.0.2.1', '::ffff:192.0.2.1']],
    '::ffff:10.0.0.0/104': [['10.9.9.9', '::ffff:10.9.9.9'], ['11.0.0.0']],
  };
  for (const [text, [inside, outside]] of Object.entries(subnets)) {
    it(`reads ${text}`, () => {
      const subnet = parseSubnet(text)!;
      const isInside = (address: string): boolean => {
        const bytes = addressBytes(address);
        return bytes !== undefined && isInSubnet(bytes, subnet);
      };

      expect(inside.map(isInside)).to.deep.equal(inside.map(() => true));
      expect(outside.map(isInside)).to.deep.equal(outside.map(() => false));
    });
  }

  for (const text of [
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.255.0',
    '10.0.0.0/0.0.0.255',
    '10.0.0.0/ 8',
    ' 10.0.0.0/8',
    '10/8',
    '256.0.0.0/8',
    'fd00::/129',
    'fd00::/255.0.0.0',
    '::ffff:10.0.0.0/95',
    '::ffff:10.0.0.0/255.0.0.0',
    '[fd00::]/8',
    'fe80::1%eth0',
    'localhost',
    'unix:',
  ]) {
    it(`knows that "${text}" is none`, () => {
      expect(parseSubnet(text)).to.equal(undefined);
    });
  }
});
