import { expect } from 'chai';
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type ClientHttp2Stream,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { restore, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { Http2Error } from '../../lib/node/http2-error.ts';
import { resetStream } from '../../lib/node/http2-socket.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { Method } from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../support/emitted.ts';
import { Http2Client, textOf, type StreamAnswer } from '../support/http2-client.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { upgradeRequest, type RawClient } from '../support/raw-client.ts';
import { connectSecurely, identified } from '../support/secure-client.ts';
import { pem, showing, trusting } from '../support/secure-peer.ts';
import { TappedStream } from '../support/tapped-stream.ts';
import { until } from '../support/until.ts';
import { wordsOf } from '../support/words-of.ts';

const { ALPNProtocolHTTP2, NextProtocolHttp1_1 } = QSslConfiguration;

/** A text frame with "hello", masked with zeros. */
const HELLO = Buffer.from('81850000000068656c6c6f', 'hex');

function speakingHttp2(): QSslConfiguration {
  const configuration = identified();
  configuration.setAllowedNextProtocols([ALPNProtocolHTTP2, NextProtocolHttp1_1]);
  return configuration;
}

describe('QWebSocketServer over HTTP/2', () => {
  let server: QWebSocketServer;
  let clients: Http2Client[];
  let raws: RawClient[];

  beforeEach(() => {
    server = new QWebSocketServer('Test', SslMode.SecureMode);
    server.setSslConfiguration(speakingHttp2());
    server.listen(QHostAddress.LocalHost);
    clients = [];
    raws = [];
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const client of clients) client.close();
    for (const { socket } of raws) socket.destroy();
  });

  async function connect(): Promise<Http2Client> {
    const client = await Http2Client.connect(server.serverPort());
    clients.push(client);
    return client;
  }

  /** A WebSocket, and the client's stream. */
  async function open(
    client?: Http2Client,
    headers = {},
  ): Promise<[socket: QWebSocket, answer: StreamAnswer]> {
    const arrived = emitted(server.newConnection);
    const answer = await (client ?? (await connect())).ask(headers);
    await arrived;
    return [server.nextPendingConnection()!, answer];
  }

  describe('is offered', () => {
    it('when the TLS configuration names it, with WebSockets on its streams', async () => {
      const client = await connect();

      expect(client.session.alpnProtocol).to.equal('h2');
      expect(client.session.remoteSettings.enableConnectProtocol).to.equal(true);
    });

    it('beside HTTP/1.1', async () => {
      const raw = await connectSecurely(server.serverPort(), { ALPNProtocols: ['http/1.1'] });
      raws.push(raw);
      raw.write(upgradeRequest());

      expect(await raw.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    });

    it('not by itself', async () => {
      server.setSslConfiguration(identified());
      const options = { ca: pem('ca.crt'), ALPNProtocols: ['h2', 'http/1.1'] };
      const socket = connectTls(server.serverPort(), '127.0.0.1', options);
      await once(socket, 'secureConnect');

      expect(socket.alpnProtocol).to.equal(false);
      socket.destroy();
    });
  });

  describe('a WebSocket', () => {
    it('is opened by a CONNECT, and carries messages both ways', async () => {
      const [socket, { stream, headers }] = await open();
      const heard = emitted(socket.textMessageReceived);
      stream.write(HELLO);
      expect(await heard).to.deep.equal(['hello']);

      socket.sendTextMessage('and back');

      expect(headers[':status']).to.equal(200);
      expect(headers['server']).to.equal('Test');
      expect(headers['sec-websocket-accept']).to.equal(undefined);
      expect(String((await once(stream, 'data')) as unknown).slice(2)).to.equal('and back');
    });

    it('knows what was asked for, by whom, and over what', async () => {
      server.setSupportedSubprotocols(['chat']);
      server.setCompressionEnabled(true);
      const client = await connect();
      const [socket, { headers }] = await open(client, {
        ':path': '/chat?room=1',
        ':authority': 'chat.example:8443',
        'sec-websocket-protocol': 'chat',
        'sec-websocket-extensions': 'permessage-deflate',
        'x-token': 'abc',
      });

      expect(socket.requestUrl().toString()).to.equal('wss://chat.example:8443/chat?room=1');
      expect(socket.request().rawHeader('x-token')).to.equal('abc');
      expect(socket.subprotocol()).to.equal('chat');
      expect(headers['sec-websocket-protocol']).to.equal('chat');
      expect(headers['sec-websocket-extensions']).to.equal(socket.extensions());
      const { localPort } = client.session.socket as { localPort?: number };
      expect([socket.peerAddress().toString(), socket.peerPort()]).to.deep.equal([
        '127.0.0.1',
        localPort,
      ]);
      expect(socket.localPort()).to.equal(server.serverPort());
      expect(socket.sslConfiguration().nextNegotiatedProtocol()).to.equal('h2');
    });

    it('knows all cookies of a browser, which sends each as a header of its own', async () => {
      const cookies = Array.from({ length: 180 }, (_, i) => `name${i}=${i}`);

      const [socket] = await open(undefined, { cookie: cookies });

      expect(socket.request().headers().values('cookie')).to.deep.equal([cookies.join('; ')]);
    });

    it('shares its connection with others, which do not wait for it', async () => {
      const client = await connect();
      const [slow, { stream }] = await open(client);
      const [quick, { stream: other }] = await open(client);
      stream.pause();
      slow.sendBinaryMessage(new Uint8Array(1024 * 1024));
      quick.sendTextMessage('not held up');

      await once(other, 'data');

      expect(slow.bytesToWrite()).to.be.greaterThan(0);
      expect(quick.peerPort()).to.equal(slow.peerPort());
    });

    it('that is not fetched has its peer wait, and no other', async () => {
      const client = await connect();
      const { stream } = await client.ask();
      let isTaken = false;
      stream.write(Buffer.alloc(1024 * 1024), () => (isTaken = true));
      const waiting = server.nextPendingConnection;
      const arrived = emitted(server.newConnection);
      const { stream: other } = await client.ask();
      await arrived;
      waiting.call(server);
      const socket = server.nextPendingConnection()!;
      const heard = emitted(socket.textMessageReceived);

      other.write(HELLO);

      expect(await heard).to.deep.equal(['hello']);
      expect(isTaken).to.equal(false);
    });

    it('is lost when its stream is reset', async () => {
      const [socket, { stream }] = await open();
      const lost = emitted(socket.disconnected);

      resetStream(stream);
      await lost;

      expect(socket.closeCode()).to.equal(CloseCode.CloseCodeAbnormalDisconnection);
      expect(wordsOf(socket.errorString())).to.equal('The remote host closed the connection');
    });

    it('closes in order, and its stream ends with NO_ERROR', async () => {
      const [socket, { stream }] = await open();
      const frames: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => frames.push(chunk));
      socket.close(1000, 'Done');
      await once(stream, 'data');

      stream.end(Buffer.from('88820000000003e8', 'hex'));
      await Promise.all([once(stream, 'close'), emitted(socket.disconnected)]);

      expect(Buffer.concat(frames).toString('latin1')).to.contain('Done');
      expect(socket.closeCode()).to.equal(1000);
      expect(stream.rstCode).to.equal(Http2Error.NoError);
    });

    it('resets its stream with CANCEL when it is aborted', async () => {
      const [socket, { stream }] = await open();
      const closed = once(stream, 'close');

      socket.abort();
      await closed;

      expect(stream.rstCode).to.equal(Http2Error.Cancel);
    });

    it('is lost with the connection, of which nothing is left', async () => {
      server.setMaxPendingHandshakes(2);
      const client = await connect();
      const [one] = await open(client);
      const [other] = await open(client);
      const lost = Promise.all([emitted(one.disconnected), emitted(other.disconnected)]);

      client.close();
      await lost;

      expect([one.closeCode(), other.closeCode()]).to.deep.equal([1006, 1006]);
      await Promise.all([connect(), connect()]);
    });
  });

  describe('refuses', () => {
    interface Case {
      readonly headers: Record<string, string | undefined>;
      readonly status: number;
      readonly text?: string;
      readonly prepare?: () => void;
      /** What serverError tells. */
      readonly error?: string;
    }

    const cases: Record<string, Case> = {
      'what is no CONNECT': {
        headers: { ':method': 'GET', ':protocol': undefined },
        status: 405,
        text: 'Only CONNECT with the protocol "websocket" opens a WebSocket over HTTP/2.\n',
      },
      'another protocol': {
        headers: { ':protocol': 'connect-udp' },
        status: 501,
        text: 'Only the protocol "websocket" is known.\n',
      },
      'another version': {
        headers: { 'sec-websocket-version': '12' },
        status: 400,
        text: 'Only WebSocket version 13 is supported.\n',
        error: 'Unsupported version requested.',
      },
      'a malformed request': {
        headers: { 'sec-websocket-protocol': 'a b' },
        status: 400,
        text: 'The Sec-WebSocket-Protocol header names what is no subprotocol.\n',
      },
      'an origin that is not wanted': {
        headers: { origin: 'https://evil.example' },
        status: 403,
        text: '',
        error: 'Access forbidden.',
      },
      'whom there is no room for': {
        headers: {},
        status: 503,
        text: 'Too many connections are waiting.\n',
        prepare: () => server.setMaxPendingConnections(0),
        error: 'Too many pending connections.',
      },
      'what no verifier wants': {
        headers: {},
        status: 404,
        prepare: () => {
          server.addWebSocketUpgradeVerifier(server, async () => {
            await setImmediate();
            return QHttpServerWebSocketUpgradeResponse.passToNext();
          });
        },
        error: 'No verifier has accepted the upgrade.',
      },
    };
    for (const [what, { headers, status, text, prepare, error }] of Object.entries(cases)) {
      it(`${what} with ${status}, on a stream that it ends`, async () => {
        prepare?.();
        const errors: string[] = [];
        server.serverError.connect(() => errors.push(wordsOf(server.errorString())));
        const client = await connect();

        const answer = await client.ask(headers);

        const said = await textOf(answer.stream);
        expect(answer.status).to.equal(status);
        if (text !== undefined) expect(said).to.equal(text);
        expect(answer.stream.rstCode).to.equal(Http2Error.NoError);
        expect(errors).to.deep.equal(error === undefined ? [] : [error]);
      });
    }

    it('nobody else on the connection for it', async () => {
      const client = await connect();
      const [socket, { stream }] = await open(client);
      await textOf((await client.ask({ 'sec-websocket-protocol': 'a b' })).stream);
      const heard = emitted(socket.textMessageReceived);

      stream.write(HELLO);

      expect(await heard).to.deep.equal(['hello']);
    });

    it('the stream beyond the limit of connections, which counts streams', async () => {
      server.setMaxConnections(2);
      const client = await connect();
      await open(client);
      await open(client);

      expect((await client.ask()).status).to.equal(503);
      expect(wordsOf(server.errorString())).to.equal('Too many connections.');
    });

    it('the stream beyond the limit of one address', async () => {
      server.setMaxConnectionsPerAddress(1);
      const client = await connect();
      const [socket, { stream }] = await open(client);
      expect((await client.ask()).status).to.equal(503);

      const gone = emitted(socket.disconnected);
      resetStream(stream);
      await gone;

      expect((await client.ask()).status).to.equal(200);
    });

    it('whom a verifier denies, after it has seen the request', async () => {
      const methods: Method[] = [];
      server.addWebSocketUpgradeVerifier(server, (request) => {
        methods.push(request.method());
        return QHttpServerWebSocketUpgradeResponse.deny(418);
      });

      const { status } = await (await connect()).ask();

      expect(status).to.equal(418);
      expect(methods).to.deep.equal([Method.Connect]);
    });
  });

  describe('a connection without a WebSocket', () => {
    let clock: SinonFakeTimers;

    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      server.setHandshakeTimeout(200);
    });

    /** Lets the time pass until `client` has been given up. */
    async function givesUp(client: Http2Client): Promise<void> {
      await until(() => {
        clock.tick(50);
        return client.session.destroyed;
      });
    }

    it('is ended when its time is over, whatever else is asked for', async () => {
      const client = await connect();
      for (let asked = 0; asked < 4; asked++) {
        clock.tick(45);
        const { stream } = await client.ask({ ':method': 'GET', ':protocol': undefined });
        stream.resume();
      }
      expect(client.session.closed).to.equal(false);

      clock.tick(20);
      await client.closed;
    });

    it('is not ended before a request is decided that came in time', async () => {
      let accept = (): void => {};
      const asked = new Promise<void>((resolve) => {
        server.addWebSocketUpgradeVerifier(server, async () => {
          resolve();
          await new Promise<void>((decided) => (accept = decided));
          return QHttpServerWebSocketUpgradeResponse.accept();
        });
      });
      const client = await connect();
      clock.tick(150);
      const answer = client.ask();
      await asked;

      const ending = once(client.session, 'goaway');
      clock.tick(100);
      await ending;
      accept();

      expect((await answer).status).to.equal(200);
    });

    it('has that time again when its last WebSocket has gone', async () => {
      const client = await connect();
      clock.tick(150);
      const [socket] = await open(client);
      clock.tick(1000);
      socket.abort();
      clock.tick(150);

      const [again] = await open(client);
      again.abort();
      await givesUp(client);
    });

    it('counts as a handshake that is under way', async () => {
      server.setMaxPendingHandshakes(2);
      await connect();
      await connect();
      const third = connectTls(server.serverPort(), '127.0.0.1', { ca: pem('ca.crt') });

      await new Promise((resolve) => third.on('error', () => {}).on('close', resolve));

      expect(wordsOf(server.errorString())).to.equal('Too many pending handshakes.');
    });

    it('counts as a connection, of its address as well', async () => {
      server.setMaxConnectionsPerAddress(2);
      const [first] = [await connect(), await connect()];
      const third = connectTls(server.serverPort(), '127.0.0.1', { ca: pem('ca.crt') });
      await new Promise((resolve) => third.on('error', () => {}).on('close', resolve));
      expect(wordsOf(server.errorString())).to.equal('Too many connections from one address.');

      // Its WebSocket counts in its place, and it in that of its last WebSocket.
      const [socket] = await open(first);
      expect((await first.ask()).status).to.equal(503);
      socket.abort();
      await until(() => server.statistics().open === 0);
      const [again] = await open(first);
      again.abort();
      first.close();
      await first.closed;
      await open();
    });

    it('that does not go is cut', async () => {
      const options = { ca: pem('ca.crt'), ALPNProtocols: ['h2'], allowHalfOpen: true };
      const socket = connectTls(server.serverPort(), '127.0.0.1', options);
      await once(socket, 'secureConnect');
      // The preface and empty settings, and nothing more.
      socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
      // The server's settings.
      await once(socket, 'data');
      socket.resume();
      clock.tick(200);
      await once(socket, 'end');

      const failed = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>;
      clock.tick(5000);
      const talking = setInterval(() => socket.write('x'), 50);
      const [error] = await failed;

      clearInterval(talking);
      expect(error.code).to.be.oneOf(['ECONNRESET', 'EPIPE']);
    });
  });

  describe('when the server closes', () => {
    it('ends connections without a WebSocket', async () => {
      const client = await connect();

      server.close();

      await client.closed;
    });

    it('keeps those with one, and takes no more there', async () => {
      const client = await connect();
      const [socket, { stream }] = await open(client);
      const goaway = once(client.session, 'goaway');

      server.close();
      await goaway;

      const heard = emitted(socket.textMessageReceived);
      stream.write(HELLO);
      expect(await heard).to.deep.equal(['hello']);
      expect(client.session.closed).to.equal(true);
      socket.abort();
      await client.closed;
    });
  });

  describe('withstands', () => {
    it('a client that resets one stream after the other', async () => {
      server.newConnection.connect(() => server.nextPendingConnection());
      const client = await connect();
      while (!client.session.destroyed) {
        const streams = Array.from({ length: 100 }, () => client.request());
        await setImmediate();
        for (const stream of streams) resetStream(stream);
        await setImmediate();
      }
      await client.closed;

      expect((await (await connect()).ask()).status).to.equal(200);
    });

    it('a client that asks for more streams than it may', async () => {
      const client = await connect();

      expect(client.session.remoteSettings.maxConcurrentStreams).to.equal(1000);
    });

    it('a request with too many headers', async () => {
      const client = await connect();
      const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, 'y']));
      const stream = client.request(many);

      await new Promise((resolve) => stream.on('close', resolve));

      expect(stream.rstCode).to.equal(11);
      expect((await client.ask()).status).to.equal(200);
    });

    it('a client that speaks something else than HTTP/2', async () => {
      const options = { ALPNProtocols: ['h2'] };
      const raw = await connectSecurely(server.serverPort(), options);
      raws.push(raw);
      raw.write(upgradeRequest());
      await raw.ended();

      expect((await (await connect()).ask()).status).to.equal(200);
    });

    it('slots that abort, close and destroy', async () => {
      server.newConnection.connect(() => {
        server.nextPendingConnection()!.abort();
        server.close();
      });
      const client = await connect();
      client.request();

      await client.closed;
    });
  });

  describe('looks now and then', () => {
    const LOOK_MS = 30_000;
    const CONTINUATION_OF_NOTHING = Buffer.from('00000109000000000182', 'hex');
    let clock: SinonFakeTimers;

    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });

    /** Lets times pass, in milliseconds, and after each one what is said then. */
    async function pass(times: readonly number[]): Promise<void> {
      for (const time of times) {
        clock.tick(time);
        for (let turns = 0; turns < 50; turns++) await setImmediate();
      }
    }

    /** Lets as much time pass as it takes to find out that something is stuck. */
    function lookClosely(): Promise<void> {
      return pass([LOOK_MS, LOOK_MS, 1_000, 1_000, 1_000, 1_000]);
    }

    /** Lets minutes pass. */
    function lookOften(): Promise<void> {
      return pass(Array.from({ length: 150 }, () => 1_000));
    }

    /** A client of a server, and what its bytes go through. */
    async function tap(port: number): Promise<[client: Http2Client, tapped: TappedStream]> {
      const options = { ca: pem('ca.crt'), ALPNProtocols: ['h2'] };
      const tapped = new TappedStream(connectTls(port, '127.0.0.1', options));
      const client = await Http2Client.connect(port, { createConnection: () => tapped });
      clients.push(client);
      return [client, tapped];
    }

    for (const [what, message] of [
      ['nothing', ''],
      ['something', 'hello'],
    ] as const) {
      it(`and loses who has broken the protocol and left, with ${what} to be sent`, async () => {
        const [client, tapped] = await tap(server.serverPort());
        const [socket] = await open(client);
        const goaway = once(client.session, 'goaway');
        // Newer versions of Node lose it at once.
        const lost = emitted(socket.disconnected);
        tapped.stream.write(CONTINUATION_OF_NOTHING);
        await goaway;
        tapped.stream.destroy();
        if (message !== '') socket.sendTextMessage(message);

        await lookClosely();

        await lost;
      });
    }

    it('and loses such a one that has come by a server of HTTP/2', async () => {
      const http2 = createSecureServer(showing('server'));
      const plain = new QWebSocketServer('Plain');
      plain.attach(http2);
      await listenOnLoopback(http2);
      const [client, tapped] = await tap((http2.address() as AddressInfo).port);
      const arrived = emitted(plain.newConnection);
      await client.ask();
      await arrived;
      const lost = emitted(plain.nextPendingConnection()!.disconnected);
      const goaway = once(client.session, 'goaway');
      tapped.stream.write(CONTINUATION_OF_NOTHING);
      await goaway;
      tapped.stream.destroy();

      await lookClosely();

      await lost;
      plain[Symbol.dispose]();
      http2.close();
    });

    it('and keeps who has nothing to say', async () => {
      const [socket] = await open();

      await lookOften();

      expect(socket.isValid()).to.equal(true);
    });

    it('and keeps who reads nothing on a stream', async () => {
      const [socket, { stream }] = await open();
      stream.pause();
      socket.sendBinaryMessage(new Uint8Array(1024 * 1024));

      await lookOften();

      expect(socket.bytesToWrite()).to.be.greaterThan(0);
      expect(socket.isValid()).to.equal(true);
    });
  });

  describe('shares the port of an HTTP/2 server', () => {
    let http2: Http2SecureServer | Http2Server;
    let plain: QWebSocketServer;

    beforeEach(() => {
      plain = new QWebSocketServer('Plain');
    });

    afterEach(() => {
      plain[Symbol.dispose]();
      http2.close();
    });

    async function listen(): Promise<Http2Client> {
      const port = await listenOnLoopback(http2);
      const client =
        'setSecureContext' in http2
          ? await Http2Client.connect(port)
          : await Http2Client.connectInTheClear(port);
      clients.push(client);
      return client;
    }

    async function openThere(stream: ClientHttp2Stream): Promise<QWebSocket> {
      await emitted(plain.newConnection);
      const socket = plain.nextPendingConnection()!;
      const heard = emitted(socket.textMessageReceived);
      stream.write(HELLO);
      await heard;
      return socket;
    }

    it('that answers requests', async () => {
      http2 = createSecureServer({ ...showing('server'), allowHTTP1: true }, (_, response) => {
        response.end('a page');
      });
      plain.attach(http2);
      const client = await listen();

      const stream = client.request({ ':path': '/chat' });
      const socket = await openThere(stream);

      const page = client.session.request({ ':path': '/' });
      expect(await textOf(page)).to.equal('a page');
      expect(socket.requestUrl().path()).to.equal('/chat');
      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
      expect(socket.sslConfiguration().nextNegotiatedProtocol()).to.equal('h2');
      const raw = await connectSecurely((http2.address() as AddressInfo).port);
      raws.push(raw);
      raw.write(upgradeRequest());
      expect(await raw.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    });

    it('that has no handler of its own, without TLS', async () => {
      http2 = createServer();
      plain.attach(http2);
      const client = await listen();

      const socket = await openThere(client.request());

      expect(socket.requestUrl().scheme()).to.equal('ws');
    });

    it('by paths, and answers 404 for the others', async () => {
      http2 = createServer((_, response) => response.end('a page'));
      plain.attach(http2, { path: '/chat' });
      const client = await listen();

      const { status, stream } = await client.ask({ ':path': '/elsewhere' });
      const text = await textOf(stream);
      await openThere(client.request({ ':path': '/chat' }));

      expect([status, text]).to.deep.equal([404, 'There is no WebSocket at this path.\n']);
    });

    it('whose own listener answers before', async () => {
      http2 = createServer();
      http2.on('stream', (stream) => {
        stream.respond({ ':status': 202 });
        stream.pipe(stream);
      });
      plain.attach(http2);
      const client = await listen();

      const { stream, status } = await client.ask();
      stream.write('mine');

      expect(status).to.equal(202);
      expect(String((await once(stream, 'data')) as unknown)).to.equal('mine');
    });

    it('whose other CONNECT requests are answered as before', async () => {
      http2 = createServer((_, response) => response.end('a page'));
      plain.attach(http2);
      const client = await listen();

      const { status } = await client.ask({ ':protocol': 'other' });

      expect(status).to.equal(405);
    });

    it('until it is detached', async () => {
      http2 = createServer((_, response) => response.end('a page'));
      plain.attach(http2);
      const client = await listen();
      plain.close();

      expect((await client.ask()).status).to.equal(405);
      expect(http2.listenerCount('connect')).to.equal(0);
    });

    it('that hands requests in', async () => {
      http2 = createServer({ settings: { enableConnectProtocol: true } });
      http2.on('request', () => {});
      http2.on('connect', (request: Http2ServerRequest) => {
        plain.handleUpgrade(request, request.stream, Buffer.alloc(0));
      });
      const client = await listen();

      const socket = await openThere(client.request({ ':path': '/handed' }));

      expect(socket.requestUrl().path()).to.equal('/handed');
    });
  });

  it('serves our own client, a thousand times on one connection', async function () {
    this.timeout(60_000);
    const opened: QWebSocket[] = [];
    server.setMaxPendingConnections(1000);
    const ports = new Set<number>();
    server.newConnection.connect(() => {
      const socket = server.nextPendingConnection()!;
      ports.add(socket.peerPort());
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(text));
    });
    const echoes = Array.from({ length: 1000 }, async (_, i) => {
      const socket = new QWebSocket();
      opened.push(socket);
      socket.setSslConfiguration(trusting());
      const request = new QNetworkRequest(server.serverUrl());
      request.setAttribute(QNetworkRequest.Http2AllowedAttribute, true);
      const connected = emitted(socket.connected);
      socket.open(request);
      await connected;
      const echo = emitted(socket.textMessageReceived);
      socket.sendTextMessage(`number ${i}`);
      return (await echo)[0];
    });

    const answers = await Promise.all(echoes);

    for (const socket of opened) socket.abort();
    expect(answers[999]).to.equal('number 999');
    expect(ports.size).to.equal(1);
  });
});
