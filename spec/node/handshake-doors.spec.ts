import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { spy } from 'sinon';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, SAMPLE_KEY } from '../support/raw-client.ts';
import { connectSecurely, presenting } from '../support/secure-client.ts';

const good: readonly string[] = [
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
  'Sec-WebSocket-Version: 13',
];

/** The good request with other `lines` in place of those of the same names, and another request line. */
function request(lines: readonly string[] = [], requestLine = 'GET / HTTP/1.1'): string {
  const named = new Set(lines.map(nameOf));
  const fields = [...good.filter((line) => !named.has(nameOf(line))), ...lines];
  return [requestLine, ...fields.filter((line) => line !== nameOf(line)), '', ''].join('\r\n');
}

function nameOf(line: string): string {
  return line.split(':', 1)[0]!;
}

/** The good request with `lines` behind its own. */
function withMore(...lines: string[]): string {
  return [request().slice(0, -2), ...lines.map((line) => `${line}\r\n`), '\r\n'].join('');
}

/** Another request on the same connection: nobody may take it for one. */
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';

/** What the parser of node:http does not let us see, or sees in another way. */
interface Elsewhere {
  /** The status on a server of node:http or node:https. */
  readonly shared?: number;
  /** The same with `insecureHTTPParser`. */
  readonly lenient?: number;
  readonly because: string;
}

type Row = readonly [text: string, status: number, elsewhere?: Elsewhere];

const LIMITS_ARE_ITS_OWN = 'an HTTP server has limits of its own: maxHeaderSize is 16 KiB';
const LENIENT = 'a lenient parser lets through what nobody sees afterwards';

const rows: Record<string, Row> = {
  'a good request': [request(), 101],
  'a length of 0': [withMore('Content-Length: 0'), 101],
  'names and values in another case': [
    request(['UPGRADE: WebSocket', 'Upgrade', 'connection: keep-alive,UPGRADE', 'Connection']),
    101,
  ],
  'lists over several lines': [
    request(['Connection: keep-alive', 'Connection: , Upgrade', 'Sec-WebSocket-Protocol: a']),
    101,
  ],
  'white space around a value': [request(['Sec-WebSocket-Version: \t13 \t']), 101],
  'bytes above 127 in a value': [withMore('X: \xe9'), 101],
  'an empty line before it': [`\r\n${request()}`, 101],
  'two empty lines before it': [
    `\r\n\r\n${request()}`,
    400,
    { shared: 101, lenient: 101, because: 'Node skips any number' },
  ],
  'an absolute target': [request([], 'GET http://127.0.0.1/x HTTP/1.1'), 101],
  'a folded value': [
    withMore('X: a\r\n\tb'),
    101,
    { shared: 400, because: 'RFC 9112 §5.2 lets a server refuse it, and Node does' },
  ],

  'HTTP/1.0': [request([], 'GET / HTTP/1.0'), 505],
  'HTTP/0.9': [request([], 'GET / HTTP/0.9'), 505],
  'HTTP/1.2': [
    request([], 'GET / HTTP/1.2'),
    101,
    { shared: 400, because: 'Node knows no other version than 0.9, 1.0, 1.1 and 2.0' },
  ],
  POST: [request([], 'POST / HTTP/1.1'), 405],
  HEAD: [request([], 'HEAD / HTTP/1.1'), 405],
  'a method in lower case': [
    request([], 'get / HTTP/1.1'),
    405,
    { shared: 400, lenient: 400, because: 'it is no method that Node knows' },
  ],
  'a tab in the request line': [request([], 'GET\t/ HTTP/1.1'), 400],
  'two spaces in the request line': [
    request([], 'GET  / HTTP/1.1'),
    400,
    { shared: 101, lenient: 101, because: 'Node hides them' },
  ],
  'a space behind the request line': [request([], 'GET / HTTP/1.1 '), 400],
  'a fragment in the target': [request([], 'GET /#x HTTP/1.1'), 400],
  'bytes above 127 in the target': [request([], 'GET /\xe9 HTTP/1.1'), 400],

  'no Host': [request(['Host']), 400],
  'an empty Host': [request(['Host:']), 400],
  'two Hosts': [withMore('Host: 127.0.0.1'), 400],
  'two Hosts in one': [request(['Host: a,b']), 400],
  'a Host with a user': [request(['Host: u@127.0.0.1']), 400],
  'a Host with a path': [request(['Host: 127.0.0.1/x']), 400],
  'a Host with a space': [request(['Host: a b']), 400],
  'a Host with a bad port': [request(['Host: 127.0.0.1:80x']), 400],
  'a Host with a port out of range': [request(['Host: 127.0.0.1:65536']), 400],
  'a Host of bad IPv6': [request(['Host: [::g]']), 400],

  'a body': [`${withMore('Content-Length: 5')}hello`, 400],
  'a body that looks like a request': [
    `${withMore(`Content-Length: ${SMUGGLED.length}`)}${SMUGGLED}`,
    400,
  ],
  'a body that is not there yet': [withMore('Content-Length: 1000'), 400],
  'a chunked body': [`${withMore('Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`, 400],
  'a chunked body that is not there yet': [`${withMore('Transfer-Encoding: chunked')}ff\r\n`, 400],
  'a transfer coding of no change': [withMore('Transfer-Encoding: identity'), 400],
  'a length and a transfer coding': [
    `${withMore('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    400,
  ],
  'the same length twice': [withMore('Content-Length: 0', 'Content-Length: 0'), 400],
  'two lengths': [withMore('Content-Length: 0', 'Content-Length: 5'), 400],
  'a length with a sign': [withMore('Content-Length: +0'), 400],

  'version +13': [request(['Sec-WebSocket-Version: +13']), 400],
  'version 013': [request(['Sec-WebSocket-Version: 013']), 400],
  'version 13.0': [request(['Sec-WebSocket-Version: 13.0']), 400],
  'versions 13, 8': [request(['Sec-WebSocket-Version: 13, 8']), 400],
  'a tab in the version': [request(['Sec-WebSocket-Version: 1\t3']), 400],
  'the version twice': [withMore('Sec-WebSocket-Version: 13'), 400],
  'no version': [request(['Sec-WebSocket-Version']), 400],
  'version 8': [request(['Sec-WebSocket-Version: 8']), 426],

  'no key': [request(['Sec-WebSocket-Key']), 400],
  'a short key': [request(['Sec-WebSocket-Key: AVDFBDDFF']), 400],
  'the key twice': [withMore(`Sec-WebSocket-Key: ${SAMPLE_KEY}`), 400],
  'another protocol beside': [request(['Upgrade: websocket, foo']), 426],
  'a subprotocol that is no token': [withMore('Sec-WebSocket-Protocol: a, b c'), 400],

  'line feeds without carriage returns': [
    request().replaceAll('\r\n', '\n'),
    400,
    { lenient: 101, because: LENIENT },
  ],
  'a line feed alone behind the request line': [
    request().replace('\r\n', '\n'),
    400,
    { lenient: 101, because: LENIENT },
  ],
  'a carriage return in a value': [withMore('X: a\rb'), 400],
  'a NUL in a value': [withMore('X: a\0b'), 400],
  'a control character in a value': [withMore('X: a\x01b'), 400],
  'a DEL in a value': [withMore('X: a\x7fb'), 400],
  'white space before a colon': [withMore('X : a'), 400],
  'a tab before a colon': [withMore('X\t: a'), 400],
  'an empty name': [withMore(': a'), 400],
  'white space before the first field': [
    request().replace('\r\n', '\r\n X: a\r\n'),
    400,
    { lenient: 101, because: LENIENT },
  ],
  'more than 100 fields': [withMore(...Array<string>(96).fill('X: a')), 431],
  'a field of more than 8 KiB': [
    withMore(`X: ${'a'.repeat(8_200)}`),
    431,
    { shared: 101, lenient: 101, because: LIMITS_ARE_ITS_OWN },
  ],
  'a head of more than 16 KiB': [
    withMore(...Array<string>(3).fill(`X: ${'a'.repeat(6_000)}`)),
    101,
    { shared: 431, lenient: 431, because: LIMITS_ARE_ITS_OWN },
  ],
  'a request for a tunnel': [
    request([], 'CONNECT h:80 HTTP/1.1'),
    405,
    { shared: 0, lenient: 0, because: 'Node has another event for it, and closes without one' },
  ],
  'text that is no HTTP': ['EHLO there\r\n\r\n', 400],

  'a foreign origin': [withMore('Origin: http://evil.example'), 403],
  'an opaque origin': [withMore('Origin: null'), 403],
  'the origin of a file': [withMore('Origin: file://'), 403],
  'an origin that is a list': [withMore('Origin: http://localhost http://evil.example'), 403],
  'two origins': [withMore('Origin: http://localhost', 'Origin: http://localhost'), 400],
  'a local origin': [withMore('Origin: http://localhost:3000'), 101],
  'a local origin and a foreign host': [
    request(['Host: rebound.example', 'Origin: http://localhost:3000']),
    403,
  ],
  'an origin and a host that are the same foreign name': [
    request(['Host: rebound.example', 'Origin: http://rebound.example']),
    403,
  ],
  'a foreign host without an origin': [request(['Host: rebound.example']), 101],
};

/** A way for requests to get to a QWebSocketServer. */
interface Door {
  /** What the server listens with; it is said where. */
  open(server: QWebSocketServer): Promise<number>;
  connect(port: number): Promise<RawClient>;
  statusOf(row: Row): number;
}

describe('the opening handshake, through every door', () => {
  let server: QWebSocketServer;
  let http: HttpServer | undefined;
  let client: RawClient | undefined;
  const served = spy();

  async function share(shared: HttpServer): Promise<number> {
    http = shared;
    http.on('request', (asked, response) => {
      served(asked.url);
      response.end('a page');
    });
    server.attach(http);
    return listenOnLoopback(http);
  }

  const shared = ([, status, elsewhere]: Row): number => elsewhere?.shared ?? status;
  const doors: Record<string, Door> = {
    'its own listener': {
      open: () => {
        server.listen(QHostAddress.LocalHost);
        return Promise.resolve(server.serverPort());
      },
      connect: (port) => RawClient.connect(port),
      statusOf: ([, status]) => status,
    },
    'a server of node:http': {
      open: () => share(createHttpServer()),
      connect: (port) => RawClient.connect(port),
      statusOf: shared,
    },
    'a server of node:https': {
      open: () => share(createHttpsServer(presenting('server'))),
      connect: (port) => connectSecurely(port),
      statusOf: shared,
    },
    'a server of node:http with a lenient parser': {
      open: () => share(createHttpServer({ insecureHTTPParser: true })),
      connect: (port) => RawClient.connect(port),
      statusOf: ([, status, elsewhere]) => elsewhere?.lenient ?? status,
    },
  };

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    served.resetHistory();
  });

  afterEach(() => {
    client?.socket.destroy();
    server[Symbol.dispose]();
    http?.close();
    http?.closeAllConnections();
    http = undefined;
  });

  for (const [name, door] of Object.entries(doors)) {
    describe(name, () => {
      async function say(text: string): Promise<RawClient> {
        client = await door.connect(await door.open(server));
        client.write(Buffer.from(text, 'latin1'));
        return client;
      }

      for (const [what, row] of Object.entries(rows)) {
        const status = door.statusOf(row);
        if (status === 101) {
          it(`lets ${what} in`, async () => {
            const arrived = emitted(server.newConnection);
            const raw = await say(row[0]);

            expect(await raw.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
            await arrived;
            expect(server.nextPendingConnection()?.isValid()).to.equal(true);
            expect(served.callCount).to.equal(0);
          });
        } else {
          it(`refuses ${what} ${status === 0 ? 'without a word' : `with ${status}`}, once`, async () => {
            const raw = await say(row[0] + SMUGGLED);

            const answers = (await raw.ended()).match(/^HTTP\/1\.1 \d{3}/gm) ?? [];
            expect(answers).to.deep.equal(status === 0 ? [] : [`HTTP/1.1 ${status}`]);
            expect(server.hasPendingConnections()).to.equal(false);
            expect(served.args).to.deep.equal([]);
          });
        }
      }

      it('loses nothing that comes right behind the request', async () => {
        const arrived = emitted(server.newConnection);
        const raw = await say(
          request() + hex('81 85 37 fa 21 3d 7f 9f 4d 51 58').toString('latin1'),
        );
        await arrived;
        const socket = server.nextPendingConnection()!;

        const message = emitted(socket.textMessageReceived);

        expect(await message).to.deep.equal(['Hello']);
        socket.abort();
        await raw.ended();
      });

      it('answers HEAD without a body', async () => {
        const raw = await say(request([], 'HEAD / HTTP/1.1'));

        expect(await raw.ended()).to.match(/^HTTP\/1\.1 405 [^]*\r\n\r\n$/);
      });
    });
  }

  it('answers HEAD for a path that nobody has without a body', async () => {
    http = createHttpServer();
    server.attach(http, { path: '/chat' });
    await listenOnLoopback(http);
    client = await RawClient.connect((http.address() as AddressInfo).port);

    client.write(request([], 'HEAD / HTTP/1.1'));

    expect(await client.ended()).to.match(/^HTTP\/1\.1 404 [^]*\r\n\r\n$/);
  });

  it('looks at origin and host by where the HTTP server listens now', async () => {
    http = createHttpServer();
    server.attach(http);
    for (const [address, status] of [
      ['127.0.0.1', 403],
      ['0.0.0.0', 101],
      ['127.0.0.1', 403],
    ] as const) {
      http.listen(0, address);
      await once(http, 'listening');
      client = await RawClient.connect((http.address() as AddressInfo).port);
      client.write(withMore('Origin: http://evil.example'));
      expect(await client.hears('\r\n\r\n')).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      client.socket.destroy();
      http.close();
      await once(http, 'close');
      server.nextPendingConnection();
    }
  });
});
