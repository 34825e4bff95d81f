import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QUrl } from '../../../lib/network/qurl.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';

const SCHEMES = ['ws:', 'wss:', 'WS:', 'ws+unix:', '', ':', 'a b:'];
const HOSTS = [
  'localhost',
  '127.0.0.1',
  '[::1]',
  '[fe80::1%25eth0]',
  'grün.example',
  '0x7f.1',
].concat([
  '1',
  'a..b',
  'xn--nxasmq6b',
  '%61',
  '%2f',
  'a_b',
  '',
  '[v1.a]',
  '127.1',
  'ＬＯＣＡＬ',
  'a。b',
  'ß',
]);
const REST = [
  '',
  '/',
  '/a/../b',
  '?a=b',
  '#c',
  '/%2e%2E/',
  '//x',
  '\\a',
  '/ü',
  '?%zz',
  '/a b',
  '/%',
];

const seeds = seedsOf('url');

/** URLs as text, against the platform's URL: both must go to the same host. */
export const url: FuzzTarget = {
  name: 'url',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyUrl(random);
    return mutate(base, random, () => anyUrl(random));
  },
  check(input) {
    const text = input.toString();
    const read = new QUrl(text);
    const encoded = read.toEncoded();
    expectThat(/^[!-~]*$/.test(encoded), 'An encoded URL is visible ASCII');
    const again = new QUrl(encoded);
    expectSame(again.toEncoded(), encoded, 'What is read back');
    if (!read.isValid()) {
      expectThat(read.toString() === '' && encoded === '', 'A URL that is invalid has no text');
      return;
    }
    expectThat(again.equals(read), 'A URL is read back as the same');
    expectSame(partsOf(again), partsOf(read), 'The parts that are read back');
    compareWithPlatform(read, encoded);
    compareWithPlatform(read, text);
    const shown = new QUrl(read.toString());
    expectSame(shown.toString(), read.toString(), 'What is read back from its readable form');
    expectSame(decodedPartsOf(shown), decodedPartsOf(read), 'The parts of its readable form');
  },
  hard: {
    slashes: (size) => filled(size, '/', 'ws://a'),
    'at signs': (size) => filled(size, '@', 'ws://'),
    colons: (size) => filled(size, ':', 'ws://['),
    labels: (size) => filled(size, 'a.', 'ws://'),
    escapes: (size) => filled(size, '%41', 'ws://a/'),
    'half escapes': (size) => filled(size, '%', 'ws://a/?'),
    digits: (size) => filled(size, '1', 'ws://a:'),
    umlauts: (size) => filled(size, '\xc3\xbc', 'ws://a/'),
    'an umlaut of a host': (size) => filled(size, '\xc3\xbc', 'ws://'),
  },
};

function partsOf(read: QUrl): string[] {
  const { FullyEncoded } = QUrl;
  return [
    read.scheme(),
    read.userInfo(FullyEncoded),
    read.host(),
    String(read.port()),
    read.path(FullyEncoded),
    read.query(FullyEncoded),
  ];
}

function decodedPartsOf(read: QUrl): string[] {
  return [
    read.scheme(),
    read.userName(),
    read.password(),
    read.host(),
    String(read.port()),
    read.path(),
  ];
}

/** Nobody may be led to one host who is shown another: both readers take the same out of `text`. */
function compareWithPlatform(read: QUrl, text: string): void {
  const host = read.host();
  const port = read.port(0);
  expectThat(port >= 0 && port <= 65_535, 'A port has 16 bits');
  if (!/^wss?$/.test(read.scheme()) || host === '') return;
  let other: URL;
  try {
    other = new URL(text);
  } catch {
    // Names that the platform takes for broken numbers or Punycode, zones, and what is kept for later.
    return;
  }
  const theirs = other.hostname.replaceAll(/^\[|\]$/g, '');
  // It writes addresses that are mapped from IPv4 in hexadecimal digits.
  const isSame = host === theirs || new QHostAddress(host).equals(new QHostAddress(theirs));
  if (!isSame || theirs === '') expectSame(host, theirs, "The platform's host");
  expectSame(read.port(read.scheme() === 'ws' ? 80 : 443), portOf(other), "The platform's port");
  // Tabs and line breaks are nothing to it.
  if (/[\t\r\n]/.test(text)) return;
  expectSame(read.userName(QUrl.FullyDecoded), decoded(other.username), "The platform's user");
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'ws:' ? 80 : 443) : Number(port);
}

function decoded(text: string): string {
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

function anyUrl(random: Random): Buffer {
  const scheme = random.oneIn(4) ? random.pick(SCHEMES) : 'ws:';
  const slashes = random.oneIn(8) ? random.pick(['', '/', '///', '\\\\']) : '//';
  const user = random.oneIn(4)
    ? random.pick(['u@', 'u:p@', '@', ':@', 'a%40b@', 'a@b@', 'ü:"@'])
    : '';
  const port = random.oneIn(4)
    ? random.pick([':80', ':', ':65536', ':0', ':08', ':443', ':-1'])
    : '';
  const rest = random.list(2, '', () => random.pick(REST));
  return Buffer.from(scheme + slashes + user + random.pick(HOSTS) + port + rest);
}
