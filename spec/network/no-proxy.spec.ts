import { expect } from 'chai';
import { bypassesProxy } from '../../lib/network/no-proxy.ts';

describe('bypassesProxy()', () => {
  const cases: [list: string, host: string, expected: boolean][] = [
    ['', 'a.example', false],
    [' , ,', 'a.example', false],
    ['*', 'a.example', true],
    ['*', '::1', true],
    // Names
    ['a.example', 'a.example', true],
    ['a.example', 'b.a.example', true],
    ['a.example', 'ba.example', false],
    ['a.example', 'example', false],
    ['.a.example', 'b.a.example', true],
    ['.a.example', 'a.example', true],
    ['*.a.example', 'b.a.example', true],
    ['*.a.example', 'ba.example', false],
    ['A.Example', 'a.EXAMPLE', true],
    ['a.example.', 'a.example', true],
    ['a.example', 'a.example.', true],
    ['x.example,a.example', 'a.example', true],
    ['x.example a.example', 'a.example', true],
    ['x.example,\n a.example ', 'a.example', true],
    ['a*', 'a.example', false],
    ['.', 'a.example', false],
    ['*.', 'a.example', false],
    ['a.example', '', false],
    // Ports; the connection's is 8080
    ['a.example:8080', 'a.example', true],
    ['.a.example:8080', 'b.a.example', true],
    ['a.example:80', 'a.example', false],
    ['a.example:', 'a.example', false],
    ['10.0.0.1:8080', '10.0.0.1', true],
    ['10.0.0.1:80', '10.0.0.1', false],
    ['[::1]:8080', '::1', true],
    ['[::1]:80', '::1', false],
    // Addresses
    ['10.0.0.1', '10.0.0.1', true],
    ['0.0.1', '10.0.0.1', false],
    ['.0.0.1', '10.0.0.1', false],
    ['10.0.0.1', 'x.10.0.0.1', false],
    ['::1', '::1', true],
    ['[::1]', '::1', true],
    ['0:0::1', '::1', true],
    ['::2', '::1', false],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '::ffff:10.0.0.1', true],
    // Networks
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.168.4.0/22', '192.168.7.255', true],
    ['192.168.4.0/22', '192.168.8.0', false],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['10.0.0.1/32', '10.0.0.0', false],
    ['10.0.0.1/31', '10.0.0.0', true],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '::1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fc00::1', false],
    ['[fd00::]/8', 'fd00::1', true],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::/0', '::1', true],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0.0/-1', '10.0.0.0', false],
    ['10.0.0.0/x', '10.0.0.0', false],
    ['10.0.0.0/', '10.0.0.0', true],
    ['10.0.0.0/8/8', '10.0.0.0', false],
    ['/8', '10.0.0.0', false],
    ['10.0.0.0/8', 'a.example', false],
    ['a.example/8', 'a.example', false],
  ];
  for (const [list, host, expected] of cases) {
    it(`is ${expected} for ${JSON.stringify(host)} and ${JSON.stringify(list)}`, () => {
      expect(bypassesProxy(host, 8080, list)).to.equal(expected);
    });
  }
});
