import { isIP } from 'node:net';
import { readForwarded, type ForwardedRequest } from '../../../lib/codec/forwarded.ts';
import { elementsFromTheRight } from '../../../lib/codec/header-list.ts';
import { ForwardedHeader } from '../../../lib/network/forwarded-header.ts';
import { TrustedProxies } from '../../../lib/network/trusted-proxies.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { elementsOf } from '../models/header-list.ts';

const NODES = [
  '198.51.100.1',
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.1:80',
  '198.51.100.1:4711',
  '[2001:db8::1]:4711',
  '2001:db8::1',
  '::ffff:10.0.0.3',
  'unknown',
  '_hidden',
  '',
];
const VALUES = [
  'https',
  'http',
  'a.example',
  '"a.example:8443"',
  '"',
  '"\\"',
  '"a, b; c=d"',
  'a b',
];

const proxies = new TrustedProxies(['192.0.2.1', '10.0.0.0/8']);
const gateway = { address: '192.0.2.1', port: 1 };
// Lists in which every quoted string has an end, and quotes stand around values alone.
const WHOLE = /^(?:[^"\\]|="(?:[^"\\]|\\[^])*"(?=[ \t]*(?:[,;]|$)))*$/;

const seeds = seedsOf('forwarded');

/** X-Forwarded-For and Forwarded, as whatever a client sends and a proxy adds to. */
export const forwarded: FuzzTarget = {
  name: 'forwarded',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyList(random);
    return mutate(base, random, () => anyList(random));
  },
  check(input) {
    const text = input.toString('latin1');
    if (WHOLE.test(text)) {
      const fromTheLeft = elementsOf(text).filter((element) => element !== '');
      expectSame([...elementsFromTheRight([text])].toReversed(), fromTheLeft, 'The elements');
    }
    for (const header of [ForwardedHeader.XForwardedFor, ForwardedHeader.Forwarded]) {
      const { peer } = read(header, [text]);
      const isSame = peer.address === gateway.address && peer.port === gateway.port;
      expectThat(isSame || isIP(peer.address) > 0, 'A client is the gateway or has an address');
      expectThat(peer.port >= 0 && peer.port <= 65_535, 'A port is one');
      expectAdded(header, text);
    }
  },
  hard: {
    commas: (size) => filled(size, ','),
    proxies: (size) => filled(size, '10.0.0.1,'),
    'proxies of the standard': (size) => filled(size, 'for=10.0.0.1,'),
    quotes: (size) => filled(size, '"'),
    backslashes: (size) => filled(size, '\\', '"', '"'),
    'quotes and backslashes': (size) => filled(size, '\\"'),
    parameters: (size) => filled(size, ';a=b', 'for=10.0.0.1'),
    digits: (size) => filled(size, '1'),
    'white space': (size) => filled(size, ' \t', '10.0.0.1', ','),
  },
};

/** Whatever a client has sent: what a proxy adds to it, on the same line or the next, is what counts. */
function expectAdded(header: ForwardedHeader, text: string): void {
  const isStandard = header === ForwardedHeader.Forwarded;
  const added = isStandard
    ? 'for="[2001:db8::7]:4711";proto=https;host="b.example:8443"'
    : '[2001:db8::7]:4711';
  for (const lists of [[`${text}, ${added}`], [text, added]]) {
    const { peer, isSecure, authority } = read(header, lists);
    expectSame(peer, { address: '2001:db8::7', port: 4711 }, 'The client that a proxy adds');
    if (!isStandard) continue;
    expectSame([isSecure, authority], [true, 'b.example:8443'], 'What the proxy was asked');
  }
}

function read(header: ForwardedHeader, lists: readonly string[]): ForwardedRequest {
  const name = header === ForwardedHeader.Forwarded ? 'Forwarded' : 'X-Forwarded-For';
  const fields = lists.flatMap((list) => [name, list]);
  return readForwarded(fields, header, gateway, (address) => proxies.trusts(address));
}

function anyList(random: Random): Buffer {
  const isStandard = random.oneIn(2);
  const element = (): string => {
    const node = random.pick(NODES);
    if (!isStandard) return node;
    const value = /[:[\]]/.test(node) || random.oneIn(4) ? `"${node}"` : node;
    const more = random.list(3, '', () => {
      const name = random.pick(['proto', 'host', 'by', 'for', 'x', '']);
      return `;${name}=${random.pick(VALUES)}`;
    });
    return `${random.pick(['for', 'For', 'by'])}=${value}${more}`;
  };
  return Buffer.from(random.list(5, random.pick([',', ', ', ' ,\t']), element), 'latin1');
}
