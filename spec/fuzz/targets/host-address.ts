import { isIPv4, isIPv6 } from 'node:net';
import { NetworkLayerProtocol } from '../../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';

const PARTS = [
  '::',
  ':',
  '.',
  '0',
  '1',
  '255',
  '256',
  '01',
  'ffff',
  'FfFf',
  'g',
  '%',
  'lo',
  '0db8',
  '00000',
];

const seeds = seedsOf('host-address');

/** Addresses as text, against node:net and the platform's URL. */
export const hostAddress: FuzzTarget = {
  name: 'host-address',
  generate(random) {
    const base = random.oneIn(4) ? random.pick(seeds) : anyAddress(random);
    return mutate(base, random, () => anyAddress(random));
  },
  check(input) {
    const text = input.toString('latin1');
    const address = new QHostAddress(text);
    const protocol = address.protocol();
    expectSame(protocol === NetworkLayerProtocol.IPv4Protocol, isIPv4(text), 'IPv4');
    if (!text.includes('%')) {
      expectSame(protocol === NetworkLayerProtocol.IPv6Protocol, isIPv6(text), 'IPv6');
    }
    const written = address.toString();
    expectSame(written === '', address.isNull(), 'Whether an address without a text is null');
    if (address.isNull()) return;
    const again = new QHostAddress(written);
    expectSame(again.toString(), written, 'What is read back');
    expectThat(again.equals(address), 'An address is read back as the same');
    if (isIPv6(text) && address.toIPv4Address() === undefined) {
      const bare = written.replace(/%.*/, '');
      expectSame(`[${bare}]`, new URL(`ws://[${bare}]/`).hostname, "The platform's text");
    }
    const isLocal = /^(?:::ffff:)?127\.|^::1(?:%|$)/.test(written);
    expectSame(address.isLoopback(), isLocal, 'Whether it leads back to this host');
  },
  hard: {
    digits: (size) => filled(size, '1'),
    colons: (size) => filled(size, ':'),
    dots: (size) => filled(size, '1.'),
    'a scope': (size) => filled(size, 'a', 'fe80::1%'),
  },
};

function anyAddress(random: Random): Buffer {
  if (random.oneIn(2)) {
    const numbers = Array.from({ length: 8 }, () => random.below(0x10000).toString(16));
    if (random.oneIn(2)) numbers.fill('0', random.below(8), random.below(9));
    return Buffer.from(numbers.join(':'));
  }
  return Buffer.from(random.list(12, '', () => random.pick(PARTS)));
}
