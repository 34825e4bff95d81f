import {
  acceptDeflateOffer,
  readDeflateAnswer,
  writeDeflateOffer,
  type DeflateParameters,
} from '../../../lib/codec/deflate-parameters.ts';
import { splitList } from '../../../lib/codec/header-list.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { elementsOf, parameterOf } from '../models/header-list.ts';

const PARAMETERS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'client_max_window_bits',
  'server_max_window_bits',
  'unknown',
  '__proto__',
];
const BITS = ['8', '9', '10', '15', '"12"', '7', '16', '08', '', 'a', '1e1', '+9'];

const seeds = seedsOf('deflate-negotiation');

/** Offers and answers of permessage-deflate, against a plain reading of RFC 7692 §7.1. */
export const deflateNegotiation: FuzzTarget = {
  name: 'deflate-negotiation',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyOffers(random);
    return mutate(base, random, () => anyOffers(random));
  },
  check(input, random) {
    const text = input.toString('latin1');
    const wanted = anyWish(random);
    checkServer(text, wanted, random);
    checkClient(text, wanted);
  },
  hard: {
    offers: (size) => filled(size, 'permessage-deflate;a,'),
    parameters: (size) => filled(size, ';server_no_context_takeover', 'permessage-deflate'),
    digits: (size) => filled(size, '1', 'permessage-deflate;server_max_window_bits='),
  },
};

/** A server takes the first offer that it can honour, and its answer suits that. */
function checkServer(text: string, wanted: DeflateParameters, random: Random): void {
  const agreement = acceptDeflateOffer(splitList(text), wanted);
  const offers = elementsOf(text).map(readParameters);
  const expected = offers.find((offer) => {
    if (offer === undefined) return false;
    const window = Math.min(windowOf(offer, 'server_max_window_bits'), wanted.serverMaxWindowBits);
    const canLimit = offer.has('client_max_window_bits') || wanted.clientMaxWindowBits === 15;
    return window >= 9 && canLimit;
  });
  expectSame(agreement === undefined, expected === undefined, 'Whether no offer is taken');
  if (agreement === undefined || expected === undefined) return;

  const answer = readParameters(agreement.extensions)!;
  const { parameters } = agreement;
  expectSame(elementsOf(agreement.extensions).length, 1, 'The elements of an answer');
  expectThat(!hasNoValue(answer, 'client_max_window_bits'), 'A window in an answer has a value');
  expectSame(parameters, parametersOf(answer), 'What an answer says');
  const asked = parametersOf(expected);
  for (const one of [asked, wanted]) {
    expectThat(
      parameters.serverMaxWindowBits <= one.serverMaxWindowBits &&
        parameters.clientMaxWindowBits <= one.clientMaxWindowBits &&
        Number(parameters.serverNoContextTakeover) >= Number(one.serverNoContextTakeover) &&
        Number(parameters.clientNoContextTakeover) >= Number(one.clientNoContextTakeover),
      'What was asked for is kept',
    );
  }
  if (!expected.has('client_max_window_bits')) {
    expectThat(!answer.has('client_max_window_bits'), 'A window that cannot be limited is not');
  }
  // A client that has wished for the same takes the answer to its offer.
  const own = anyWish(random);
  const accepted = acceptDeflateOffer([writeDeflateOffer(own)], wanted);
  if (accepted === undefined) {
    expectThat(
      Math.min(own.serverMaxWindowBits, wanted.serverMaxWindowBits) < 9,
      'Our own offer is taken',
    );
    return;
  }
  const read = readDeflateAnswer(accepted.extensions, own);
  expectThat(typeof read !== 'string', 'Our own answer is taken');
  if (typeof read !== 'string')
    expectSame(read.parameters, accepted.parameters, 'What both sides know');
}

/** A client fails for an answer that is malformed or goes beyond its offer. */
function checkClient(text: string, wanted: DeflateParameters): void {
  const read = readDeflateAnswer(text, wanted);
  const elements = elementsOf(text).filter((element) => element !== '');
  const answer = elements.length === 1 ? readParameters(elements[0]!) : undefined;
  const isGood =
    answer !== undefined &&
    !hasNoValue(answer, 'client_max_window_bits') &&
    (answer.has('server_no_context_takeover') || !wanted.serverNoContextTakeover) &&
    windowOf(answer, 'server_max_window_bits') <= wanted.serverMaxWindowBits &&
    (!answer.has('client_max_window_bits') ||
      windowOf(answer, 'client_max_window_bits') <= wanted.clientMaxWindowBits);
  expectSame(typeof read !== 'string', isGood, 'Whether an answer is taken');
  if (typeof read === 'string' || answer === undefined) return;
  const said = parametersOf(answer);
  expectSame(
    read.parameters,
    {
      ...said,
      clientNoContextTakeover: said.clientNoContextTakeover || wanted.clientNoContextTakeover,
      clientMaxWindowBits: Math.min(said.clientMaxWindowBits, wanted.clientMaxWindowBits),
    },
    'What was agreed on',
  );
}

type Parameters = ReadonlyMap<string, string | undefined>;

/** The parameters of one element; undefined when it is no valid form of permessage-deflate. */
function readParameters(element: string): Parameters | undefined {
  const [name, ...texts] = elementsOf(element, ';');
  if (name !== 'permessage-deflate') return undefined;
  const found = new Map<string, string | undefined>();
  for (const text of texts) {
    const parameter = parameterOf(text);
    if (parameter === undefined || found.has(parameter[0])) return undefined;
    const [key, value] = parameter;
    const isTakeover = /^(?:server|client)_no_context_takeover$/.test(key);
    const isWindow = /^(?:server|client)_max_window_bits$/.test(key);
    const isBits = /^(?:8|9|10|11|12|13|14|15)$/.test(value ?? '');
    const isBare = value === undefined && key !== 'server_max_window_bits';
    if (isTakeover ? value !== undefined : !isWindow || (!isBits && !isBare)) return undefined;
    found.set(key, value);
  }
  return found;
}

function parametersOf(read: Parameters): DeflateParameters {
  return {
    serverNoContextTakeover: read.has('server_no_context_takeover'),
    clientNoContextTakeover: read.has('client_no_context_takeover'),
    serverMaxWindowBits: windowOf(read, 'server_max_window_bits'),
    clientMaxWindowBits: windowOf(read, 'client_max_window_bits'),
  };
}

function windowOf(read: Parameters, name: string): number {
  return Number(read.get(name) ?? 15);
}

function hasNoValue(read: Parameters, name: string): boolean {
  return read.has(name) && read.get(name) === undefined;
}

function anyWish(random: Random): DeflateParameters {
  return {
    serverNoContextTakeover: random.oneIn(2),
    clientNoContextTakeover: random.oneIn(2),
    serverMaxWindowBits: random.oneIn(2) ? 15 : random.between(9, 15),
    clientMaxWindowBits: random.oneIn(2) ? 15 : random.between(9, 15),
  };
}

function anyOffers(random: Random): Buffer {
  const parameter = (): string => {
    const name = random.pick(PARAMETERS.slice(0, random.oneIn(8) ? 6 : 4));
    const wantsBits = name.endsWith('_bits') !== random.oneIn(16);
    return wantsBits ? `${name}=${random.pick(BITS.slice(0, random.oneIn(4) ? 12 : 5))}` : name;
  };
  const offer = (): string => {
    const parameters = random.list(3, '; ', parameter);
    return `permessage-deflate${parameters === '' ? '' : `; ${parameters}`}`;
  };
  return Buffer.from(random.list(2, ', ', offer));
}
