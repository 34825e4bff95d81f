import { acceptKey } from '../../../lib/codec/handshake-response.ts';
import {
  CLIENT_HEAD_LIMITS,
  HeadReader,
  SERVER_HEAD_LIMITS,
} from '../../../lib/codec/http-head.ts';
import { isStatusLine } from '../../../lib/codec/http-response.ts';
import { QHttpHeaders } from '../../../lib/network/qhttpheaders.ts';
import {
  Http1Opener,
  type Http1Request,
  type OpenerOwner,
} from '../../../lib/node/openers/http1.ts';
import type { SocketFailure } from '../../../lib/node/socket-errors.ts';
import { TlsVerdict, type OpeningEvents } from '../../../lib/websockets/socket-backend.ts';
import type { QAuthenticator } from '../../../lib/network/qauthenticator.ts';
import { filled, type FuzzTarget } from '../engine/fuzz-target.ts';
import { field, strayField } from '../engine/http-texts.ts';
import { mutate } from '../engine/mutate.ts';
import { inPieces } from '../engine/pieces.ts';
import type { Random } from '../engine/random.ts';
import { seedsOf } from '../engine/seeds.ts';
import { expectSame, expectThat } from '../engine/violated.ts';
import { FakeStream } from '../models/fake-stream.ts';
import { readAnswer, readHead, STATUS_LINES, valuesOf, type ModelHead } from '../models/head.ts';
import { checkHead } from './request-head.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = acceptKey(KEY);
const REQUEST: Http1Request = {
  host: 'h',
  authority: 'h',
  resourceName: '/',
  origin: '',
  subprotocols: ['chat', 'superchat'],
  headers: new QHttpHeaders(),
  user: '',
  password: '',
  sslConfiguration: undefined,
};
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/;

const seeds = seedsOf('response-head');

/** What a client makes of the answers to its request, logins and bodies included: Http1Opener. */
export const responseHead: FuzzTarget = {
  name: 'response-head',
  generate(random) {
    const base = random.oneIn(8) ? random.pick(seeds) : anyResponses(random);
    return mutate(base, random, () => anyResponses(random));
  },
  check(input, random) {
    const text = input.toString('latin1');
    if (random.oneIn(4)) {
      const expected = readHead(text, CLIENT_HEAD_LIMITS, STATUS_LINES);
      const reader = new HeadReader(CLIENT_HEAD_LIMITS, isStatusLine);
      checkHead(input, reader, CLIENT_HEAD_LIMITS, expected, random);
    } else {
      checkOpening(input, readAnswer(text, CLIENT_HEAD_LIMITS), random);
    }
  },
  hard: {
    'a status line without an end': (size) => filled(size, 'a', 'HTTP/1.1 200 '),
    'short fields': (size) => filled(size, 'a:\r\n', 'HTTP/1.1 101 \r\n'),
    'folded lines': (size) => filled(size, '\r\n ', 'HTTP/1.1 101 \r\na: b', '\r\n\r\n'),
    'white space': (size) => filled(size, ' ', 'HTTP/1.1 101 \r\na:', '\r\n\r\n'),
    'interim answers': (size) => filled(size, 'HTTP/1.1 103 \r\n\r\n'),
    challenges: (size) => filled(size, 'a b=c,', 'HTTP/1.1 401 \r\nWWW-Authenticate: ', '\r\n\r\n'),
    'open quotes': (size) =>
      filled(size, 'a="\\"",', 'HTTP/1.1 401 \r\nWWW-Authenticate: ', '\r\n\r\n'),
    'connection options': (size) => filled(size, 'a,', 'HTTP/1.1 101 \r\nConnection: ', '\r\n\r\n'),
  },
};

function checkOpening(input: Buffer, first: ModelHead, random: Random): void {
  const attempt = new Attempt();
  let given = 0;
  for (const piece of inPieces(input, random)) {
    if (!attempt.first.deliver(piece)) break;
    given += piece.length;
  }
  expectThat(attempt.outcomes.length <= 1, 'An attempt ends once');
  const [outcome] = attempt.outcomes;
  for (const stream of attempt.streams) {
    const isWaiting = outcome === undefined && !stream.isDestroyed;
    expectSame(stream.listenerCount('data'), isWaiting ? 1 : 0, 'The listeners');
    for (const bytes of stream.written) checkWritten(bytes);
  }
  if (outcome?.[0] === 'failed') checkText(outcome[1]!);
  if (first.kind === 'whole' && isChallenge(first.startLine)) return;

  // Without a login there is one answer, which decides.
  if (first.kind === 'unfinished') {
    expectSame(outcome, undefined, 'The outcome');
  } else if (first.kind !== 'whole') {
    expectSame(outcome?.[0], 'failed', 'The outcome');
  } else {
    expectSame(outcome?.[0], isSwitch(first) ? 'open' : 'failed', 'The outcome');
    if (outcome?.[0] !== 'open') return;
    expectSame(
      outcome[1],
      valuesOf(first.fields, 'sec-websocket-protocol').join(),
      'The subprotocol',
    );
    const early = input.subarray(first.size, given).toString('latin1');
    expectSame(outcome[2], early, 'What came behind the head');
  }
}

/** Whether a head opens the WebSocket that was asked for (RFC 6455 §4.1). */
function isSwitch({ startLine, fields }: ModelHead & { kind: 'whole' }): boolean {
  const value = (name: string): string => valuesOf(fields, name).join(', ');
  return (
    /^HTTP\/[1-9]\.[1-9] 101(?: |$)/.test(startLine) &&
    value('upgrade').toLowerCase() === 'websocket' &&
    /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(withoutQuotes(value('connection'))) &&
    value('sec-websocket-accept') === ACCEPT &&
    value('sec-websocket-extensions') === '' &&
    ['', ...REQUEST.subprotocols].includes(value('sec-websocket-protocol'))
  );
}

function withoutQuotes(text: string): string {
  return text.replaceAll(/"(?:\\[^]|[^"\\])*(?:\\?$|")/g, '"');
}

function isChallenge(startLine: string): boolean {
  return /^HTTP\/\d\.\d 401(?: |$)/.test(startLine);
}

/** A request as it goes out, whatever the server has said before. */
function checkWritten(bytes: Buffer): void {
  const head = readHead(bytes.toString('latin1'), SERVER_HEAD_LIMITS);
  if (head.kind === 'tooLarge') return;
  expectThat(head.kind === 'whole' && head.size === bytes.length, 'A request is one head');
  if (head.kind !== 'whole') return;
  expectSame(head.startLine, 'GET / HTTP/1.1', 'The request line');
  const names = ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'];
  names.push('Sec-WebSocket-Protocol');
  if (valuesOf(head.fields, 'authorization').length === 1) names.push('Authorization');
  expectSame(
    head.fields.filter((_, i) => i % 2 === 0),
    names,
    'The fields of a request',
  );
}

function checkText(text: string): void {
  expectThat(text !== '' && !CONTROL.test(text), 'An error has a text without control characters');
}

/** One opener between streams and listeners that belong to the fuzzer. */
class Attempt implements OpenerOwner, OpeningEvents {
  readonly streams: FakeStream[] = [];
  readonly outcomes: string[][] = [];
  #asked = 0;

  constructor() {
    const parts = {
      openTimeout: -1,
      nextKey: () => KEY,
      newRoute: (events: { routed(stream: FakeStream['duplex'], early: Buffer): void }) => ({
        start: () => {
          const stream = new FakeStream();
          this.streams.push(stream);
          events.routed(stream.duplex, Buffer.alloc(0));
        },
        cancel: () => {},
        waitsFor: '',
        socket: undefined,
      }),
    };
    (Http1Opener.prepare(REQUEST, parts, this, this) as Http1Opener).start();
  }

  get first(): FakeStream {
    return this.streams[0]!;
  }

  handshakeDone(_stream: unknown, early: Buffer, subprotocol: string): void {
    this.outcomes.push(['open', subprotocol, early.toString('latin1')]);
  }

  routeFailed({ description }: SocketFailure): void {
    this.outcomes.push(['failed', description]);
  }

  handshakeFailed({ description }: SocketFailure): void {
    this.outcomes.push(['failed', description]);
  }

  authenticationRequired(authenticator: QAuthenticator): void {
    this.#asked++;
    authenticator.setUser(`user"\\é${this.#asked}`);
    authenticator.setPassword('secret');
  }

  bytesWritten(): void {}

  proxyAuthenticationRequired(): void {}

  encrypted(): void {}

  verificationFailed(): TlsVerdict {
    return TlsVerdict.Refuse;
  }

  preSharedKeyRequired(): void {}

  alertReceived(): void {}
}

function anyResponses(random: Random): Buffer {
  let text = '';
  while (random.oneIn(3)) text += anyRefusal(random);
  return Buffer.from(text + (random.oneIn(8) ? anyRefusal(random) : anySwitch(random)), 'latin1');
}

function anySwitch(random: Random): string {
  const fields = [
    field('Upgrade', random.oneIn(16) ? 'WebSocket, h2c' : 'WebSocket', random),
    field('Connection', random.pick(['Upgrade', 'upgrade', 'keep-alive, Upgrade']), random),
    field('Sec-WebSocket-Accept', random.oneIn(16) ? KEY : ACCEPT, random),
  ];
  if (random.oneIn(4)) {
    fields.push(field('Sec-WebSocket-Protocol', random.pick(['chat', 'chat', 'Chat']), random));
  }
  while (random.oneIn(4)) fields.push(strayField(random));
  const line = random.oneIn(8)
    ? random.pick(['HTTP/1.0 101 a', 'HTTP/1.1 101', 'HTTP/2.0 101 ', 'HTTP/1.1  101 a'])
    : 'HTTP/1.1 101 Switching Protocols';
  const frames = random.pick(['', '', '\x81\x05Hello', '\x88\x02\x03\xe8']);
  return `${line}\r\n${fields.join('')}\r\n${frames}`;
}

function anyRefusal(random: Random): string {
  const status = random.pick([401, 401, 401, 400, 302, 503, 200, 100, 103, 103]);
  const body = 'x'.repeat(random.below(20));
  const fields = [
    field('Content-Length', String(body.length + (random.oneIn(8) ? 1 : 0)), random),
    field('WWW-Authenticate', anyChallenge(random), random),
  ];
  while (random.oneIn(4)) fields.push(strayField(random));
  return `HTTP/1.1 ${status} Reason\r\n${fields.join('')}\r\n${body}`;
}

function anyChallenge(random: Random): string {
  return random.pick([
    'Basic realm="a"',
    'Digest realm="a", nonce="b", qop="auth", algorithm=MD5',
    'Digest realm="a\\"b", nonce="b", stale=true, opaque="\\\\"',
    'Digest realm="a", nonce="b", qop="auth-int, auth", algorithm=SHA-256-sess, userhash=true',
    'Negotiate abc=, Basic realm="a"',
    'Bearer',
  ]);
}
