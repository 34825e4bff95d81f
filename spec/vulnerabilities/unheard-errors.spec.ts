import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { resetTcp } from '../../lib/testing/reset-tcp.ts';
import { emitted } from '../support/emitted.ts';
import { frame } from '../support/frames.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { switching, RawPeer } from '../support/raw-peer.ts';
import { connectSecurely, identified, presenting } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const BAD_FRAME = frame(3, 'reserved', { key: 1 });

/** Where the attacks come in. */
interface Place {
  readonly server: QWebSocketServer;
  readonly port: number;
  readonly isSecure: boolean;
  close(): void;
}

const places: Record<string, () => Promise<Place>> = {
  'a server of its own': async () => listening(false),
  'a server of its own over TLS': async () => listening(true),
  'an HTTP server that is shared': async () => attached(createServer(page), false),
  'an HTTPS server that is shared': async () =>
    attached(createSecureServer(presenting('server'), page), true),
};

/** What somebody does to a server; each ends with the connection. */
const attacks: Record<string, (place: Place) => Promise<void>> = {
  'a reset before a word': async (place) => reset(await client(place)),
  'a reset before TLS': async ({ port }) => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.resetAndDestroy();
  },
  'what is no TLS': async ({ port }) => {
    const raw = await RawClient.connect(port);
    raw.write(Buffer.alloc(600, 0x16));
    raw.write(upgradeRequest());
    await setImmediate();
    reset(raw);
  },
  'a reset in the middle of a head': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest().slice(0, 60));
    await setImmediate();
    reset(raw);
  },
  // CVE-2022-41940 (engine.io).
  'a reset behind a request that is refused': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest({ 'Sec-WebSocket-Version': '12' }));
    reset(raw);
  },
  'a reset behind the refusal of a request': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest({ Connection: 'close' }));
    raw.write(Buffer.alloc(100_000));
    await raw.hears('HTTP/1.1 ').catch(() => {});
    reset(raw);
  },
  'a reset behind a good request': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest());
    reset(raw);
  },
  'a reset behind the answer': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest());
    await raw.hears('\r\n\r\n');
    reset(raw);
  },
  // CVE-2022-21676 (engine.io).
  'a bad frame in one piece with the request': async (place) => {
    const raw = await client(place);
    raw.write(Buffer.concat([Buffer.from(upgradeRequest()), BAD_FRAME]));
    await raw.hears('\r\n\r\n');
    raw.socket.end();
    reset(raw);
  },
  'a bad frame and a reset': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest());
    await raw.hears('\r\n\r\n');
    raw.write(BAD_FRAME);
    reset(raw);
  },
  // CVE-2020-7693 (sockjs).
  'an upgrade where none is expected': async (place) => {
    for (const line of ['POST / HTTP/1.1', 'GET /elsewhere HTTP/1.1', 'OPTIONS * HTTP/1.1']) {
      const raw = await client(place);
      raw.write(upgradeRequest({}, line));
      await raw.hears('HTTP/1.1 ');
      reset(raw);
    }
  },
  'an upgrade with a body': async (place) => {
    const raw = await client(place);
    raw.write(`${upgradeRequest({ 'Content-Length': '5' })}hello`);
    await raw.hears('HTTP/1.1 400 ');
    reset(raw);
  },
  'an upgrade to something else': async (place) => {
    const raw = await client(place);
    raw.write(upgradeRequest({ Upgrade: 'h2c' }));
    await raw.hears('HTTP/1.1 ');
    reset(raw);
  },
  // CVE-2024-37890 (ws).
  'more headers than anybody wants': async (place) => {
    const raw = await client(place);
    const fields = 'a:b\r\n'.repeat(2500);
    raw.write(upgradeRequest().replace('\r\n', `\r\n${fields}`));
    await raw.hears('HTTP/1.1 ').catch(() => {});
    reset(raw);
  },
};

describe('Errors that nobody listens to', function () {
  this.timeout(60_000);

  for (const [where, make] of Object.entries(places)) {
    describe(`at ${where}`, () => {
      let place: Place;

      beforeEach(async () => {
        place = await make();
      });

      afterEach(() => {
        place.close();
      });

      for (const [what, attack] of Object.entries(attacks)) {
        it(`harm nobody: ${what}`, async () => {
          const { server } = place;
          const errors = await uncaughtErrors(async () => {
            await attack(place);
            // Now the sockets are fetched, without a single slot.
            server.newConnection.connect(() => server.nextPendingConnection());
            await attack(place);
            await welcome(place);
          });

          expect(errors).to.deep.equal([]);
        });
      }
    });
  }

  // CVE-2024-37890 (ws): a header that is needed was one of those that node:http left out.
  it('harm nobody when an HTTP server keeps fewer headers than a handshake has', async () => {
    for (let kept = 1; kept <= 6; kept++) {
      const http = createServer(page);
      http.maxHeadersCount = kept;
      const place = await attached(http, false);
      const errors = await uncaughtErrors(async () => {
        const raw = await client(place);
        raw.write(upgradeRequest({ Origin: 'http://localhost' }));
        expect(await raw.hears('HTTP/1.1 ')).to.match(/^HTTP\/1\.1 (?:101|400|426|431) /);
        reset(raw);
        await setImmediate();
      });
      place.close();
      expect(errors, `${kept} headers`).to.deep.equal([]);
    }
  });

  const answers: Record<string, string | ((key: string) => string | Buffer)> = {
    'is no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n',
    'refuses, and is gone': 'HTTP/1.1 500 No\r\n\r\n',
    'asks who is there, and is gone':
      'HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm="r"\r\n\r\n',
    'agrees, and is gone': (key) => switching(key),
    'agrees, and breaks the protocol with the same bytes': (key) =>
      Buffer.concat([Buffer.from(switching(key)), frame(3)]),
    'says nothing, and is gone': '',
  };
  for (const [what, answer] of Object.entries(answers)) {
    it(`harm no client whose server ${what}`, async () => {
      const peer = await RawPeer.listen();
      const errors = await uncaughtErrors(async () => {
        const socket = new QWebSocket();
        socket.open(peer.url);
        const connection = await peer.next();
        const key = /^sec-websocket-key: (.*)\r$/im.exec(await connection.head())![1]!;
        connection.socket.write(typeof answer === 'string' ? answer : answer(key));
        await setImmediate();
        connection.reset();
        await connection.closed;
        while (socket.state() !== 0) await setImmediate();
      });
      peer.close();

      expect(errors).to.deep.equal([]);
    });
  }
});

function page(_request: unknown, response: { end(text: string): unknown }): void {
  response.end('a page');
}

function listening(isSecure: boolean): Place {
  const mode = isSecure ? QWebSocketServer.SecureMode : QWebSocketServer.NonSecureMode;
  const server = new QWebSocketServer('Test', mode);
  if (isSecure) server.setSslConfiguration(identified());
  server.listen(QHostAddress.LocalHost);
  return { server, port: server.serverPort(), isSecure, close: () => server[Symbol.dispose]() };
}

async function attached(http: Server, isSecure: boolean): Promise<Place> {
  const { server } = listening(isSecure);
  server.close();
  server.attach(http, { path: '/' });
  const port = await listenOnLoopback(http);
  return {
    server,
    port,
    isSecure,
    close: () => {
      server[Symbol.dispose]();
      http.close();
      http.closeAllConnections();
    },
  };
}

const carriers = new WeakMap<RawClient, Socket>();

/** A connection to `place`, through TLS if need be. */
async function client({ port, isSecure }: Place): Promise<RawClient> {
  const tcp = connect(port, '127.0.0.1');
  tcp.on('error', () => {});
  await once(tcp, 'connect');
  const raw = isSecure
    ? await connectSecurely(port, { socket: carriedBy(tcp) })
    : new RawClient(tcp);
  carriers.set(raw, tcp);
  return raw;
}

/** TLS takes a socket for itself, which cannot be reset any more then. */
function carriedBy(tcp: Socket): Duplex {
  const stream = new Duplex({
    read: () => {},
    write: (chunk, _, done) => void tcp.write(chunk, () => done()),
    final: (done) => void tcp.end(done),
  });
  tcp.on('data', (chunk) => stream.push(chunk));
  tcp.on('close', () => stream.destroy());
  return stream;
}

function reset(raw: RawClient): void {
  const tcp = carriers.get(raw);
  if (tcp !== undefined) resetTcp(tcp);
  raw.socket.destroy();
}

/** A client that is in the right is let in, and a page is served. */
async function welcome({ server, port, isSecure }: Place): Promise<void> {
  const socket = new QWebSocket();
  socket.setSslConfiguration(trusting());
  const connected = emitted(socket.connected);
  socket.open(`${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}/`);
  await connected;
  socket.abort();
  if (server.serverUrl().isValid() && !isSecure) {
    await new Promise<void>((resolve) => {
      get(`http://127.0.0.1:${port}/`, (response) => response.resume().on('end', resolve));
    });
  }
}
