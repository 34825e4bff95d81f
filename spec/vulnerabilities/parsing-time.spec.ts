import { expect } from 'chai';
import { parseChallenges } from '../../lib/codec/challenge.ts';
import { acceptDeflateOffer, readDeflateAnswer } from '../../lib/codec/deflate-parameters.ts';
import { readForwarded } from '../../lib/codec/forwarded.ts';
import { HandshakeRequest } from '../../lib/codec/handshake-request.ts';
import { readHandshakeResponse } from '../../lib/codec/handshake-response.ts';
import { ChallengeOutcome, HttpAuthentication } from '../../lib/codec/http-authentication.ts';
import { HeadReader } from '../../lib/codec/http-head.ts';
import { bytesBeforeReuse, isStatusLine } from '../../lib/codec/http-response.ts';
import { isRequestLine } from '../../lib/codec/request-line.ts';
import { ForwardedHeader } from '../../lib/network/forwarded-header.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { isFromLocalPage } from '../../lib/websockets/local-page.ts';
import { SAMPLE_KEY } from '../support/raw-client.ts';

// Characters: about what a field of a server may have, one of a client, and a whole head.
const OF_FIELDS = [8_000, 80_000];
const OF_HEADS = [...OF_FIELDS, 800_000];

// Ten times the text may take ten times the time. What is compared are equal amounts of text, so
// that linear work stands at 1 here, quadratic work at 10, and exponential work never comes back.
const MOST_GROWTH = 4;
const ROUNDS = 30;

// Microseconds for each character: what takes less is not looked at more closely. Fresh memory for
// a long text weighs more than reading it then; quadratic work would be far above.
const NEGLIGIBLE = 0.02;

/** What makes careless parsers slow, to be repeated. */
const PIECES = [
  ' ',
  '\t ',
  ',',
  ', ',
  ';',
  '; ',
  '=',
  '"',
  '\\',
  '"\\',
  '"a\\"',
  'a',
  'a ',
  'a,',
  'a=b;',
  'a="b\\",',
  'a b,',
  '0',
  '.',
  ':',
  '/',
  '%',
  '%0',
  '@',
  '[',
  '\u00e9',
];

const ANY_DEFLATE = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

// No limits but that of all heads: it is the work behind them that is looked at.
const UNLIMITED = {
  maxFields: 1_000_000,
  maxFieldSize: 1_000_000,
  maxSize: 1_000_000,
  maxStartLine: 1_000_000,
  maxEmptyLines: 1,
};

const REQUEST = {
  Host: '127.0.0.1',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': SAMPLE_KEY,
  'Sec-WebSocket-Version': '13',
};

function readRequest(changes: Record<string, string>, target = '/'): unknown {
  const fields = Object.entries({ ...REQUEST, ...changes }).flat();
  return HandshakeRequest.fromParts('GET', target, 'HTTP/1.1', fields, false);
}

/** Every address is one of a trusted proxy: so all of it is looked at that ever is. */
function forwarded(header: ForwardedHeader, name: string, value: string): unknown {
  const peer = { address: '10.0.0.1', port: 1 };
  return readForwarded([name, value], header, peer, () => true);
}

function readResponse(...fields: string[]): unknown {
  const head = { startLine: 'HTTP/1.1 101 Switching Protocols', fields };
  const expected = { key: SAMPLE_KEY, subprotocols: ['a'], deflate: ANY_DEFLATE };
  return readHandshakeResponse(head, expected);
}

function readHead(text: string, isStartLine: (line: string) => boolean): unknown {
  return new HeadReader(UNLIMITED, isStartLine).push(Buffer.from(text, 'latin1'));
}

/** What is done with text of a peer, by what that text is. */
const readings: Record<string, (text: string) => unknown> = {
  'Sec-WebSocket-Protocol of a request': (text) => readRequest({ 'Sec-WebSocket-Protocol': text }),
  'Sec-WebSocket-Protocol of an answer': (text) => readResponse('Sec-WebSocket-Protocol', text),
  'Sec-WebSocket-Extensions of a request': (text) =>
    readRequest({ 'Sec-WebSocket-Extensions': text }),
  'parameters of Sec-WebSocket-Extensions': (text) =>
    readRequest({ 'Sec-WebSocket-Extensions': `permessage-deflate; ${text}` }),
  'Sec-WebSocket-Extensions of an answer': (text) =>
    readDeflateAnswer(`permessage-deflate; ${text}`, ANY_DEFLATE),
  'an offer of compression': (text) =>
    acceptDeflateOffer([text, `permessage-deflate; ${text}`], ANY_DEFLATE),
  'X-Forwarded-For, behind trusted proxies': (text) =>
    forwarded(ForwardedHeader.XForwardedFor, 'X-Forwarded-For', `${text}, 10.0.0.1`),
  'X-Forwarded-Proto': (text) =>
    forwarded(ForwardedHeader.XForwardedFor, 'X-Forwarded-Proto', text),
  'Forwarded, behind trusted proxies': (text) =>
    forwarded(ForwardedHeader.Forwarded, 'Forwarded', `${text}, for=10.0.0.1`),
  'parameters of Forwarded': (text) =>
    forwarded(ForwardedHeader.Forwarded, 'Forwarded', `for=10.0.0.1;${text}`),
  Connection: (text) => readRequest({ Connection: text }),
  'Sec-WebSocket-Key': (text) => readRequest({ 'Sec-WebSocket-Key': text }),
  'Sec-WebSocket-Version': (text) => readRequest({ 'Sec-WebSocket-Version': text }),
  'Content-Length of a request': (text) => readRequest({ 'Content-Length': text }),
  'Content-Length of an answer': (text) =>
    bytesBeforeReuse({ startLine: 'HTTP/1.1 401 No', fields: ['Content-Length', text] }),
  Host: (text) => readRequest({ Host: text }),
  Origin: (text) => isFromLocalPage(`http://${text}`, text),
  'the target of a request': (text) => readRequest({}, `/${text}`),
  'a target that is a URL': (text) => readRequest({}, `ws://${text}`),
  'a URL': (text) => new QUrl(`ws://a${text}`).toString(),
  'a field of any name': (text) => new QHttpHeaders().append('a', text),
  'the name of a field': (text) => new QHttpHeaders().append(text, 'a'),
  'a challenge': (text) => parseChallenges([`Basic ${text}`, text]),
  'a challenge that is answered': (text) => answer(`Digest nonce="n", realm=${text}`),
  'a request line': (text) => readHead(`GET /${text}`, isRequestLine),
  'a status line': (text) => readHead(`HTTP/1.1 200 ${text}\r\n`, isStatusLine),
  'the field of a head': (text) => readHead(`GET / HTTP/1.1\r\na: ${text}\r\n\r\n`, isRequestLine),
};

function answer(challenge: string): void {
  const authentication = new HttpAuthentication({ user: 'u', password: 'p' });
  const outcome = authentication.challenged([challenge], () => {});
  if (outcome === ChallengeOutcome.Answered) {
    authentication.authorization({ method: 'GET', uri: '/' });
  }
}

/** Ways to cut a head of about `size` bytes, each to be read in one. */
const heads: Record<string, (size: number) => string> = {
  'many fields': (size) => 'a:\r\n'.repeat(size / 4),
  'many fields of one name with values': (size) => 'a: b\r\n'.repeat(size / 6),
  'a field of many folded lines': (size) => `a:\r\n${' \r\n'.repeat(size / 3)}`,
  'folded lines with words': (size) => `a:\r\n${' b\r\n'.repeat(size / 4)}`,
  'a name without end': (size) => 'a'.repeat(size),
};

describe('The time to read what a peer sends', function () {
  this.timeout(60_000);

  // CVE-2021-32640 (ws), CVE-2020-7662 and CVE-2020-7663 (websocket-extensions).
  for (const [what, read] of Object.entries(readings)) {
    it(`grows with the length of ${what}, and no faster`, () => {
      for (const piece of PIECES) {
        // What stands around them decides whether a search that fails begins anew.
        for (const edge of ['', 'x']) {
          expectLinear(JSON.stringify(edge + piece), OF_FIELDS, (size) => {
            const text = edge + piece.repeat(size / piece.length) + edge;
            return () => read(text);
          });
        }
      }
    });
  }

  // CVE-2023-43669 (tungstenite).
  for (const [what, make] of Object.entries(heads)) {
    it(`grows with the length of a head of ${what}, and no faster`, () => {
      expectLinear(what, OF_HEADS, (size) => {
        const text = `GET / HTTP/1.1\r\n${make(size)}\r\n`;
        return () => readHead(text, isRequestLine);
      });
    });

    it(`grows with the length of a head of ${what} that comes byte by byte, and no faster`, () => {
      expectLinear(what, OF_HEADS, (size) => {
        const bytes = Buffer.from(`GET / HTTP/1.1\r\n${make(size)}\r\n`);
        return () => {
          const reader = new HeadReader(UNLIMITED, isRequestLine);
          for (let i = 0; i < bytes.length; i++) reader.push(bytes.subarray(i, i + 1));
        };
      });
    });
  }
});

/** Fails when ten times the size takes much more than ten times the time. */
function expectLinear(
  what: string,
  sizes: readonly number[],
  prepare: (size: number) => () => unknown,
): void {
  for (const [i, larger] of sizes.slice(1).entries()) {
    const smaller = sizes[i]!;
    const [readSmaller, readLarger] = [prepare(smaller), prepare(larger)];
    let least = Infinity;
    let same = Infinity;
    // What disturbs one round, such as a collection, does not disturb all of them.
    for (let round = 0; round < ROUNDS; round++) {
      same = Math.min(same, cost(readSmaller, larger / smaller));
      same = Math.max(same, NEGLIGIBLE * larger);
      least = Math.min(least, cost(readLarger, 1));
      if (least <= MOST_GROWTH * same) break;
    }
    expect(least / same, `${what}, ${larger} characters`).to.be.at.most(MOST_GROWTH);
  }
}

/** The time of the processor that it takes, in microseconds. */
function cost(work: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
