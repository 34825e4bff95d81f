import { expect } from 'chai';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { frame, frameStart } from '../support/frames.ts';
import { memoryInUse } from '../support/memory.ts';
import { RawPeer, switching, type RawConnection } from '../support/raw-peer.ts';
import { withstand } from './support/withstand.ts';

const MiB = 1024 * 1024;
const [TEXT, BINARY, PING, PONG] = [1, 2, 9, 10];

/** How an attempt has ended, or that it has connected. */
interface Outcome {
  readonly isConnected: boolean;
  readonly error: SocketError;
  /** How many connections the client has made. */
  readonly connections: number;
}

/** What a hostile server does with each connection, until the client has gone. */
type Script = (connection: RawConnection, isUnderWay: () => boolean) => Promise<void> | void;

/** A server that goes through a script with everybody who connects. */
class HostileServer {
  readonly #peer: RawPeer;
  readonly #script: Script;
  connections = 0;
  #isOver = false;

  constructor(peer: RawPeer, script: Script) {
    this.#peer = peer;
    this.#script = script;
    void this.#serve();
  }

  stop(): void {
    this.#isOver = true;
    this.#peer.close();
  }

  async #serve(): Promise<void> {
    while (!this.#isOver) {
      const connection = await this.#peer.next();
      this.connections++;
      // The client goes away in the middle of it.
      this.#follow(connection).catch(() => {});
    }
  }

  async #follow(connection: RawConnection): Promise<void> {
    await this.#script(connection, () => !this.#isOver);
  }
}

/** Opens a WebSocket to a server, or through a proxy, that follows `script`. */
async function meet(script: Script, throughProxy?: ProxyType): Promise<Outcome> {
  const peer = await RawPeer.listen();
  const socket = new QWebSocket();
  socket.setOpenTimeout(500);
  const server = new HostileServer(peer, script);
  if (throughProxy !== undefined) {
    socket.setProxy(new QNetworkProxy(throughProxy, '127.0.0.1', peer.port, 'joe', 'pw'));
  }
  try {
    const opened = emitted(socket.connected).then(() => true);
    const ended = emitted(socket.disconnected).then(() => false);
    socket.open(throughProxy === undefined ? peer.url : 'ws://target.example/');
    const isConnected = await Promise.race([opened, ended]);
    return { isConnected, error: socket.error(), connections: server.connections };
  } finally {
    server.stop();
    socket.abort();
  }
}

/** Says `text` a few bytes at a time. */
async function drip(
  { socket }: RawConnection,
  text: string,
  isUnderWay: () => boolean,
): Promise<void> {
  for (let at = 0; at < text.length && isUnderWay(); at++) {
    socket.write(text[at]!);
    await setTimeout(2);
  }
}

/** Says `text` again and again. */
async function repeat(
  { socket }: RawConnection,
  text: string,
  isUnderWay: () => boolean,
): Promise<void> {
  while (isUnderWay() && !socket.destroyed) {
    socket.write(text);
    await setImmediate();
  }
}

const REFUSAL = 'HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm=a\r\n';

describe('A client of a hostile server', function () {
  this.timeout(60_000);

  const { ConnectionRefusedError, SocketTimeoutError, RemoteHostClosedError } = SocketError;

  const scripts: Record<string, [outcome: SocketError, script: Script]> = {
    'says nothing': [SocketTimeoutError, () => {}],
    'lets its head drip': [
      SocketTimeoutError,
      (connection, isUnderWay) =>
        drip(connection, `HTTP/1.1 101 Ok\r\nX: ${'a'.repeat(10_000)}`, isUnderWay),
    ],
    'has a status line without an end': [
      ConnectionRefusedError,
      (connection, isUnderWay) => repeat(connection, 'HTTP/1.1 101 '.repeat(100), isUnderWay),
    ],
    'has a header without an end': [
      ConnectionRefusedError,
      (connection, isUnderWay) => {
        connection.socket.write('HTTP/1.1 101 Ok\r\nX: ');
        return repeat(connection, 'a'.repeat(1000), isUnderWay);
      },
    ],
    'has headers without an end': [
      ConnectionRefusedError,
      (connection, isUnderWay) => {
        connection.socket.write('HTTP/1.1 101 Ok\r\n');
        return repeat(connection, 'X: a\r\n', isUnderWay);
      },
    ],
    'always says that it goes on': [
      ConnectionRefusedError,
      (connection, isUnderWay) => repeat(connection, 'HTTP/1.1 100 Continue\r\n\r\n', isUnderWay),
    ],
    'says frames before its head has ended': [
      ConnectionRefusedError,
      async (connection) => {
        await connection.head();
        connection.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n');
        connection.socket.write(frame(TEXT, 'early'));
        connection.socket.write('\r\n\r\n');
      },
    ],
    'says noise': [
      ConnectionRefusedError,
      (connection) => void connection.socket.write(Buffer.alloc(4096)),
    ],
    'has a body without an end behind a refusal': [
      ConnectionRefusedError,
      (connection, isUnderWay) => {
        connection.socket.write('HTTP/1.1 500 No\r\n\r\n');
        return repeat(connection, 'a'.repeat(1000), isUnderWay);
      },
    ],
    'leaves at once': [RemoteHostClosedError, ({ socket }) => void socket.end()],
    'resets the connection': [
      RemoteHostClosedError,
      async (connection) => {
        await connection.head();
        connection.reset();
      },
    ],
    'resets the connection within its head': [
      RemoteHostClosedError,
      async (connection) => {
        await connection.head();
        connection.socket.write('HTTP/1.1 101 Switch');
        await setTimeout(10);
        connection.reset();
      },
    ],
  };
  for (const [name, [error, script]] of Object.entries(scripts)) {
    it(`gives one up that ${name}`, async () => {
      await withstand(async () => {
        const outcome = await meet(script);

        expect(outcome).to.include({ isConnected: false, error, connections: 1 });
      });
    });
  }

  it('connects to one whose good head drips', async () => {
    await withstand(async () => {
      const peer = await RawPeer.listen();
      const socket = new QWebSocket();
      const opened = emitted(socket.connected);
      socket.open(peer.url);
      const connection = await peer.next();
      const key = /^sec-websocket-key: (.*)\r$/im.exec(await connection.head())![1]!;
      for (const byte of Buffer.from(switching(key))) {
        connection.socket.write(Buffer.of(byte));
        await setImmediate();
      }

      await opened;
      socket.abort();
      peer.close();
    });
  });

  for (const [name, rest] of [
    ['on the same connection', 'Content-Length: 0\r\n\r\n'],
    ['on another connection each time', 'Connection: close\r\n\r\n'],
    ['with a body that never comes', 'Content-Length: 9007199254740993\r\n\r\n'],
  ] as const) {
    it(`does not go on for ever with one that asks who it is, ${name}`, async () => {
      await withstand(async () => {
        let asked = 0;
        const peer = await RawPeer.listen();
        const socket = new QWebSocket();
        socket.setOpenTimeout(2000);
        let password = 0;
        socket.authenticationRequired.connect((authenticator) => {
          authenticator.setUser('joe');
          authenticator.setPassword(String(password++));
        });
        const ended = emitted(socket.disconnected);
        const server = new HostileServer(peer, async (connection, isUnderWay) => {
          while (isUnderWay()) {
            await connection.head();
            asked++;
            connection.socket.write(REFUSAL + rest);
          }
        });
        socket.open(peer.url);
        await ended;
        server.stop();

        expect(asked).to.be.within(2, 20);
      });
    });
  }

  const proxies: Record<string, [type: ProxyType, script: Script]> = {
    'an HTTP proxy that says nothing': [ProxyType.HttpProxy, () => {}],
    'an HTTP proxy whose head has no end': [
      ProxyType.HttpProxy,
      (connection, isUnderWay) => {
        connection.socket.write('HTTP/1.1 200 Ok\r\nX: ');
        return repeat(connection, 'a'.repeat(1000), isUnderWay);
      },
    ],
    'an HTTP proxy that asks again and again': [
      ProxyType.HttpProxy,
      (connection, isUnderWay) =>
        repeat(
          connection,
          'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=a\r\nContent-Length: 0\r\n\r\n',
          isUnderWay,
        ),
    ],
    'a SOCKS proxy that says nothing': [ProxyType.Socks5Proxy, () => {}],
    'a SOCKS proxy that says noise': [
      ProxyType.Socks5Proxy,
      (connection, isUnderWay) => repeat(connection, '\xa5'.repeat(1000), isUnderWay),
    ],
    'a SOCKS proxy that stops within its answer': [
      ProxyType.Socks5Proxy,
      ({ socket }) => void socket.write(Buffer.of(5, 0, 5, 0, 0, 3, 255)),
    ],
  };
  for (const [name, [type, script]] of Object.entries(proxies)) {
    it(`gives ${name} up`, async () => {
      await withstand(async () => {
        const { isConnected, error } = await meet(script, type);

        expect(isConnected).to.equal(false);
        expect(error).to.not.equal(SocketError.UnknownSocketError);
      });
    });
  }

  /** A client and what it is connected to. */
  async function connected(): Promise<[RawPeer, QWebSocket, RawConnection]> {
    const peer = await RawPeer.listen();
    const socket = new QWebSocket();
    socket.setCloseTimeout(200);
    const opened = emitted(socket.connected);
    socket.open(peer.url);
    const connection = await peer.accept();
    await opened;
    return [peer, socket, connection];
  }

  const floods: Record<string, Buffer> = {
    pings: frame(PING, 'x'.repeat(100)),
    pongs: frame(PONG, 'x'.repeat(100)),
    'empty texts': frame(TEXT, ''),
    'empty fragments': frame(0, '', { isFinal: false }),
  };
  for (const [name, piece] of Object.entries(floods)) {
    it(`holds little under a flood of ${name}`, async () => {
      await withstand(async () => {
        const [peer, socket, connection] = await connected();
        const bytes = Buffer.alloc(150_000 * piece.length, piece);
        const before = memoryInUse();
        connection.socket.removeAllListeners('data').pause();
        if (name === 'empty fragments') connection.send(BINARY, 'a', { isFinal: false });
        connection.socket.write(bytes);
        const gone = emitted(socket.disconnected);
        connection.send(PONG, 'done');
        await new Promise<void>((resolve) => {
          socket.pong.connect((_elapsed, payload) => {
            if (Buffer.from(payload).toString() === 'done') resolve();
          });
        });

        expect(memoryInUse() - before).to.be.below(2 * MiB);
        peer.close();
        await gone;
      });
    });
  }

  const wrong: Record<string, [code: number, bytes: Buffer]> = {
    'a frame of 2^62 bytes': [1009, frameStart(BINARY, 2n ** 62n)],
    'a frame of 2^63 bytes': [1002, frameStart(BINARY, 2n ** 63n)],
    'a masked frame': [1002, frame(TEXT, 'a', { key: 1 })],
    'a long ping': [1002, frameStart(PING, 126)],
    'a fragment of nothing': [1002, frame(0, 'a')],
  };
  it('closes on what no server may send', async () => {
    await withstand(async () => {
      for (const [name, [code, bytes]] of Object.entries(wrong)) {
        const [peer, socket, connection] = await connected();
        const gone = emitted(socket.disconnected);
        connection.socket.write(bytes);
        await gone;

        expect(socket.closeCode(), name).to.equal(code);
        peer.close();
      }
    });
  });

  it('gives one up that never answers a Close', async () => {
    await withstand(async () => {
      const [peer, socket] = await connected();
      const gone = emitted(socket.disconnected);
      socket.close();
      await gone;
      peer.close();
    });
  });
});
