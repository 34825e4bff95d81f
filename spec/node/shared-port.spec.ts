import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import { QObject } from '../../lib/core/qobject.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QHttpServerRequest } from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { connectSecurely, identified } from '../support/secure-client.ts';
import { SharedHttp } from '../support/shared-http.ts';
import { wordsOf } from '../support/words-of.ts';

const HELLO = hex('81 85 37 fa 21 3d 7f 9f 4d 51 58');

describe('QWebSocketServers on one port', () => {
  let front: QWebSocketServer;
  let rooms: QWebSocketServer;
  let clients: RawClient[];

  beforeEach(() => {
    front = new QWebSocketServer('Front');
    rooms = new QWebSocketServer('Rooms');
    rooms.attach(front, { path: '/rooms/<room>' });
    clients = [];
  });

  afterEach(() => {
    for (const server of [front, rooms]) server[Symbol.dispose]();
    for (const { socket } of clients) socket.destroy();
  });

  async function connect(server = front): Promise<RawClient> {
    if (!server.isListening()) server.listen('127.0.0.1');
    const client = await RawClient.connect(server.serverPort());
    clients.push(client);
    return client;
  }

  /** A client that has its answer to a request for `path`. */
  async function ask(path: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const client = await connect();
    client.write(upgradeRequest(headers, `GET ${path} HTTP/1.1`));
    await client.hears('\r\n\r\n');
    return client;
  }

  function statusOf({ text }: RawClient): number {
    return Number(text.slice('HTTP/1.1 '.length, 12));
  }

  it('get the requests for their paths, and the one that listens gets the others', async () => {
    const inside = await ask('/rooms/a');
    const outside = await ask('/other');

    expect(inside.text).to.include('\r\nServer: Rooms\r\n');
    expect(outside.text).to.include('\r\nServer: Front\r\n');
    const [room, other] = [rooms.nextPendingConnection()!, front.nextPendingConnection()!];
    expect([room.requestUrl().path(), other.requestUrl().path()]).to.deep.equal([
      '/rooms/a',
      '/other',
    ]);
    expect([rooms, front].map((server) => server.hasPendingConnections())).to.deep.equal([
      false,
      false,
    ]);
  });

  it('have the parameters of the path', async () => {
    await ask('/rooms/caf%C3%A9%20x?room=no');

    const socket = rooms.nextPendingConnection()!;
    expect(QHttpServerRequest.of(socket)?.parameter('room')).to.equal('café x');
    expect(QHttpServerRequest.of(socket)?.parameter('toString')).to.equal('');
  });

  it('have nothing to remember of a request without parameters', async () => {
    await ask('/');

    expect(QHttpServerRequest.of(front.nextPendingConnection()!)).to.equal(null);
  });

  it('are asked by the path of a whole URL, too', async () => {
    await ask('http://127.0.0.1/rooms/a?b');

    expect(rooms.hasPendingConnections()).to.equal(true);
  });

  it('deliver what came with the request', async () => {
    const client = await connect();
    const request = upgradeRequest({}, 'GET /rooms/a HTTP/1.1');
    client.write(Buffer.concat([Buffer.from(request), HELLO]));
    await emitted(rooms.newConnection);

    const socket = rooms.nextPendingConnection()!;

    expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Hello']);
  });

  for (const room of ['%2e%2e', '..', '%', '%ff', 'a%2Fb', 'a%00']) {
    it(`refuse the room ${room} with 400`, async () => {
      expect(statusOf(await ask(`/rooms/${room}`))).to.equal(400);
      expect([front, rooms].some((server) => server.hasPendingConnections())).to.equal(false);
    });
  }

  it('share it by the most specific path', async () => {
    const lobby = new QWebSocketServer('Lobby', SslMode.NonSecureMode, front);
    lobby.attach(front, { path: '/rooms/lobby' });
    const rest = new QWebSocketServer('Rest', SslMode.NonSecureMode, front);
    rest.attach(front);

    const names = [];
    for (const path of ['/rooms/lobby', '/rooms/a', '/', '/rooms/']) {
      const { text } = await ask(path);
      names.push(/Server: (\w+)/.exec(text)?.[1]);
    }

    expect(names).to.deep.equal(['Lobby', 'Rooms', 'Rest', 'Rest']);
  });

  it('each have their own slots, verifiers and limits', async () => {
    front.originAuthenticationRequired.connect((page) => page.setAllowed(false));
    front.setMaxPendingConnections(0);
    rooms.addWebSocketUpgradeVerifier(rooms, async (request) =>
      request.parameter('room') === 'a'
        ? QHttpServerWebSocketUpgradeResponse.accept()
        : QHttpServerWebSocketUpgradeResponse.deny(410),
    );

    const origin = { Origin: 'http://127.0.0.1' };
    expect(statusOf(await ask('/rooms/a', origin))).to.equal(101);
    expect(statusOf(await ask('/rooms/b', origin))).to.equal(410);
    expect(statusOf(await ask('/', origin))).to.equal(503);
    expect([front.error(), rooms.error()]).to.deep.equal([1006, 1008]);
  });

  it('count the connections of their paths, and those alone', async () => {
    rooms.setMaxConnections(1);
    front.setMaxConnections(1);

    expect(statusOf(await ask('/rooms/a'))).to.equal(101);
    expect(statusOf(await ask('/rooms/b'))).to.equal(503);
    expect(wordsOf(rooms.errorString())).to.equal('Too many connections.');
    expect(statusOf(await ask('/'))).to.equal(101);
    expect(front.errorString()).to.equal('');
  });

  it('count in their statistics who has come to their paths, once', async () => {
    rooms.setMaxConnections(1);
    for (const path of ['/rooms/a', '/rooms/b', '/', '/rooms/..']) await ask(path);

    const [outside, inside] = [front.statistics(), rooms.statistics()];
    expect([outside.accepted, outside.opened, outside.handshaking]).to.deep.equal([2, 1, 0]);
    expect(outside.refused.malformed).to.equal(1);
    expect([inside.accepted, inside.opened, inside.handshaking]).to.deep.equal([2, 1, 0]);
    expect(inside.refused.tooManyConnections).to.equal(1);
  });

  it('have room again when a connection of theirs is over', async () => {
    rooms.setMaxConnections(1);
    await ask('/rooms/a');
    const socket = rooms.nextPendingConnection()!;

    socket.abort();
    await ask('/other');

    expect(statusOf(await ask('/rooms/b'))).to.equal(101);
  });

  it('each tell where they can be reached', () => {
    expect([rooms.isListening(), rooms.serverPort()]).to.deep.equal([false, 0]);

    front.listen('127.0.0.1');

    expect(rooms.isListening()).to.equal(true);
    expect(rooms.serverPort()).to.equal(front.serverPort());
    expect(rooms.serverAddress().equals(QHostAddress.LocalHost)).to.equal(true);
    expect(rooms.serverUrl().toString()).to.equal(front.serverUrl().toString());
    front.close();
    expect(rooms.isListening()).to.equal(false);
  });

  it('refuse foreign pages where the one that listens does so on loopback', async () => {
    expect(statusOf(await ask('/rooms/a', { Origin: 'https://evil.example' }))).to.equal(403);
  });

  it('leave the path to the one that listens when they detach or close', async () => {
    for (const leave of ['detach', 'close'] as const) {
      rooms.attach(front, { path: '/rooms/<room>' });
      rooms[leave]();

      const { text } = await ask('/rooms/a');

      expect(text).to.include('\r\nServer: Front\r\n');
    }
  });

  it('keep their connections when the one that listens goes', async () => {
    const client = await ask('/rooms/a');
    const socket = rooms.nextPendingConnection()!;

    front[Symbol.dispose]();
    client.write(HELLO);

    expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Hello']);
  });

  it('take their connections along when they are destroyed themselves', async () => {
    const client = await ask('/rooms/a');

    rooms[Symbol.dispose]();

    expect(await client.ended()).to.match(/^HTTP\/1\.1 101 /);
  });

  it('cut the handshakes that are with them, when they close', async () => {
    const isAsked = new Promise<void>((resolve) => {
      rooms.addWebSocketUpgradeVerifier(new QObject(), () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const client = await connect();
    client.write(upgradeRequest({}, 'GET /rooms/a HTTP/1.1'));
    await isAsked;

    front.close();
    expect(client.socket.destroyed).to.equal(false);
    rooms.close();

    expect(await client.ended()).to.equal('');
  });

  it('may be attached to each other', async () => {
    front.attach(rooms, { path: '/front' });
    front.listen('127.0.0.1');
    rooms.listen('127.0.0.1');
    const client = await connect(rooms);

    client.write(upgradeRequest({}, 'GET /front HTTP/1.1'));

    expect(await client.hears('\r\n\r\n')).to.include('\r\nServer: Front\r\n');
  });

  it('cannot be attached to themselves', () => {
    expect(() => front.attach(front)).to.throw(TypeError, 'A server cannot be attached to itself.');
  });

  // Express's app is a function, and Koa's an emitter: the server is what they are given to.
  for (const [name, app] of Object.entries({
    function: () => {},
    emitter: new EventEmitter(),
    nothing: undefined,
  })) {
    it(`cannot be attached to what is no server: ${name}`, () => {
      expect(() => rooms.attach(app as never)).to.throw(TypeError, /such as createServer\(app\)/);
    });
  }

  it('cannot have a path that is none', () => {
    expect(() => rooms.attach(front, { path: '/a<b>' })).to.throw(
      TypeError,
      'In the path "/a<b>", "a<b>" is no parameter',
    );
  });

  it('may share one that is encrypted', async () => {
    const secure = new QWebSocketServer('', SslMode.SecureMode, front);
    secure.setSslConfiguration(identified());
    secure.listen('127.0.0.1');
    rooms.attach(secure, { path: '/rooms/<room>' });
    rooms.setMaxConnections(1);
    secure.setMaxConnections(1);

    const client = await connectSecurely(secure.serverPort());
    clients.push(client);
    client.write(upgradeRequest({}, 'GET /rooms/a HTTP/1.1'));
    await client.hears('101');

    const socket = rooms.nextPendingConnection()!;
    expect(socket.requestUrl().scheme()).to.equal('wss');
    expect(socket.sslConfiguration().sessionCipher().isNull()).to.equal(false);
    expect(QHttpServerRequest.of(socket)?.parameter('room')).to.equal('a');
    // It does not count for the one that listens any more, and does for the one that has it.
    const other = await connectSecurely(secure.serverPort());
    clients.push(other);
    other.write(upgradeRequest({}, 'GET /rooms/b HTTP/1.1'));
    expect(await other.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 503 /);
    const closed = emitted(socket.disconnected);
    client.socket.destroy();
    await closed;
    const third = await connectSecurely(secure.serverPort());
    clients.push(third);
    third.write(upgradeRequest({}, 'GET /rooms/c HTTP/1.1'));
    expect(await third.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
  });

  describe('of an HTTP server', () => {
    const http = SharedHttp.forEachSpec();

    it('have their paths with parameters', async () => {
      rooms.attach(http.server, { path: '/rooms/<room>' });

      expect(statusOf(await http.ask('/rooms/a'))).to.equal(101);
      expect(statusOf(await http.ask('/rooms/..'))).to.equal(400);
      expect(statusOf(await http.ask('/rooms'))).to.equal(404);
      const socket = rooms.nextPendingConnection()!;
      expect(QHttpServerRequest.of(socket)?.parameter('room')).to.equal('a');
    });

    for (const [how, join] of Object.entries({
      'is attached to it': () => front.attach(http.server),
      'is handed its requests': () => {
        http.server.on('upgrade', (request, stream, head) =>
          front.handleUpgrade(request, stream, head),
        );
      },
    })) {
      it(`have the requests of one that ${how}`, async () => {
        join();

        expect((await http.ask('/rooms/a')).text).to.include('\r\nServer: Rooms\r\n');
        expect((await http.ask('/other')).text).to.include('\r\nServer: Front\r\n');
      });
    }

    it('can be reached there', () => {
      front.attach(http.server);

      expect(rooms.isListening()).to.equal(true);
      expect(rooms.serverPort()).to.equal(http.port);
    });
  });
});
