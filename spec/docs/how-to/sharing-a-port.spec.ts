import { expect } from 'chai';
import { createServer, type Server } from 'node:http';
import type { Server as SecureServer, ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { answerOf } from '../../support/answer-of.ts';
import { emitted } from '../../support/emitted.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { showing, trusting } from '../../support/secure-peer.ts';
import { exportsOf } from '../support/page-module.ts';

interface Shared {
  readonly http: Server;
  readonly server: QWebSocketServer;
}

interface WithFastify {
  readonly app: {
    readonly server: Server;
    listen(options: { port: number; host: string }): Promise<string>;
    close(): Promise<void>;
  };
  readonly server: QWebSocketServer;
}

interface Several {
  readonly http: Server;
  readonly chat: QWebSocketServer;
  readonly prices: QWebSocketServer;
  readonly others: QWebSocketServer;
}

interface Code {
  onRoom(
    http: Server,
    server: QWebSocketServer,
    enter: (socket: QWebSocket, room: string) => void,
  ): void;
  secure(certificate: ServerOptions): { https: SecureServer; server: QWebSocketServer };
  redirect(host: string): Server;
  alsoFrom(http: Server, server: QWebSocketServer): void;
}

const PAGE = 'docs/how-to/sharing-a-port.md';

describe(PAGE, function () {
  // Express and Fastify have to be read.
  this.timeout(60_000);
  let code: Code;
  let socket: QWebSocket;
  const listening: Server[] = [];

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'rooms.ts', 'with-https.ts', 'two-ports.ts');
  });

  beforeEach(() => {
    socket = new QWebSocket();
    socket.setSslConfiguration(trusting());
  });

  afterEach(() => {
    socket.abort();
    for (const http of listening.splice(0)) {
      http.close();
      http.closeAllConnections();
    }
  });

  /** Where `http` listens. */
  async function listen(http: Server | SecureServer): Promise<string> {
    await listenOnLoopback(http);
    listening.push(http);
    return `127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  /** The server's end of a new connection. */
  async function connect(url: string, server: QWebSocketServer): Promise<QWebSocket> {
    const connected = emitted(socket.connected);
    socket.open(url);
    await connected;
    return server.nextPendingConnection()!;
  }

  for (const file of ['with-http.ts', 'with-express.ts']) {
    it(`shares the port: ${file}`, async () => {
      const { http, server } = await exportsOf<Shared>(PAGE, file);
      const at = await listen(http);

      expect((await answerOf(`http://${at}/`)).body).to.include('Hello, page!');
      const accepted = await connect(`ws://${at}/feed`, server);
      accepted.sendTextMessage('Hello, socket!');
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['Hello, socket!']);
    });
  }

  it('shares the port: with-fastify.ts, which closes its connections', async () => {
    const { app } = await exportsOf<WithFastify>(PAGE, 'with-fastify.ts');
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    expect((await answerOf(url)).body).to.include('Hello, page!');
    socket.open(`${url.replace('http', 'ws')}/feed`);
    await emitted(socket.connected);
    const gone = emitted(socket.disconnected);
    await app.close();
    await gone;

    expect(socket.closeCode()).to.equal(1001);
  });

  it('has several servers on one port', async () => {
    const { http, chat, prices, others } = await exportsOf<Several>(PAGE, 'several.ts');
    const at = await listen(http);
    for (const [path, server] of [
      ['/chat?room=1', chat],
      ['/prices', prices],
      ['/prices/', others],
      ['/', others],
    ] as const) {
      const accepted = await connect(`ws://${at}${path}`, server);
      expect(accepted, path).to.not.equal(null);
      socket.abort();
    }
    others.detach();
    socket.open(`ws://${at}/elsewhere`);
    await emitted(socket.disconnected);

    expect(socket.errorString()).to.include('status 404');
  });

  it('finds the room', async () => {
    const http = createServer();
    const server = new QWebSocketServer('Test');
    const rooms: string[] = [];
    code.onRoom(http, server, (_, room) => rooms.push(room));
    const at = await listen(http);
    socket.open(`ws://${at}/rooms/blue-1?x=y`);
    await emitted(socket.connected);
    socket.open(`ws://${at}/rooms/blue/1`);
    await emitted(socket.disconnected);

    expect(rooms).to.deep.equal(['blue-1']);
    expect(socket.errorString()).to.include('status 404');
  });

  it('shares the port of an HTTPS server, which has the certificate', async () => {
    const { https, server } = code.secure(showing('server'));
    const at = await listen(https);
    const accepted = await connect(`wss://${at}/feed`, server);

    expect(accepted.requestUrl().scheme()).to.equal('wss');
  });

  it('leads pages to https, and no WebSockets', async () => {
    const at = await listen(code.redirect('www.example'));
    const page = await answerOf(`http://${at}/a?b`);
    expect([page.status, page.headers.location]).to.deep.equal([308, 'https://www.example/a?b']);
    socket.open(`ws://${at}/feed`);
    await emitted(socket.disconnected);

    expect(socket.errorString()).to.include('status 308');
  });

  it('takes connections of a second HTTP server', async () => {
    const server = new QWebSocketServer('Test');
    const second = code.redirect('www.example');
    code.alsoFrom(second, server);
    const at = await listen(second);

    expect(await connect(`ws://${at}/feed`, server)).to.not.equal(null);
  });
});
