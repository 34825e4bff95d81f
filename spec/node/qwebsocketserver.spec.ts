import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer, get, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { restore, spy, useFakeTimers } from 'sinon';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { emitted } from '../support/emitted.ts';
import { hex } from '../support/hex.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { wordsOf } from '../support/words-of.ts';

const CLOSED_BY_SERVER = '\x88\x10\x03\xe9Server closed.';

describe('QWebSocketServer over TCP', () => {
  let server: QWebSocketServer;
  let clients: QWebSocket[];
  let raws: RawClient[];

  beforeEach(() => {
    server = new QWebSocketServer('Test');
    clients = [];
    raws = [];
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const client of clients) client.abort();
    for (const { socket } of raws) socket.destroy();
  });

  function open(url = server.serverUrl().toString()): QWebSocket {
    const client = new QWebSocket();
    clients.push(client);
    client.open(url);
    return client;
  }

  async function raw(port = server.serverPort()): Promise<RawClient> {
    const client = await RawClient.connect(port);
    raws.push(client);
    return client;
  }

  /** A client and its end on the server, which has been fetched. */
  async function connectedPair(): Promise<[client: QWebSocket, socket: QWebSocket]> {
    const arrived = emitted(server.newConnection);
    const client = open();
    await Promise.all([arrived, emitted(client.connected)]);
    return [client, server.nextPendingConnection()!];
  }

  describe('a connection', () => {
    it('is told of once on either side', async () => {
      const newConnection = spy();
      const originAuthenticationRequired = spy();
      const serverError = spy();
      server.newConnection.connect(newConnection);
      server.originAuthenticationRequired.connect(originAuthenticationRequired);
      server.serverError.connect(serverError);
      server.listen();
      expect(server.serverAddress().equals(QHostAddress.Any)).to.equal(true);
      expect(server.serverUrl().toString()).to.equal(`ws://127.0.0.1:${server.serverPort()}`);

      await connectedPair();

      expect(newConnection.callCount).to.equal(1);
      expect(originAuthenticationRequired.callCount).to.equal(1);
      expect(serverError.callCount).to.equal(0);
    });

    it('carries messages in both directions', async () => {
      server.listen(QHostAddress.LocalHost);
      const [client, socket] = await connectedPair();
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(`${text}, ${text}!`));

      const answer = emitted(client.textMessageReceived);
      client.sendTextMessage('Hello');

      expect(await answer).to.deep.equal(['Hello, Hello!']);
    });

    it('delivers what came before it was fetched, in its order', async () => {
      server.listen(QHostAddress.LocalHost);
      const client = await raw();
      const arrived = emitted(server.newConnection);
      client.write(upgradeRequest());
      await arrived;
      client.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61, 0x81, 0x81, 0, 0, 0, 0, 0x62]));

      const socket = server.nextPendingConnection()!;
      const texts: string[] = [];
      socket.textMessageReceived.connect((text) => texts.push(text));
      await emitted(socket.textMessageReceived);
      if (texts.length === 1) await emitted(socket.textMessageReceived);

      expect(texts).to.deep.equal(['a', 'b']);
    });

    it('delivers what came with its request, whatever others have sent since', async () => {
      server.listen(QHostAddress.LocalHost);
      const [first, second] = [await raw(), await raw()];
      let arrived = emitted(server.newConnection);
      first.write(Buffer.concat([Buffer.from(upgradeRequest()), hex('81 81 00 00 00 00 61')]));
      await arrived;

      // What is read by all lies in one place.
      arrived = emitted(server.newConnection);
      second.write(upgradeRequest({ 'X-Filler': 'x'.repeat(200) }));
      await arrived;
      const text = emitted(server.nextPendingConnection()!.textMessageReceived);

      expect(await text).to.deep.equal(['a']);
    });

    it('is returned although its client has left, and tells so then', async () => {
      server.listen(QHostAddress.LocalHost);
      const client = await raw();
      const arrived = emitted(server.newConnection);
      client.write(upgradeRequest());
      await arrived;
      client.socket.destroy();

      const socket = server.nextPendingConnection()!;
      await emitted(socket.disconnected);

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      expect(socket.closeCode()).to.equal(1006);
    });
  });

  describe('subprotocols', () => {
    const rows: [name: string, options: string[], header: string, agreed: string][] = [
      ['none', [], '', ''],
      ['same order as server', ['chat', 'superchat'], '', 'chat'],
      ['different order from server', ['superchat', 'chat'], '', 'superchat'],
      ['unsupported protocol', ['foo'], '', ''],
      ['mixed', ['foo', 'chat'], '', 'chat'],
      ['same order as server, in header', [], 'chat,superchat', 'chat'],
      ['specified in options and in header', ['superchat'], 'chat', 'superchat'],
    ];
    for (const [name, asked, header, agreed] of rows) {
      it(`are agreed on: ${name}`, async () => {
        server.setSupportedSubprotocols(['chat', 'superchat']);
        server.listen(QHostAddress.LocalHost);
        const options = new QWebSocketHandshakeOptions();
        options.setSubprotocols(asked);
        const request = new QNetworkRequest(server.serverUrl());
        if (header !== '') request.setRawHeader('Sec-WebSocket-Protocol', header);
        const client = new QWebSocket();
        clients.push(client);

        const arrived = emitted(server.newConnection);
        client.open(request, options);
        await Promise.all([arrived, emitted(client.connected)]);

        const socket = server.nextPendingConnection()!;
        expect([client.subprotocol(), socket.subprotocol()]).to.deep.equal([agreed, agreed]);
        const all = [...asked, ...header.split(',').filter((text) => text !== '')];
        expect(socket.handshakeOptions().subprotocols()).to.deep.equal(all);
      });
    }
  });

  describe('a full queue', () => {
    it('refuses the next client and says so each time', async () => {
      const errors = spy();
      server.serverError.connect(errors);
      server.setMaxPendingConnections(2);
      server.listen(QHostAddress.LocalHost);
      await Promise.all([emitted(open().connected), emitted(open().connected)]);

      for (let i = 0; i < 2; i++) {
        const client = await raw();
        client.write(upgradeRequest());
        expect((await client.ended()).startsWith('HTTP/1.1 503 ')).to.equal(true);
      }

      expect(errors.args).to.deep.equal([[1006], [1006]]);
      expect(wordsOf(server.errorString())).to.equal('Too many pending connections.');
      expect(server.nextPendingConnection()).to.be.instanceOf(QWebSocket);
      expect(server.nextPendingConnection()).to.be.instanceOf(QWebSocket);
      expect(server.nextPendingConnection()).to.equal(null);
    });
  });

  describe('the origin check', () => {
    it('refuses a hostile page on a loopback address', async () => {
      const errors = spy();
      server.serverError.connect(errors);
      server.listen(QHostAddress.LocalHost);
      const client = await raw();

      client.write(upgradeRequest({ Origin: 'http://evil.example', Host: 'evil.example' }));

      expect(await client.ended()).to.equal('HTTP/1.1 403 Access Forbidden\r\n\r\n');
      expect(errors.args).to.deep.equal([[1008]]);
    });
  });

  describe('silent clients', () => {
    it('do not keep others out, and are dropped in the end', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      server.setHandshakeTimeout(500);
      server.listen(QHostAddress.LocalHost);
      const silent = await Promise.all(Array.from({ length: 50 }, () => raw()));

      const [client, socket] = await connectedPair();
      clock.tick(500);

      const answers = await Promise.all(silent.map((one) => one.ended()));
      expect(answers.every((answer) => answer.startsWith('HTTP/1.1 408 '))).to.equal(true);
      expect([client.isValid(), socket.isValid()]).to.deep.equal([true, true]);
    });
  });

  describe('close()', () => {
    it('cuts the handshakes that are under way', async () => {
      server.listen(QHostAddress.LocalHost);
      const port = server.serverPort();
      const client = await raw();
      client.write('GET / HTTP/1.1\r\n');
      await connectedPair();

      server.close();

      expect(await client.ended()).to.equal('');
      expect(server.isListening()).to.equal(false);
      expect(await raw(port).catch((error: NodeJS.ErrnoException) => error.code)).to.equal(
        'ECONNREFUSED',
      );
    });

    it('closes what waits with 1001 and leaves what was fetched', async () => {
      server.listen(QHostAddress.LocalHost);
      const [kept, socket] = await connectedPair();
      const waiting = await raw();
      const arrived = emitted(server.newConnection);
      waiting.write(upgradeRequest());
      await arrived;

      const closed = emitted(server.closed);
      server.close();

      await waiting.hears(CLOSED_BY_SERVER);
      await closed;
      const answer = emitted(kept.textMessageReceived);
      socket.sendTextMessage('still here');
      expect(await answer).to.deep.equal(['still here']);
    });

    it('frees the port', () => {
      server.listen(QHostAddress.LocalHost);
      const port = server.serverPort();

      server.close();

      expect(server.listen(QHostAddress.LocalHost, port)).to.equal(true);
    });

    it('in newConnection closes the new connection', async () => {
      server.listen(QHostAddress.LocalHost);
      server.newConnection.connect(() => server.close());
      const client = open();

      await emitted(client.disconnected);

      expect(client.closeCode()).to.equal(1001);
    });
  });

  describe('destruction', () => {
    it('disconnects a client whose socket was not fetched', async () => {
      server.listen(QHostAddress.LocalHost);
      const client = open();
      await emitted(client.connected);
      const disconnected = spy();
      client.disconnected.connect(disconnected);

      server.deleteLater();
      await emitted(client.disconnected);

      expect(disconnected.callCount).to.equal(1);
    });

    it('disconnects those whose socket was fetched', async () => {
      server.listen(QHostAddress.LocalHost);
      const [client, socket] = await connectedPair();
      const gone = Promise.all([emitted(socket.disconnected), emitted(client.disconnected)]);

      server[Symbol.dispose]();

      await gone;
      expect(client.closeCode()).to.equal(1006);
    });
  });

  describe('handleConnection()', () => {
    it('makes a connection of a socket that somebody else has accepted', async () => {
      const tcp = createServer((socket) => server.handleConnection(socket));
      await listenOnLoopback(tcp);
      const arrived = emitted(server.newConnection);
      const client = open(`ws://127.0.0.1:${(tcp.address() as AddressInfo).port}`);
      await Promise.all([arrived, emitted(client.connected)]);
      const socket = server.nextPendingConnection()!;

      const heard = Promise.all([
        emitted(socket.textMessageReceived),
        emitted(client.textMessageReceived),
      ]);
      client.sendTextMessage('dummy');
      socket.sendTextMessage('hello');

      expect(await heard).to.deep.equal([['dummy'], ['hello']]);
      expect(server.isListening()).to.equal(false);
      tcp.close();
    });
  });

  describe('many frames at once', () => {
    it('all arrive', async () => {
      server.listen(QHostAddress.LocalHost);
      const [client, socket] = await connectedPair();
      const sizes: number[] = [];
      const done = new Promise<void>((resolve) => {
        client.binaryMessageReceived.connect((data) => {
          sizes.push(data.length);
          if (sizes.length === 10) resolve();
        });
      });

      for (let i = 0; i < 10; i++) socket.sendBinaryMessage(new Uint8Array(i));
      socket.flush();

      await done;
      expect(sizes).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  describe('an HTTP server', () => {
    let http: HttpServer;
    let port: number;

    beforeEach(async () => {
      http = createHttpServer((_request, response) => response.end('a page'));
      port = await listenOnLoopback(http);
    });

    afterEach(() => {
      http.close();
      http.closeAllConnections();
    });

    it('goes on to answer ordinary requests', async () => {
      server.attach(http);
      const client = open(`ws://127.0.0.1:${port}/chat`);
      await emitted(client.connected);

      expect(await page(port)).to.equal('a page');
    });

    it('loses its time-out for idle connections on those that are accepted', async () => {
      http.setTimeout(60_000);
      const connection = once(http, 'connection') as Promise<[Socket]>;
      server.attach(http);

      const client = open(`ws://127.0.0.1:${port}`);
      await emitted(client.connected);

      const [socket] = await connection;
      expect(socket.timeout).to.equal(0);
    });

    it('says where the server is', () => {
      server.attach(http);

      expect(server.isListening()).to.equal(true);
      expect(server.serverUrl().toString()).to.equal(`ws://127.0.0.1:${port}`);
    });

    it('is shared by servers on two paths', async () => {
      const other = new QWebSocketServer('Other');
      server.attach(http, { path: '/a' });
      other.attach(http, { path: '/b' });
      const seen = Promise.all([emitted(server.newConnection), emitted(other.newConnection)]);

      open(`ws://127.0.0.1:${port}/a?x=1`);
      open(`ws://127.0.0.1:${port}/b`);
      await seen;

      expect(server.nextPendingConnection()?.requestUrl().toString()).to.equal(
        `ws://127.0.0.1:${port}/a?x=1`,
      );
      expect(other.nextPendingConnection()?.requestUrl().toString()).to.equal(
        `ws://127.0.0.1:${port}/b`,
      );
      other[Symbol.dispose]();
    });

    it('answers 404 for a path that nobody has', async () => {
      server.attach(http, { path: '/a' });
      const client = await raw(port);

      client.write(upgradeRequest({}, 'GET /b HTTP/1.1'));

      const answer = await client.ended();
      expect(answer.startsWith('HTTP/1.1 404 Not Found\r\n')).to.equal(true);
      expect(answer.split('HTTP/1.1').length).to.equal(2);
    });

    it('leaves a path that nobody has to its other listeners', async () => {
      server.attach(http, { path: '/a' });
      http.on('upgrade', (_request, stream) => stream.end('HTTP/1.1 418 Teapot\r\n\r\n'));
      const client = await raw(port);

      client.write(upgradeRequest({}, 'GET /b HTTP/1.1'));

      expect(await client.ended()).to.equal('HTTP/1.1 418 Teapot\r\n\r\n');
    });

    it('has bad requests answered as on a port of its own', async () => {
      server.attach(http);
      const client = await raw(port);

      client.write(upgradeRequest({ 'Sec-WebSocket-Key': undefined }));

      expect((await client.ended()).startsWith('HTTP/1.1 400 Bad Request\r\n')).to.equal(true);
    });

    it('survives a client that resets the connection', async () => {
      server.originAuthenticationRequired.connect(() => client.socket.resetAndDestroy());
      server.attach(http);
      const client = await raw(port);
      const arrived = emitted(server.newConnection);

      client.write(upgradeRequest());
      await arrived;

      const socket = server.nextPendingConnection()!;
      await emitted(socket.disconnected);
      expect(await page(port)).to.equal('a page');
    });

    it('is left by detach(), and not closed', async () => {
      server.attach(http);
      const client = open(`ws://127.0.0.1:${port}`);
      await emitted(client.connected);

      server.detach();

      expect(http.listenerCount('upgrade')).to.equal(0);
      expect(http.listening).to.equal(true);
      expect(client.isValid()).to.equal(true);
      expect(server.isListening()).to.equal(false);
    });

    it('may pass on single requests', async () => {
      http.on('upgrade', (request, stream, head) => server.handleUpgrade(request, stream, head));
      const client = open(`ws://127.0.0.1:${port}/any`);

      await emitted(client.connected);

      expect(server.nextPendingConnection()?.resourceName()).to.equal(`ws://127.0.0.1:${port}/any`);
    });
  });

  function page(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent: false }, async (response) => {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        resolve(text);
      }).on('error', reject);
    });
  }
});
