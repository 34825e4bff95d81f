import { once } from 'node:events';
import { SocketState } from '../../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { frame, frameStart } from '../../support/frames.ts';
import { RawClient, upgradeRequest } from '../../support/raw-client.ts';
import { agree, SOON, type Arena, type Pair } from './arena.ts';

/** Opens one connection and sees it end. */
export type Way = (arena: Arena) => Promise<void>;

const masked = { key: 0x01020304 };
const LARGE = 'ä'.repeat(200_000);

function gone(socket: QWebSocket): Promise<unknown> {
  if (socket.state() === SocketState.UnconnectedState) return Promise.resolve();
  return emitted(socket.disconnected);
}

/** A connection to the plain server on which `act` does what ends it. */
function pair(act: (...ends: Pair) => void, url = ({ plain }: Arena) => serverUrl(plain)): Way {
  return async (arena) => {
    const [client, peer] = await arena.connect(url(arena));
    const over = Promise.all([gone(client), gone(peer)]);
    act(client, peer);
    await over;
  };
}

/** A raw client of the plain server, which is let in and says `bytes`. */
function raw(act: (client: RawClient) => void, bytes: readonly Buffer[] = []): Way {
  return async ({ plain }) => {
    const client = await RawClient.connect(plain.serverPort());
    client.write(Buffer.concat([Buffer.from(upgradeRequest()), ...bytes]));
    await client.hears('\r\n\r\n');
    act(client);
    await closed(client);
  };
}

/** A raw client of a server that comes without being let in. */
function stranger(server: (arena: Arena) => QWebSocketServer, bytes: string | Buffer): Way {
  return async (arena) => {
    const client = await RawClient.connect(server(arena).serverPort());
    client.write(bytes);
    await client.ended();
  };
}

async function closed({ socket }: RawClient): Promise<void> {
  socket.on('end', () => socket.end());
  if (!socket.closed) await once(socket, 'close');
}

/** What a client does before it opens, and as soon as it has begun to. */
interface Course {
  readonly origin?: string;
  readonly before?: (client: QWebSocket, arena: Arena) => void;
  readonly after?: (client: QWebSocket) => void;
}

/** An attempt that does not come to anything, or a connection to a raw peer. */
function attempt(
  url: (arena: Arena) => string,
  { origin, before = () => {}, after = () => {} }: Course = {},
): Way {
  return async (arena) => {
    const client = arena.client(origin);
    const over = emitted(client.disconnected);
    before(client, arena);
    client.open(url(arena));
    after(client);
    await over;
  };
}

/** A client that is destroyed; the peer sees the end, where there is one. */
function destroyed(
  act: (client: QWebSocket, arena: Arena) => Promise<QWebSocket | undefined>,
): Way {
  return async (arena) => {
    const client = arena.client();
    const over = emitted(client.destroyed);
    const peer = await act(client, arena);
    client.deleteLater();
    await over;
    if (peer !== undefined) await gone(peer);
  };
}

function serverUrl(server: QWebSocketServer): string {
  return server.serverUrl().toString();
}

const secure = ({ secure: server }: Arena): string => serverUrl(server);
const dense = ({ dense: server }: Arena): string => serverUrl(server);
const plain = ({ plain: server }: Arena): string => serverUrl(server);

async function throughProxy(arena: Arena, act: (client: QWebSocket) => void): Promise<void> {
  const client = arena.client();
  client.setProxy(arena.proxy());
  const over = emitted(client.disconnected);
  const connected = emitted(client.connected);
  client.open(plain(arena));
  await Promise.race([connected, over]);
  act(client);
  await over;
}

/** A server of its own, whose client nobody fetches. */
async function pending(arena: Arena, act: (server: QWebSocketServer) => void): Promise<void> {
  const server = new QWebSocketServer();
  server.listen(QHostAddress.LocalHost);
  const client = arena.client();
  const over = emitted(client.disconnected);
  const connected = emitted(client.connected);
  client.open(serverUrl(server));
  await connected;
  act(server);
  await over;
  server[Symbol.dispose]();
}

async function reopened(arena: Arena): Promise<void> {
  const client = arena.client();
  for (const end of ['close', 'abort', 'open'] as const) {
    const [, peer] = await arena.connect(plain(arena), client);
    const over = gone(peer);
    if (end === 'open') {
      client.open(plain(arena));
      client.abort();
    } else {
      const isOver = gone(client);
      client[end]();
      await isOver;
    }
    await over;
  }
}

async function compressed(arena: Arena, act: (...ends: Pair) => void): Promise<void> {
  const client = arena.client();
  client.setCompressionEnabled(true);
  const [, peer] = await arena.connect(dense(arena), client);
  const over = Promise.all([gone(client), gone(peer)]);
  const heard = emitted(client.textMessageReceived);
  for (let count = 0; count < 3; count++) {
    peer.sendTextMessage(LARGE.slice(0, 20_000));
    client.sendTextMessage(LARGE.slice(0, 20_000));
  }
  await heard;
  act(client, peer);
  await over;
}

/** Every way in which a connection may end. */
export const ways: Readonly<Record<string, Way>> = {
  'closed by the client': pair((client) => client.close()),
  'closed by the server': pair((_, peer) => peer.close(1001, 'Server')),
  'closed by both': pair((client, peer) => {
    client.close();
    peer.close();
  }),
  'aborted by the client': pair((client) => client.abort()),
  'aborted by the server': pair((_, peer) => peer.abort()),
  'aborted by both': pair((client, peer) => {
    client.abort();
    peer.abort();
  }),
  'closed and aborted': pair((client) => {
    client.close();
    client.abort();
  }),
  'large messages on both sides, then closed': pair((client, peer) => {
    client.sendTextMessage(LARGE);
    peer.sendTextMessage(LARGE);
    client.close();
  }),
  'large messages on both sides, then aborted': pair((client, peer) => {
    client.sendTextMessage(LARGE);
    peer.sendTextMessage(LARGE);
    setImmediate(() => peer.abort());
  }),
  'messages and a ping, then closed in a slot': pair((client, peer) => {
    peer.textMessageReceived.connect(() => peer.close());
    client.ping();
    client.sendTextMessage('a');
    client.sendTextMessage('b');
  }),
  'the end of the server destroyed': async (arena) => {
    const [client, peer] = await arena.connect(plain(arena));
    const over = gone(client);
    peer.deleteLater();
    await over;
  },
  'reset by a raw client': raw(({ socket }) => socket.resetAndDestroy()),
  'ended by a raw client': raw(({ socket }) => socket.end()),
  'ended by a raw client within a message': raw(
    ({ socket }) => socket.end(),
    [frame(1, 'a', { ...masked, isFinal: false }), frameStart(0, 1000, masked)],
  ),
  'closed by a raw client': raw(() => {}, [frame(8, '', masked)]),
  'broken by a raw client': raw(() => {}, [frame(1, 'not masked')]),
  'broken UTF-8': raw(() => {}, [frame(1, Buffer.from([0xff]), masked)]),
  'a handshake that times out': stranger(({ hasty }) => hasty, 'GET / HTTP/1.1\r\n'),
  'a handshake that never begins': stranger(({ hasty }) => hasty, ''),
  'no HTTP': stranger(({ plain: server }) => server, '\0\0\r\n\r\n'),
  'a plain GET': stranger(({ plain: server }) => server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
  'no room': attempt(({ full }) => serverUrl(full)),
  'a foreign origin': attempt(plain, { origin: 'http://evil.example' }),
  'refused with a status': attempt((arena) =>
    arena.scripted((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')),
  ),
  'refused with nonsense': attempt((arena) =>
    arena.scripted((socket) => socket.end('nonsense\r\n\r\n')),
  ),
  'reset before the answer': attempt((arena) =>
    arena.scripted((socket) => socket.resetAndDestroy()),
  ),
  'an answer that does not come': attempt((arena) => arena.scripted(() => {}), {
    before: (client) => client.setOpenTimeout(SOON),
  }),
  'reset by a raw peer': attempt((arena) =>
    arena.scripted((socket, head) => {
      agree(socket, head, frame(1, 'a'));
      setImmediate(() => socket.resetAndDestroy());
    }),
  ),
  'ended by a raw peer': attempt((arena) =>
    arena.scripted((socket, head) => {
      agree(socket, head, frame(1, 'a'));
      socket.end();
    }),
  ),
  'broken by a raw peer': attempt((arena) =>
    arena.scripted((socket, head) => {
      agree(socket, head, frame(3, 'a'));
    }),
  ),
  'a Close that nobody answers': attempt(
    (arena) =>
      arena.scripted((socket, head) => {
        agree(socket, head);
      }),
    {
      before(client) {
        client.setCloseTimeout(SOON);
        client.connected.connect(() => client.close());
      },
    },
  ),
  'a message that stops': attempt(
    (arena) =>
      arena.scripted((socket, head) => {
        agree(socket, head, frameStart(1, 10));
      }),
    { before: (client) => client.setIncompleteMessageTimeout(SOON) },
  ),
  'nobody there': attempt(() => 'ws://127.0.0.1:1/'),
  'closed while it connects': attempt(plain, { after: (client) => client.close() }),
  'aborted while it connects': attempt(plain, { after: (client) => client.abort() }),
  'opened twice, then aborted': attempt(plain, {
    after(client) {
      client.open('ws://127.0.0.1:1/');
      client.abort();
    },
  }),
  'opened anew by the same object': reopened,
  'destroyed while it connects': destroyed((client, arena) => {
    client.open(plain(arena));
    return Promise.resolve(undefined);
  }),
  'destroyed while it is open': destroyed(async (client, arena) => {
    const [, peer] = await arena.connect(plain(arena), client);
    return peer;
  }),
  'destroyed while it closes': destroyed(async (client, arena) => {
    const [, peer] = await arena.connect(plain(arena), client);
    client.close();
    return peer;
  }),
  'a server that closes on those who wait': (arena) => pending(arena, (server) => server.close()),
  'a server that is destroyed with those who wait': (arena) =>
    pending(arena, (server) => server[Symbol.dispose]()),
  'a server that aborts those who wait': (arena) =>
    pending(arena, (server) => server.nextPendingConnection()!.abort()),
  'closed over TLS by the client': pair((client) => client.close(), secure),
  'closed over TLS by the server': pair((_, peer) => peer.close(), secure),
  'aborted over TLS by the client': pair((client) => client.abort(), secure),
  'aborted over TLS by the server': pair((_, peer) => peer.abort(), secure),
  'a certificate that nobody trusts': attempt(({ untrustedUrl }) => untrustedUrl),
  'given up in sslErrors': attempt(({ untrustedUrl }) => untrustedUrl, {
    before: (client) => client.sslErrors.connect(() => client.abort()),
  }),
  'TLS given up at once': attempt(secure, {
    after: (client) => setImmediate(() => client.abort()),
  }),
  'no TLS on the port for TLS': stranger(({ secure: server }) => server, upgradeRequest()),
  'TLS cut after the first bytes': async ({ secure: server }) => {
    const client = await RawClient.connect(server.serverPort());
    client.write(Buffer.from('160301', 'hex'));
    client.socket.resetAndDestroy();
    await closed(client);
  },
  'TLS to a peer that has none': attempt(({ deafUrl }) => deafUrl, {
    after: (client) => setImmediate(() => client.abort()),
  }),
  'closed through a proxy': (arena) => throughProxy(arena, (client) => client.close()),
  'aborted through a proxy': (arena) => throughProxy(arena, (client) => client.abort()),
  'given up at the proxy': attempt(plain, {
    before: (client, arena) => client.setProxy(arena.proxy()),
    after: (client) => setImmediate(() => client.abort()),
  }),
  'closed on a shared HTTP server': pair(
    (client) => client.close(),
    ({ httpUrl }) => httpUrl,
  ),
  'a path of a shared HTTP server where nobody is': attempt(({ httpUrl }) => `${httpUrl}/not`),
  'compressed, then closed': (arena) => compressed(arena, (client) => client.close()),
  'compressed, then closed by the server': (arena) => compressed(arena, (_, peer) => peer.close()),
  'compressed, then aborted': (arena) => compressed(arena, (client) => client.abort()),
  'compressed, then reset by the server': (arena) => compressed(arena, (_, peer) => peer.abort()),
};
