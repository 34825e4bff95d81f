import { createHash } from 'node:crypto';
import { parseChallenges } from '../../../lib/codec/challenge.ts';
import {
  chooseChallenge,
  ChallengeOutcome,
  HttpAuthentication,
} from '../../../lib/codec/http-authentication.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { readChallenges } from '../models/challenges.ts';
import { elementsOf, parameterOf } from '../models/header-list.ts';

const REQUEST = { method: 'GET', uri: '/a?b="c"' };
const USERS = ['Mufasa', '', 'a:b', 'quo"te\\', 'grün', '李', 'new\r\nline: a', '\ud800'];
const SCHEMES = [
  'Basic',
  'Digest',
  'Digest',
  'Digest',
  'digest',
  'Negotiate',
  'Bearer',
  '__proto__',
];
const PARAMETERS = [
  'realm="a"',
  'realm="a, \\"b\\" c"',
  'realm=token',
  'realm="gr\xfcn"',
  'nonce="dcd98b7102dd"',
  'nonce="x\\\\"',
  'nonce=""',
  'qop="auth"',
  'qop="auth,auth-int"',
  'qop=auth-int',
  'qop=""',
  'algorithm=MD5',
  'algorithm=SHA-256',
  'algorithm="MD5-sess"',
  'algorithm=SHA-512-256',
  'algorithm=SHA-1',
  'opaque="5ccc"',
  'stale=true',
  'userhash=true',
  'charset=UTF-8',
  'domain="/"',
  '__proto__=a',
  'constructor="b"',
];

const seeds = seedsOf('challenge');

/** WWW-Authenticate, a field in each line of the input, and what goes out in answer to it. */
export const challenge: FuzzTarget = {
  name: 'challenge',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyFields(random);
    return mutate(base, random, () => anyFields(random));
  },
  check(input, random) {
    const values = input.toString('latin1').split('\n');
    const challenges = parseChallenges(values).map(({ scheme, token68, parameters }) => ({
      scheme,
      token68,
      parameters: [...parameters],
    }));
    expectSame(challenges, readChallenges(values), 'The challenges');
    checkLogin(values, random);
  },
  hard: {
    challenges: (size) => filled(size, 'a b=c, '),
    parameters: (size) => filled(size, 'b=c, ', 'Digest '),
    'other parameters': (size) =>
      Buffer.from(`Digest ${Array.from({ length: size / 8 }, (_, i) => `b${i}=c`).join(', ')}`),
    backslashes: (size) => filled(size, '\\a', 'Digest realm="', '", nonce=b'),
    'a token68': (size) => filled(size, '=', 'Negotiate a', 'b'),
    'white space': (size) => filled(size, ' ', 'Digest', '=a'),
    lines: (size) => filled(size, '\n'),
  },
};

function checkLogin(values: readonly string[], random: Random): void {
  const login = new HttpAuthentication({ user: '', password: '' });
  const user = random.pick(USERS);
  let asked = 0;
  const outcome = login.challenged(values, (authenticator) => {
    asked++;
    authenticator.setUser(user);
    authenticator.setPassword('Circle Of Life');
  });
  const chosen = chooseChallenge(parseChallenges(values));
  expectThat(asked <= 1, 'A challenge asks once');
  expectSame(outcome === ChallengeOutcome.Unsupported, chosen === undefined, 'What is unsupported');
  if (chosen === undefined) return;
  for (let count = 1; count <= 2; count++) {
    const answer = login.authorization(REQUEST);
    // oxlint-disable-next-line no-control-regex
    expectThat(!/[\0\r\n]|[^\0-\xff]/.test(answer), 'An answer is one line of bytes');
    if (chosen.scheme === 'basic') {
      expectThat(/^Basic [A-Za-z0-9+/]+=*$/.test(answer), 'An answer to Basic is Base64');
    } else if (random.oneIn(4)) {
      checkDigest(answer, chosen.parameters, user, count);
    }
  }
}

/** The answer as a server reads it (RFC 7616 §3.4). */
function checkDigest(
  answer: string,
  challenged: ReadonlyMap<string, string>,
  user: string,
  count: number,
): void {
  expectThat(answer.startsWith('Digest '), 'An answer to Digest is one');
  const read = elementsOf(answer.slice('Digest '.length)).map(
    (text) => parameterOf(text) ?? [text],
  );
  const fields = new Map(read as [string, string][]);
  const given = (name: string): string => challenged.get(name) ?? '';
  expectSame(fields.size, read.length, 'The different fields');
  expectSame(fields.get('realm'), given('realm'), 'The realm');
  expectSame(fields.get('nonce'), given('nonce'), 'The nonce');
  expectSame(fields.get('uri'), REQUEST.uri, 'The URI');
  expectSame(fields.get('opaque'), challenged.get('opaque'), 'The opaque value');

  const algorithm = (challenged.get('algorithm') ?? 'MD5').toLowerCase();
  const name = { md5: 'md5', 'sha-256': 'sha256' }[algorithm.replace('-sess', '')] ?? 'sha512-256';
  const hash = (...parts: string[]): string =>
    createHash(name).update(parts.join(':'), 'latin1').digest('hex');
  const bytes = Buffer.from(user).toString('latin1');
  const [nonce, cnonce = '', nc = ''] = ['nonce', 'cnonce', 'nc'].map((key) => fields.get(key));
  let secret = hash(bytes, given('realm'), 'Circle Of Life');
  if (algorithm.endsWith('-sess')) secret = hash(secret, nonce!, cnonce);
  const middle = fields.has('qop') ? [nc, cnonce, 'auth'] : [];
  const response = hash(secret, nonce!, ...middle, hash(REQUEST.method, REQUEST.uri));
  expectSame(fields.get('response'), response, 'The response');
  if (fields.has('qop')) expectSame(Number.parseInt(nc, 16), count, 'The nonce count');
}

function anyFields(random: Random): Buffer {
  const space = (): string => (random.oneIn(8) ? random.pick([' ', '\t', '  ']) : '');
  const one = (): string => {
    const scheme = random.pick(SCHEMES);
    if (random.oneIn(8)) return `${scheme} ${random.pick(['abc=', 'YWJj', '==', 'a b'])}`;
    const parameters = random.list(6, `${space()},${space()}`, () => random.pick(PARAMETERS));
    return parameters === '' ? scheme : `${scheme}${space()} ${parameters}`;
  };
  const line = (): string => random.list(3, ', ', one);
  return Buffer.from(random.list(3, '\n', line), 'latin1');
}
