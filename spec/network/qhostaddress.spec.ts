import { expect } from 'chai';
import { inspect } from 'node:util';
import { NetworkLayerProtocol } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress, SpecialAddress } from '../../lib/network/qhostaddress.ts';

const { IPv4Protocol, IPv6Protocol, AnyIPProtocol, UnknownNetworkLayerProtocol } =
  NetworkLayerProtocol;

describe('QHostAddress', () => {
  describe('of numeric text', () => {
    const texts: [text: string, protocol: NetworkLayerProtocol, canonical: string][] = [
      ['127.0.0.1', IPv4Protocol, '127.0.0.1'],
      ['0.0.0.0', IPv4Protocol, '0.0.0.0'],
      ['::', IPv6Protocol, '::'],
      ['2001:DB8::0:1', IPv6Protocol, '2001:db8::1'],
      ['::FFFF:127.0.0.1', IPv6Protocol, '::ffff:127.0.0.1'],
      ['fe80::1%eth0', IPv6Protocol, 'fe80::1%eth0'],
      ['fe80::1%12', IPv6Protocol, 'fe80::1%12'],
    ];
    for (const [text, protocol, canonical] of texts) {
      it(`writes ${text} as ${canonical}`, () => {
        const address = new QHostAddress(text);

        expect(address.isNull()).to.equal(false);
        expect(address.protocol()).to.equal(protocol);
        expect(address.toString()).to.equal(canonical);
        expect(JSON.stringify(address)).to.equal(JSON.stringify(canonical));
      });
    }
  });

  describe('of any other text', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '127.0.0.1%eth0',
      ' 127.0.0.1',
      '127.0.0.1:80',
      '[::1]',
      '::1%',
      '::1%a%b',
      '::1%a b',
      `::1%${'z'.repeat(65)}`,
    ]) {
      it(`${JSON.stringify(text)} is null`, () => {
        const address = new QHostAddress(text);

        expect(address.isNull()).to.equal(true);
        expect(address.protocol()).to.equal(UnknownNetworkLayerProtocol);
        expect(address.toString()).to.equal('');
        expect(address.scopeId()).to.equal('');
      });
    }
  });

  describe('of a special address', () => {
    const specials: Record<
      keyof typeof SpecialAddress,
      [number: number, protocol: NetworkLayerProtocol, text: string]
    > = {
      Null: [0, UnknownNetworkLayerProtocol, ''],
      Broadcast: [1, IPv4Protocol, '255.255.255.255'],
      LocalHost: [2, IPv4Protocol, '127.0.0.1'],
      LocalHostIPv6: [3, IPv6Protocol, '::1'],
      Any: [4, AnyIPProtocol, '0.0.0.0'],
      AnyIPv6: [5, IPv6Protocol, '::'],
      AnyIPv4: [6, IPv4Protocol, '0.0.0.0'],
    };
    for (const [name, [number, protocol, text]] of Object.entries(specials)) {
      const key = name as keyof typeof SpecialAddress;

      it(`${name} has Qt's number, protocol and text`, () => {
        const address = new QHostAddress(QHostAddress.SpecialAddress[key]);

        expect(SpecialAddress[key]).to.equal(number);
        expect(address.protocol()).to.equal(protocol);
        expect(address.toString()).to.equal(text);
      });

      it(`${name} is a constant, too`, () => {
        const address: QHostAddress = QHostAddress[key];

        expect(address.equals(SpecialAddress[key])).to.equal(true);
        expect(() => address.setAddress('::1')).to.throw(TypeError);
        expect(() => address.clear()).to.throw(TypeError);
        expect(address.toString()).to.equal(text);
      });
    }
  });

  it('copies another address, which may then be changed', () => {
    const copy = new QHostAddress(QHostAddress.LocalHost);
    const clone = new QHostAddress('fe80::1%eth0').clone();

    expect(copy.toString()).to.equal('127.0.0.1');
    expect(copy.setAddress('::1')).to.equal(true);
    expect(QHostAddress.LocalHost.toString()).to.equal('127.0.0.1');
    expect(clone.toString()).to.equal('fe80::1%eth0');
  });

  it('is shown by console.log() as by qDebug()', () => {
    expect(inspect(QHostAddress.LocalHost)).to.equal('QHostAddress("127.0.0.1")');
  });

  it('is null without an argument', () => {
    expect(new QHostAddress().isNull()).to.equal(true);
  });

  describe('setAddress()', () => {
    it('takes text and special addresses', () => {
      const address = new QHostAddress();

      expect(address.setAddress('fe80::1%eth0')).to.equal(true);
      expect(address.toString()).to.equal('fe80::1%eth0');
      expect(address.setAddress(SpecialAddress.Any)).to.equal(true);
      expect(address.protocol()).to.equal(AnyIPProtocol);
      expect(address.scopeId()).to.equal('');
    });

    it('makes the address null by what is none', () => {
      const address = new QHostAddress('::1');

      expect(address.setAddress('localhost')).to.equal(false);
      expect(address.isNull()).to.equal(true);
    });
  });

  describe('clear()', () => {
    it('makes the address null', () => {
      const address = new QHostAddress('127.0.0.1');
      address.clear();

      expect(address.isNull()).to.equal(true);
    });
  });

  describe('scopeId()', () => {
    it('is what stands behind the percent sign', () => {
      expect(new QHostAddress('fe80::1%eth0').scopeId()).to.equal('eth0');
      expect(new QHostAddress('fe80::1').scopeId()).to.equal('');
    });
  });

  describe('isLoopback()', () => {
    const answers: Record<string, boolean> = {
      '127.0.0.1': true,
      '127.255.255.254': true,
      '128.0.0.1': false,
      '0.0.0.0': false,
      '::1': true,
      '::1%lo': true,
      '::': false,
      '::2': false,
      '::ffff:127.0.0.1': true,
      '::ffff:10.0.0.1': false,
      '': false,
    };
    for (const [text, answer] of Object.entries(answers)) {
      it(`is ${answer} for ${JSON.stringify(text)}`, () => {
        expect(new QHostAddress(text).isLoopback()).to.equal(answer);
      });
    }

    it('is false for every interface', () => {
      expect(QHostAddress.Any.isLoopback()).to.equal(false);
    });
  });

  describe('toIPv4Address()', () => {
    it('is the number of an IPv4 address', () => {
      expect(new QHostAddress('255.0.0.1').toIPv4Address()).to.equal(0xff000001);
    });

    it('is the number in an IPv4-mapped address', () => {
      expect(new QHostAddress('::ffff:255.0.0.1').toIPv4Address()).to.equal(0xff000001);
    });

    it('is 0 for every interface', () => {
      expect(QHostAddress.Any.toIPv4Address()).to.equal(0);
    });

    for (const text of ['', '::1']) {
      it(`is undefined for ${JSON.stringify(text)}`, () => {
        expect(new QHostAddress(text).toIPv4Address()).to.equal(undefined);
      });
    }
  });

  describe('toIPv6Address()', () => {
    const addresses: Record<string, number[]> = {
      '2001:db8::1': [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      '255.0.0.1': [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0, 1],
      '': Array.from({ length: 16 }, () => 0),
    };
    for (const [text, bytes] of Object.entries(addresses)) {
      it(`gives the bytes of ${JSON.stringify(text)}`, () => {
        expect([...new QHostAddress(text).toIPv6Address()]).to.deep.equal(bytes);
      });
    }

    it('gives zeros for every interface', () => {
      expect(QHostAddress.Any.toIPv6Address().every((byte) => byte === 0)).to.equal(true);
    });

    it('gives bytes that may be changed', () => {
      const address = new QHostAddress('::1');
      address.toIPv6Address().fill(0xff);

      expect(address.toString()).to.equal('::1');
    });
  });

  describe('equals()', () => {
    const pairs: [one: string, other: string | SpecialAddress, equal: boolean][] = [
      ['127.0.0.1', SpecialAddress.LocalHost, true],
      ['127.0.0.1', '127.0.0.2', false],
      ['127.0.0.1', '::ffff:127.0.0.1', false],
      ['::1', SpecialAddress.LocalHostIPv6, true],
      ['::1', '::2', false],
      ['::', SpecialAddress.AnyIPv6, true],
      ['0.0.0.0', SpecialAddress.AnyIPv4, true],
      ['0.0.0.0', SpecialAddress.Any, false],
      ['::', SpecialAddress.Any, false],
      ['', SpecialAddress.Null, true],
      ['', SpecialAddress.Any, false],
      ['fe80::1%eth0', 'fe80::1%eth1', true],
    ];
    for (const [one, other, equal] of pairs) {
      it(`is ${equal} for ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
        const [a, b] = [new QHostAddress(one), new QHostAddress(other)];

        expect(a.equals(b)).to.equal(equal);
        expect(b.equals(a)).to.equal(equal);
        if (typeof other === 'number') expect(a.equals(other)).to.equal(equal);
      });
    }
  });
});
