import { createRequire } from 'node:module';
import { hasToken, parseElement, splitList } from '../../../lib/codec/header-list.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame } from '../engine/violated.ts';
import { elementsOf, parameterOf } from '../models/header-list.ts';

const NAMES = ['permessage-deflate', 'x', '__proto__', 'constructor', 'a.b', "!#$%&'*+-.^_`|~"];
const PARAMETERS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
  '__proto__',
  'a',
];
const VALUES = ['8', '15', '7', '16', '08', '"10"', '"1\\0"', '"a, b; c"', '""', '"\\""', '', '"'];

type Offers = Record<string, Record<string, (string | true)[]>[]>;

// ws has no types, and its parser no documentation.
const { extension } = createRequire(import.meta.url)('ws') as {
  extension: { parse(header: string): Offers };
};

const seeds = seedsOf('extension-header');

/** Lists of names with parameters, such as Sec-WebSocket-Extensions; compared with `ws` as well. */
export const extensionHeader: FuzzTarget = {
  name: 'extension-header',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyList(random);
    return mutate(base, random, () => anyList(random));
  },
  check(input) {
    const text = input.toString('latin1');
    const elements = splitList(text);
    expectSame(
      elements,
      elementsOf(text).filter((element) => element !== ''),
      'The elements',
    );
    const parsed = elements.map((element) => parseElement(element));
    expectSame(
      parsed.map((element) => element?.parameters.map(({ name, value }) => [name, value]) ?? null),
      elements.map(expectedParameters),
      'The parameters',
    );
    for (const element of elements.slice(0, 8)) {
      if (/^[a-z]+$/.test(element)) expectSame(hasToken([text], element), true, 'hasToken()');
    }
    compareWithWs(text, parsed);
  },
  hard: {
    commas: (size) => filled(size, ','),
    quotes: (size) => filled(size, '"'),
    backslashes: (size) => filled(size, '\\', '"'),
    'quoted backslashes': (size) => filled(size, '\\a', 'a;b="', '"'),
    parameters: (size) => filled(size, ';a=b', 'a'),
    'white space': (size) => filled(size, ' ', 'a', ';'),
    'white space and tabs': (size) => filled(size, ' \t', 'a;b=', 'c'),
    elements: (size) => filled(size, 'a, '),
  },
};

function expectedParameters(element: string): unknown {
  const [name, ...parameters] = elementsOf(element, ';');
  if (parameterOf(name!)?.[1] !== undefined || parameterOf(name!) === undefined) return null;
  const found = parameters.map(parameterOf);
  return found.includes(undefined) ? null : found;
}

/** What `ws` takes is taken here, and means the same. */
function compareWithWs(text: string, parsed: readonly ReturnType<typeof parseElement>[]): void {
  let offers: Offers;
  try {
    offers = extension.parse(text);
  } catch {
    return;
  }
  const ours: Offers = Object.create(null);
  for (const element of parsed) {
    const parameters: Record<string, (string | true)[]> = Object.create(null);
    for (const { name, value } of element?.parameters ?? []) {
      (parameters[name] ??= []).push(value ?? true);
    }
    (ours[element?.name ?? 'nothing'] ??= []).push(parameters);
  }
  expectSame(ours, offers, 'What ws reads as well');
}

function anyList(random: Random): Buffer {
  const space = (): string => (random.oneIn(8) ? random.pick([' ', '\t', '  ']) : '');
  const parameter = (): string => {
    const name = random.pick(PARAMETERS);
    return random.oneIn(2) ? name : `${name}${space()}=${space()}${random.pick(VALUES)}`;
  };
  const element = (): string => {
    const parameters = random.list(4, `${space()};${space()}`, parameter);
    return random.pick(NAMES) + (parameters === '' ? '' : `${space()}; ${parameters}`);
  };
  return Buffer.from(random.list(4, `${space()},${space()}`, element), 'latin1');
}
