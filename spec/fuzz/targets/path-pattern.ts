import { PathPattern, segmentsOf } from '../../../lib/codec/path-pattern.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';

const TEXTS = ['', 'a', 'rooms', '%61', '%', '%2', '%zz', '.', '..', '%2e%2E', '%2f', '%5C', '\\'];
const VALUES = [
  ...TEXTS,
  '%00',
  '%0a',
  '%C3%A9',
  '%C3',
  '%c0%af',
  '%ED%A0%80',
  'a%20b',
  '+',
  '<a>',
];
const PARAMETERS = ['<a>', '<b>', '<_1>', '<>', '<1>', '<a', 'a<b>', '<a><b>', '<a b>'];

const BETWEEN = ' ';

// In characters: a regular expression of more is too large for V8, and takes longer than what is tried.
const LONGEST_FOR_MODEL = 1024;

const seeds = seedsOf('path-pattern');

/** A pattern, a space, and the path of a request: against a regular expression of our own making. */
export const pathPattern: FuzzTarget = {
  name: 'path-pattern',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyCase(random);
    return mutate(base, random, () => anyCase(random));
  },
  check(input) {
    const text = input.toString('latin1');
    const at = text.indexOf(BETWEEN);
    const source = at < 0 ? text : text.slice(0, at);
    const path = at < 0 ? '/' : text.slice(at + 1);
    const pattern = PathPattern.read(source);
    if (text.length > LONGEST_FOR_MODEL) {
      const segments = segmentsOf(path);
      if (typeof pattern !== 'string' && pattern.fits(segments)) pattern.parametersOf(segments);
      return;
    }
    const expected = modelOf(source);
    expectSame(typeof pattern === 'string', expected === undefined, 'Whether it is a pattern');
    if (typeof pattern === 'string' || expected === undefined) return;

    const segments = segmentsOf(path);
    const found = expected.exec(path);
    expectSame(pattern.fits(segments), found !== null, 'Whether the path fits');
    if (found === null) return;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [
      name,
      decoded(value),
    ]);
    const parameters = pattern.parametersOf(segments);
    const isReadable = values.every(([, value]) => value !== undefined);
    expectSame(parameters && [...parameters], isReadable ? values : undefined, 'The parameters');
    for (const value of parameters?.values() ?? []) {
      expectThat(!/[/\\\0]/.test(value) && !/^\.{0,2}$/.test(value), 'A parameter is a name');
    }
    expectThat(!pattern.isMoreSpecificThan(pattern), 'A pattern does not come before itself');
  },
  hard: {
    'segments of a pattern': (size) => filled(size, '/a', '', ' /a'),
    parameters: (size) => filled(size, '/<a>', '', ' /a'),
    'open brackets': (size) => filled(size, '<', '/', ' /a'),
    'segments of a path': (size) => filled(size, '/', '/<a> '),
    escapes: (size) => filled(size, '%41', '/<a> /'),
    'broken escapes': (size) => filled(size, '%', '/<a> /'),
    'bytes that go on': (size) => filled(size, '%80', '/<a> /'),
  },
};

function anyCase(random: Random): Buffer {
  const pattern = anySegments(random, [...TEXTS, ...PARAMETERS]);
  // Mostly one that fits.
  const path = random.oneIn(4)
    ? anySegments(random, VALUES)
    : pattern.replaceAll(/<[^/]*>/g, () => random.pick(VALUES));
  return Buffer.from(`${pattern}${BETWEEN}${path}`, 'latin1');
}

function anySegments(random: Random, choices: readonly string[]): string {
  let text = random.oneIn(16) ? 'a' : '';
  do text += `/${random.pick(choices)}`;
  while (!random.oneIn(3));
  return text;
}

/** Undefined for what is no pattern. */
function modelOf(source: string): RegExp | undefined {
  if (!/^(?:\/(?:[^/<>?#]*|<[A-Za-z_]\w*>))+$/.test(source)) return undefined;
  const names = Array.from(source.matchAll(/<(\w+)>/g), ([, name]) => name!);
  if (new Set(names).size < names.length) return undefined;
  const parts = source
    .split(/(<\w+>)/)
    .map((part) =>
      part.startsWith('<')
        ? `(?${part}[^/]+)`
        : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`),
    );
  return new RegExp(`^${parts.join('')}$`);
}

/** What a segment says, byte by byte; undefined when nobody may have that for a name. */
function decoded(segment: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(segment)) return undefined;
  // What is written as it is, is a character already.
  const bytes = Buffer.from(segment).toString('latin1');
  const unescaped = bytes.replaceAll(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  try {
    const value = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(unescaped, 'latin1'),
    );
    return /^\.{1,2}$|[/\\\p{Cc}]/u.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
