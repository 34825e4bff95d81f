import { writeHandshakeRequest } from '../../../lib/codec/handshake-request.ts';
import {
  responseFields,
  switchingResponse,
  writeRefusal,
} from '../../../lib/codec/handshake-response.ts';
import type { HeadLimits } from '../../../lib/codec/http-head.ts';
import { refuse } from '../../../lib/codec/refusal.ts';
import { QHttpHeaders } from '../../../lib/network/qhttpheaders.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { mutate } from '../engine/mutate.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { readHead, valuesOf } from '../models/head.ts';

const NO_LIMITS: HeadLimits = {
  maxFields: 10_000,
  maxFieldSize: 2 ** 20,
  maxSize: 2 ** 21,
  maxStartLine: 2 ** 20,
  maxEmptyLines: 0,
};
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const DATE = new Date(0);
const NAMES = [
  'X-A',
  'Host',
  'Origin',
  'Cookie',
  'Sec-WebSocket-Key',
  'Upgrade',
  '__proto__',
  'a:',
];
const PARTS = [
  'a',
  'é',
  'Ċ',
  'č',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\v',
  '\t',
  ' ',
  ', ',
  '/',
  '李',
  'X: y',
];

const seeds = seedsOf('handshake-arguments');

/**
 * What an application hands over, a part in each stretch of the input up to 0x1f, and what goes over
 * the wire: one head with the fields that were meant, or nothing.
 */
export const handshakeArguments: FuzzTarget = {
  name: 'handshake-arguments',
  generate(random) {
    const base = random.oneIn(4) ? random.pick(seeds) : anyParts(random);
    return mutate(base, random, () => anyParts(random));
  },
  check(input, random) {
    const parts = input.toString().split('\x1f');
    if (random.oneIn(2)) checkRequest(parts, random);
    else checkResponse(parts, random);
  },
  hard: {
    'a long origin': (size) => filled(size, 'a', '/\x1fa\x1f'),
    'many subprotocols': (size) => filled(size, 'a\x1f', '/\x1fa\x1fa\x1f'),
  },
};

function checkRequest(parts: readonly string[], random: Random): void {
  const [resourceName = '', host = '', origin = '', value = '', ...subprotocols] = parts;
  const headers = new QHttpHeaders();
  const name = random.pick(NAMES);
  headers.append(name, value);
  const authorization = random.oneIn(4) ? { authorization: value } : {};
  const written = writeHandshakeRequest({
    resourceName,
    host,
    key: KEY,
    origin,
    subprotocols,
    headers: random.oneIn(4) ? undefined : headers,
    ...authorization,
  });
  if (typeof written === 'string') {
    expectThat(/^The .*\.$|^A .*\.$/.test(written), 'A refusal is a sentence');
    return;
  }
  const fields = fieldsOf(written, `GET ${latin1(resourceName)} HTTP/1.1`);
  const names = ['host', 'upgrade', 'connection', 'sec-websocket-key', 'sec-websocket-version'];
  const others = [name.toLowerCase(), 'origin', 'sec-websocket-protocol', 'authorization'];
  checkNames(fields, names, others);
  expectSame(valuesOf(fields, 'sec-websocket-key')[0], KEY, 'The key');
  expectThat(valuesOf(fields, 'origin').length <= 1, 'There is one Origin at most');
}

function checkResponse(parts: readonly string[], random: Random): void {
  const [subprotocol = '', serverName = '', value = '', detail = ''] = parts;
  if (random.oneIn(4)) {
    const written = writeRefusal(refuse(400, 'Bad Request', detail), serverName, DATE);
    fieldsOf(written.subarray(0, written.indexOf('\r\n\r\n') + 4), 'HTTP/1.1 400 Bad Request');
    return;
  }
  const headers = new QHttpHeaders();
  const name = random.pick(NAMES);
  headers.append(name, value);
  const written = responseFields({ subprotocol, serverName, date: DATE, headers });
  if ('fault' in written) return;
  const head = Buffer.from(switchingResponse(KEY, written.fields), 'latin1');
  const fields = fieldsOf(head, 'HTTP/1.1 101 Switching Protocols');
  const names = ['upgrade', 'connection', 'sec-websocket-accept', 'date'];
  checkNames(fields, names, [name.toLowerCase(), 'sec-websocket-protocol', 'server']);
}

/** Each of `names` is there once, and beside them nothing but `others`. */
function checkNames(
  fields: readonly string[],
  names: readonly string[],
  others: readonly string[],
): void {
  for (const name of names)
    expectSame(valuesOf(fields, name).length, 1, `The fields called ${name}`);
  for (let i = 0; i < fields.length; i += 2) {
    const isMeant = [...names, ...others].includes(fields[i]!.toLowerCase());
    expectThat(isMeant, 'There is no field that nobody asked for');
  }
}

/** The fields of what was written, which has to be one head and nothing behind it. */
function fieldsOf(written: Buffer, startLine: string): readonly string[] {
  const head = readHead(written.toString('latin1'), NO_LIMITS);
  expectSame(head.kind, 'whole', 'What is written as a head');
  if (head.kind !== 'whole') return [];
  expectSame(head.size, written.length, 'The length of the head');
  expectSame(head.startLine, startLine, 'The start line');
  return head.fields;
}

function latin1(text: string): string {
  return text.replaceAll(/[\u0100-\uffff]/g, '?');
}

function anyParts(random: Random): Buffer {
  const part = (): string => random.list(3, '', () => random.pick(PARTS));
  const first = random.oneIn(4) ? part() : '/chat';
  return Buffer.from([first, ...Array.from({ length: random.below(8) }, part)].join('\x1f'));
}
