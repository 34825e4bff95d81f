import { expect } from 'chai';
import {
  formatIPv4,
  formatIPv6,
  mappedIPv4,
  parseIPv4,
  parseIPv6,
} from '../../lib/network/ip-address.ts';
import { hex } from '../support/hex.ts';

describe('parseIPv4()', () => {
  const addresses: Record<string, number> = {
    '0.0.0.0': 0,
    '127.0.0.1': 0x7f000001,
    '192.168.10.200': 0xc0a80ac8,
    '255.255.255.255': 0xffffffff,
  };
  for (const [text, address] of Object.entries(addresses)) {
    it(`reads ${text}`, () => {
      expect(parseIPv4(text)).to.equal(address);
    });
  }

  for (const text of [
    '',
    '1',
    '127.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.256',
    '01.2.3.4',
    '0x7f.0.0.1',
    '+1.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4\n',
    '1.2.3.1e1',
    '１.2.3.4',
    'localhost',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseIPv4(text)).to.equal(undefined);
    });
  }
});

describe('formatIPv4()', () => {
  for (const [address, text] of [
    [0, '0.0.0.0'],
    [0x7f000001, '127.0.0.1'],
    [0xffffffff, '255.255.255.255'],
  ] as const) {
    it(`writes ${text}`, () => {
      expect(formatIPv4(address)).to.equal(text);
    });
  }
});

describe('parseIPv6() and formatIPv6()', () => {
  // text, its bytes, its canonical form where that differs
  const addresses: [text: string, bytes: string, canonical?: string][] = [
    ['::', '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'],
    ['::1', '00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01'],
    ['1::', '00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00'],
    ['2001:db8::1', '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01'],
    ['2001:DB8:0:0:0:0:0:1', '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01', '2001:db8::1'],
    ['2001:db8::0001', '20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01', '2001:db8::1'],
    ['1:2:3:4:5:6:7:8', '00 01 00 02 00 03 00 04 00 05 00 06 00 07 00 08'],
    ['1:2:3:4:5:6:7::', '00 01 00 02 00 03 00 04 00 05 00 06 00 07 00 00', '1:2:3:4:5:6:7:0'],
    ['0:0:1::', '00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00', '0:0:1::'],
    // RFC 5952 §4.2.2 and §4.2.3: never one group alone, the longest run, the first of equals
    ['2001:db8:0:1:1:1:1:1', '20 01 0d b8 00 00 00 01 00 01 00 01 00 01 00 01'],
    ['2001:0:0:1::1', '20 01 00 00 00 00 00 01 00 00 00 00 00 00 00 01', '2001:0:0:1::1'],
    [
      '2001:db8:0:0:1:0:0:1',
      '20 01 0d b8 00 00 00 00 00 01 00 00 00 00 00 01',
      '2001:db8::1:0:0:1',
    ],
    ['::ffff:127.0.0.1', '00 00 00 00 00 00 00 00 00 00 ff ff 7f 00 00 01'],
    ['::ffff:7f00:1', '00 00 00 00 00 00 00 00 00 00 ff ff 7f 00 00 01', '::ffff:127.0.0.1'],
    ['64:ff9b::192.0.2.33', '00 64 ff 9b 00 00 00 00 00 00 00 00 c0 00 02 21', '64:ff9b::c000:221'],
    [
      '1:2:3:4:5:6:7.8.9.10',
      '00 01 00 02 00 03 00 04 00 05 00 06 07 08 09 0a',
      '1:2:3:4:5:6:708:90a',
    ],
  ];
  for (const [text, bytes, canonical = text] of addresses) {
    it(`read ${text} and write ${canonical}`, () => {
      const address = parseIPv6(text);

      expect(address).to.deep.equal(new Uint8Array(hex(bytes)));
      expect(formatIPv6(address!)).to.equal(canonical);
    });
  }

  for (const text of [
    '',
    ':',
    ':::',
    '1',
    '1.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    '12345::',
    'g::',
    '::zz',
    '::1.2.3',
    '::1.2.3.256',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
    '::1%eth0',
    ' ::1',
    ':'.repeat(1000),
  ]) {
    it(`refuse ${JSON.stringify(text.slice(0, 30))}`, () => {
      expect(parseIPv6(text)).to.equal(undefined);
    });
  }
});

describe('mappedIPv4()', () => {
  for (const [text, address] of [
    ['::ffff:255.1.2.3', 0xff010203],
    ['::ffff:0:0', 0],
    ['::255.1.2.3', undefined],
    ['1::ffff:1.2.3.4', undefined],
    ['::ff:1.2.3.4', undefined],
  ] as const) {
    it(`finds ${address} in ${text}`, () => {
      expect(mappedIPv4(parseIPv6(text)!)).to.equal(address);
    });
  }
});
