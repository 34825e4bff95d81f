import { expect } from 'chai';
import { constants as bufferConstants } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { CLIENT_HEAD_LIMITS, SERVER_HEAD_LIMITS } from '../lib/codec/http-head.ts';
import { QWebSocket } from '../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../lib/node/qwebsocketserver.ts';

const PAGE = 'SECURITY.md';
const MIB = 1024 * 1024;

describe(PAGE, () => {
  const page = readFileSync(PAGE, 'utf8');
  const rows = new Map(
    Array.from(page.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm), ([, what, value]) => [
      what!,
      value!,
    ]),
  );
  const client = new QWebSocket();
  const server = new QWebSocketServer('Test');

  const seconds = (ms: number): string => `${ms / 1000} s`;
  const bytes = (size: number): string => `${size.toLocaleString('en')} bytes`;
  const anyOr = (limit: number, of: string): string =>
    limit < 0 ? `any number${of}` : String(limit);

  const defaults: Record<string, string> = {
    'incoming message': `client ${client.maxAllowedIncomingMessageSize() / MIB} MiB, server 16 MiB`,
    'incoming frame': `client ${client.maxAllowedIncomingFrameSize() / MIB} MiB, server 16 MiB`,
    'what waits for a peer that does not read': anyOr(client.backlogLimit(), ' of bytes'),
    'silence in the middle of a message': seconds(client.incompleteMessageTimeout()),
    'closing without progress': seconds(client.closeTimeout()),
    'connections that wait for `nextPendingConnection()`': String(server.maxPendingConnections()),
    'connections of a server': anyOr(server.maxConnections(), ''),
    'connections of one address, or IPv6 /64 network': anyOr(server.maxConnectionsPerAddress(), ''),
    'topics of a server that has them': server.maxTopics().toLocaleString('en'),
    'topics that one socket has subscribed to': String(server.maxTopicsPerSocket()),
    'length of a topic, in UTF-16 code units': String(server.maxTopicLength()),
    'connecting and handshake of a client': seconds(client.openTimeout()),
    'handshake of a server, TLS included': seconds(server.handshakeTimeout()),
    'handshakes under way on a server': String(server.maxPendingHandshakes()),
    'a head': bytes(SERVER_HEAD_LIMITS.maxSize),
    'its fields': String(SERVER_HEAD_LIMITS.maxFields),
    'one of them': `client ${bytes(CLIENT_HEAD_LIMITS.maxFieldSize)}, server ${bytes(SERVER_HEAD_LIMITS.maxFieldSize)}`,
  };
  for (const [what, expected] of Object.entries(defaults)) {
    it(`has the default of ${what}`, () => {
      expect(rows.get(what)).to.equal(expected);
    });
  }

  /** The limits that are written nowhere but where they hold. */
  const constants: Record<string, [source: string, value: string, stated: string]> = {
    'streams of deflate within one compressed message': [
      'node/inflation',
      'MOST_STREAMS = 64',
      '64',
    ],
    'text, whatever is set': [
      'codec/utf8',
      'LONGEST_TEXT: number = constants.MAX_STRING_LENGTH',
      bytes(bufferConstants.MAX_STRING_LENGTH),
    ],
    'work on small compressed messages before others have a turn': [
      'node/deflate-coder',
      'WORK_AT_ONCE = 512 * 1024',
      '512 KiB, and 8 KiB for each',
    ],
    'unsent bytes with which only the newest ping is answered': [
      'session/session',
      'PONGS_UP_TO = 64 * 1024',
      '64 KiB',
    ],
    'closing in all': ['session/closing-timer', 'MAX_ROUNDS = 12', '12 times as long'],
    'connections held after `pauseAccepting()`': ['node/listener-backend', 'MAX_HELD = 128', '128'],
    'clients that hear at a time why they are too many': [
      'node/listener-backend',
      'MAX_TURNED_AWAY = 64',
      '64',
    ],
    'all heads that a server has not decided on': [
      'node/head-budget',
      'SHARED = 16 * 1024 * 1024',
      '16 MiB, and 8 KiB each',
    ],
    'what a client sends before a verifier answers': [
      'node/read-buffer',
      'SIZE = 64 * 1024',
      'one chunk, of 64 KiB',
    ],
    'subprotocols or extensions that are asked for': [
      'codec/handshake-request',
      'MAX_LIST_LENGTH = 256',
      '256',
    ],
    "interim answers before a client's": ['node/http-exchange', 'MAX_INTERIM = 16', '16'],
    'body of an answer that is skipped to log in': [
      'node/http-exchange',
      'MAX_SKIPPED = 1024 * 1024',
      '1 MiB',
    ],
    'refusals of a login, by server or proxy': ['codec/credentials', 'MAX_REFUSALS = 16', '16'],
    'challenges, parameters of each': ['codec/challenge', 'MAX_CHALLENGES = 32', '32, 64'],
    'what is read behind a refused request': [
      'node/acceptors/http1',
      'LINGER_BYTES = 1024 * 1024',
      '1 s, 1 MiB',
    ],
    'those of one address, where all are taken': [
      'node/pending-handshakes',
      'this.#clients.above(this.#all.size / 2)',
      'half of them',
    ],
    'answers that an upgrade request has to wait for': [
      'node/earlier-answers',
      'PATIENCE_MS = 10_000',
      '10 s each',
    ],
    'what is kept of a PROXY header': ['codec/proxy-header', 'LONGEST_LINE = 107', '107 bytes'],
    'proxies that a request is followed back through': ['codec/forwarded', 'MAX_HOPS = 32', '32'],
    'streams on one connection, WebSockets or not': [
      'node/http2-limits',
      'MAX_STREAMS = 1000',
      '1000',
    ],
    'what a peer may send on a stream before it is read': [
      'node/http2-limits',
      'STREAM_WINDOW: number = 256 * 1024',
      '256 KiB',
    ],
    'what waits on a connection that may have a new stream': [
      'node/http2-limits',
      'SESSION_MEMORY_MB = 64',
      '64 MB',
    ],
    'time in which no PING can go out to a silent client': [
      'node/http2-watch',
      'PATIENCE = 4',
      '2 min',
    ],
    'origins that a server may say it has besides': [
      'node/http2-link',
      'MOST_ORIGINS = 256',
      '256',
    ],
    'certificates in a chain': ['node/peer-verification', 'MAX_CHAIN = 100', '100'],
    'a URL': ['network/qurl', 'MAX_LENGTH = 1024 * 1024', '1,048,576 characters'],
  };
  for (const [what, [source, value, stated]] of Object.entries(constants)) {
    it(`has the limit of ${what}`, () => {
      expect(readFileSync(`lib/${source}.ts`, 'utf8')).to.include(`${value};`);
      expect(rows.get(what)).to.equal(stated);
    });
  }

  it('tells no limit that is not looked at here', () => {
    const ofOthers = [
      'what',
      'compressed message, once it is inflated',
      'zlib at work on other threads',
      'payload of a control frame',
    ];
    const told = [...rows.keys()].filter((what) => !/^-+$/.test(what));

    expect(told).to.have.members([
      ...ofOthers,
      ...Object.keys(defaults),
      ...Object.keys(constants),
    ]);
  });

  it('names methods that are there', () => {
    const names = new Set(Array.from(page.matchAll(/`(set[A-Z]\w+)\(/g), ([, name]) => name!));

    const missing = [...names].filter((name) => !(name in client) && !(name in server));
    expect(missing).to.deep.equal([]);
    expect(names.size).to.be.above(9);
  });

  it('links to pages that are there', () => {
    const links = Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, link]) => link!);

    expect(links.filter((link) => !existsSync(link))).to.deep.equal([]);
    expect(links.length).to.be.above(4);
  });
});
