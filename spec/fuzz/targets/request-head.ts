import { HandshakeRequest } from '../../../lib/codec/handshake-request.ts';
import {
  acceptKey,
  responseFields,
  switchingResponse,
  writeRefusal,
} from '../../../lib/codec/handshake-response.ts';
import {
  HeadReader,
  SERVER_HEAD_LIMITS,
  type HeadLimits,
  type HeadResult,
  type HttpHead,
  type WrittenHead,
} from '../../../lib/codec/http-head.ts';
import { isRefusal } from '../../../lib/codec/refusal.ts';
import { isRequestLine } from '../../../lib/codec/request-line.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { field, strayField } from '../engine/http-texts.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat, violated } from '../engine/violated.ts';
import { readHead, valuesOf, type ModelHead } from '../models/head.ts';

const TIGHT: HeadLimits = {
  maxFields: 6,
  maxFieldSize: 40,
  maxSize: 200,
  maxStartLine: 24,
  maxEmptyLines: 2,
};
const DATE = new Date(0);
const STATUSES = [400, 403, 405, 426, 505];
const REQUEST_LINES = /^GET (?:(?!#)[!-~])+ HTTP\/(?:1\.[1-9]|[2-9]\.\d)$/;
const PLAIN = {
  startLine: /^GET \/[a-z0-9/?=]* HTTP\/1\.1$/,
  host: /^[a-z0-9]{1,63}(?::[1-9]\d{0,3})?$/,
  key: /^[A-Za-z0-9+/]{22}==$/,
};

const seeds = seedsOf('request-head');

/** What a server makes of the head of a request: HeadReader and HandshakeRequest. */
export const requestHead: FuzzTarget = {
  name: 'request-head',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyRequest(random);
    return mutate(base, random, () => anyRequest(random));
  },
  check(input, random) {
    const limits = random.oneIn(4) ? TIGHT : SERVER_HEAD_LIMITS;
    const text = input.toString('latin1');
    const isStrict = random.oneIn(2);
    const expected = readHead(text, limits, isStrict ? REQUEST_LINES : undefined);
    const reader = new HeadReader(limits, isStrict ? isRequestLine : undefined);
    const head = checkHead(input, reader, limits, expected, random);
    if (head !== undefined) checkRequest(head, random.oneIn(2));
  },
  hard: {
    'a start line without an end': (size) => filled(size, 'a'),
    'empty lines': (size) => filled(size, '\r\n'),
    'short fields': (size) => filled(size, 'a:\r\n', 'GET / HTTP/1.1\r\n'),
    'folded lines': (size) => filled(size, '\r\n ', 'GET / HTTP/1.1\r\na: b'),
    'white space': (size) => filled(size, ' ', 'GET / HTTP/1.1\r\na:', '\r\n\r\n'),
    'line feeds': (size) => filled(size, '\n', 'GET / HTTP/1.1\r\na:'),
    'a list of subprotocols': (size) => filled(size / 8, 'a,', anyStart('Sec-WebSocket-Protocol')),
    'a list of versions': (size) => filled(size / 8, '1,', anyStart('Sec-WebSocket-Version')),
  },
};

function anyStart(name: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${name}: `;
}

/** Reads `input` in pieces and compares with `expected`; returns the head if there is one. */
export function checkHead(
  input: Buffer,
  reader: HeadReader,
  limits: HeadLimits,
  expected: ModelHead,
  random: Random,
): WrittenHead | undefined {
  let result: HeadResult | undefined;
  let taken = 0;
  for (const piece of inPieces(input, random)) {
    result = reader.push(piece);
    taken += piece.length;
    expectThat(reader.heldBytes <= Math.min(taken, limits.maxSize), 'No more is held than allowed');
    if (result !== undefined) break;
  }
  if (result === undefined) {
    expectSame('unfinished', expected.kind, 'The head');
    expectSame(reader.heldBytes, input.length, 'The bytes that are held');
    return undefined;
  }
  expectSame(reader.heldBytes, 0, 'The bytes that are held at the end');
  if ('failure' in result) {
    const { failure, part } = result;
    expectSame({ kind: failure, part }, expected, 'The failure');
    expectSame(reader.push(Buffer.from('GET / HTTP/1.1\r\n\r\n')), result, 'A second answer');
    return undefined;
  }
  const { startLine, fields, text } = result.head;
  const size = taken - result.rest.length;
  expectSame({ kind: 'whole', startLine, fields, size }, expected, 'The head');
  expectThat(
    result.rest.equals(input.subarray(size, taken)),
    'What follows the head in its chunk is handed over',
  );
  expectThat(input.toString('latin1', 0, size).endsWith(text), 'The text is what was written');
  expectThat(text.startsWith(startLine), 'The text begins with the start line');
  return result.head;
}

function checkRequest(head: WrittenHead, isSecure: boolean): void {
  const request = HandshakeRequest.read(head, isSecure);
  if (isRefusal(request)) {
    expectThat(!isPlain(head), 'A plain request is accepted');
    expectThat(STATUSES.includes(request.status), 'A refusal has a status of its own');
    const written = writeRefusal(request, 'a', DATE);
    const answer = readHead(written.toString('latin1'), SERVER_HEAD_LIMITS);
    expectThat(answer.kind === 'whole', 'A refusal is an answer');
    if (answer.kind !== 'whole' || request.isHeadOnly === true) return;
    const [length] = valuesOf(answer.fields, 'content-length');
    expectSame(String(written.length - answer.size), length, 'The length of a refusal');
    return;
  }

  const values = (name: string): string[] => valuesOf(head.fields, name);
  const count = (name: string): number => values(name).length;
  const [, target] = head.startLine.split(' ');
  expectThat(REQUEST_LINES.test(head.startLine), 'The request line asks for a WebSocket');
  expectThat(count('host') === 1 && values('host')[0] !== '', 'There is one Host');
  expectThat(!/[\s/?#@\\]/.test(values('host')[0]!), 'A Host is an authority');
  expectThat(request.host !== '' && request.written.url.isValid(), 'A request has a valid URL');
  expectSame(request.written.url.userInfo(), '', 'User and password of the URL');
  expectSame(request.written.url.scheme(), expectedScheme(target!, isSecure), 'The scheme');
  expectSame(values('sec-websocket-key'), [request.key], 'The one key');
  expectThat(PLAIN.key.test(request.key), 'A key is 16 bytes in base64');
  expectThat(count('origin') <= 1, 'There is one Origin at most');
  expectSame(values('upgrade').join(', ').toLowerCase(), 'websocket', 'Upgrade');
  expectThat(
    /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(values('connection').join(',')),
    'Connection names Upgrade',
  );
  expectThat(count('transfer-encoding') === 0, 'There is no encoding');
  const lengths = values('content-length').join();
  expectThat(/^0*$/.test(lengths) && count('content-length') <= 1, 'There is no body');
  expectSame(values('sec-websocket-version'), [String(request.version)], 'The version');
  const protocols = values('sec-websocket-protocol').join(',').split(',').map(trimmed);
  expectSame(
    request.subprotocols,
    protocols.filter((name) => name !== ''),
    'The subprotocols',
  );
  expectSame(request.written.subprotocols, request.subprotocols, 'The subprotocols, later');
  const lowerCase = head.fields.map((part, i) => (i % 2 === 0 ? part.toLowerCase() : part));
  expectSame([...request.written.headers].flat(), lowerCase, 'The headers, later');
  for (const name of request.subprotocols)
    expectThat(/^[!-~]+$/.test(name), 'A subprotocol is a token');
  checkAnswer(request);
}

/** What is written for a request that was accepted. */
function checkAnswer({ key, subprotocols }: HandshakeRequest): void {
  const subprotocol = subprotocols[0] ?? '';
  const written = responseFields({ subprotocol, serverName: 'a', date: DATE });
  if ('fault' in written) violated('An accepted request has an answer.');
  const head = switchingResponse(key, written.fields);
  const answer = readHead(head, SERVER_HEAD_LIMITS);
  const fields = ['Upgrade', 'websocket', 'Connection', 'Upgrade'];
  fields.push('Sec-WebSocket-Accept', acceptKey(key));
  if (subprotocol !== '') fields.push('Sec-WebSocket-Protocol', subprotocol);
  fields.push('Server', 'a', 'Date', DATE.toUTCString());
  expectSame(
    answer,
    {
      kind: 'whole',
      startLine: 'HTTP/1.1 101 Switching Protocols',
      fields,
      size: head.length,
    },
    'The answer',
  );
}

/** Whether a request is of the form that every client sends, so that there is nothing to refuse. */
function isPlain({ startLine, fields }: HttpHead): boolean {
  const expected = ['host', 'upgrade', 'connection', 'sec-websocket-key', 'sec-websocket-version'];
  const names = fields.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  const value = (name: string): string => valuesOf(fields, name)[0]!;
  return (
    names.toSorted().join() === expected.toSorted().join() &&
    PLAIN.startLine.test(startLine) &&
    PLAIN.host.test(value('host')) &&
    !/^\d/.test(value('host')) &&
    value('upgrade') === 'websocket' &&
    value('connection') === 'Upgrade' &&
    PLAIN.key.test(value('sec-websocket-key')) &&
    value('sec-websocket-version') === '13'
  );
}

function expectedScheme(target: string, isSecure: boolean): string {
  const own = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(target)?.[1];
  return own?.toLowerCase() ?? (isSecure ? 'wss' : 'ws');
}

function trimmed(text: string): string {
  return text.replaceAll(/^[ \t]+|[ \t]+$/g, '');
}

function anyRequest(random: Random): Buffer {
  const line = random.oneIn(8)
    ? random.pick(['GET  / HTTP/1.1', 'POST / HTTP/1.1', 'GET * HTTP/1.0', 'GET /a HTTP/2.0 b'])
    : `GET ${random.pick(['/', '/chat?a=b', '*', 'ws://h/a', 'a', '//b', 'http://u@h/'])} HTTP/1.1`;
  const fields: string[] = [
    field('Host', random.pick(['localhost', 'a.example:80', '[::1]:1', 'a', '1.2', 'ü']), random),
    field('Upgrade', random.oneIn(8) ? 'h2c, websocket' : 'websocket', random),
    field('Connection', random.oneIn(8) ? 'keep-alive, Upgrade' : 'Upgrade', random),
    field('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', random),
    field(
      'Sec-WebSocket-Version',
      random.oneIn(8) ? random.pick(['8', '13, 8', '+13', '013']) : '13',
      random,
    ),
  ];
  while (random.oneIn(3)) fields.push(strayField(random));
  if (random.oneIn(8)) fields.splice(random.below(fields.length), 1);
  if (random.oneIn(4)) {
    const moved = fields.splice(random.below(fields.length), 1);
    fields.splice(random.below(fields.length + 1), 0, ...moved);
  }
  const before = random.oneIn(16) ? '\r\n'.repeat(random.between(1, 3)) : '';
  const after = random.oneIn(2) ? '' : random.pick(['\r\n', 'GET / HTTP/1.1\r\n', '\x81\x80abcd']);
  return Buffer.from(`${before}${line}\r\n${fields.join('')}\r\n${after}`, 'latin1');
}
