import { expect } from 'chai';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import { restore, useFakeTimers } from 'sinon';
import { PauseMode, SocketError } from '../../lib/network/qabstractsocket.ts';
import { QNetworkProxy, ProxyType } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import type { QUrl } from '../../lib/network/qurl.ts';
import { Http2Error } from '../../lib/node/http2-error.ts';
import { http2Pool } from '../../lib/node/http2-pool.ts';
import { resetStream } from '../../lib/node/http2-socket.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { Reconnector } from '../../lib/node/reconnector.ts';
import type { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { ConnectProxy } from '../support/connect-proxy.ts';
import { emitted } from '../support/emitted.ts';
import { Http2EchoPeer } from '../support/http2-echo-peer.ts';
import { Http2Peer } from '../support/http2-peer.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { itReconnects } from '../support/reconnector-contract.ts';
import { SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { itBehavesLikeAQWebSocket } from '../support/socket-contract.ts';
import { until } from '../support/until.ts';
import { wordsOf } from '../support/words-of.ts';

const { Http2AllowedAttribute, Http2DirectAttribute } = QNetworkRequest;

/** Sockets that take every server for one of HTTP/2. */
class Http2WebSocket extends QWebSocket {
  override open(target: string | URL | QUrl | QNetworkRequest, options = NO_OPTIONS): void {
    const request =
      target instanceof QNetworkRequest ? target.clone() : new QNetworkRequest(target);
    request.setAttribute(Http2DirectAttribute, true);
    super.open(request, options);
  }
}

const NO_OPTIONS = new QWebSocketHandshakeOptions();

function allowing(url: string): QNetworkRequest {
  const request = new QNetworkRequest(url);
  request.setAttribute(Http2AllowedAttribute, true);
  return request;
}

function direct(url: string): QNetworkRequest {
  const request = new QNetworkRequest(url);
  request.setAttribute(Http2DirectAttribute, true);
  return request;
}

describe('QWebSocket (Node) over HTTP/2', () => {
  describe('does all that a QWebSocket does:', () => {
    itBehavesLikeAQWebSocket(
      () => new Http2WebSocket(),
      () => Http2EchoPeer.start(),
    );
    itReconnects(
      (options) => new Reconnector(new Http2WebSocket(), options),
      () => Http2EchoPeer.start(),
    );
  });

  let peer: Http2Peer;
  let sockets: QWebSocket[];

  beforeEach(async () => {
    peer = await Http2Peer.listen();
    sockets = [];
  });

  afterEach(() => {
    restore();
    for (const socket of sockets) socket.abort();
    peer.close();
    // A later peer may get the port of one that has not spoken HTTP/2.
    http2Pool.http1Only.clear();
  });

  function make(configuration = trusting()): QWebSocket {
    const socket = new QWebSocket();
    sockets.push(socket);
    socket.setSslConfiguration(configuration);
    return socket;
  }

  function open(request: QNetworkRequest | string = allowing(peer.url)): QWebSocket {
    const socket = make();
    socket.open(request);
    return socket;
  }

  async function connect(): Promise<[socket: QWebSocket, stream: ServerHttp2Stream]> {
    const socket = open();
    const connected = emitted(socket.connected);
    const stream = await peer.accept();
    await connected;
    return [socket, stream];
  }

  /** How an attempt ends that comes to nothing. */
  async function failure(socket: QWebSocket): Promise<[error: SocketError, text: string]> {
    const [error] = await emitted(socket.errorOccurred);
    return [error, socket.errorString()];
  }

  describe('asks for it', () => {
    it('only when the request allows it', async () => {
      const socket = open(peer.url);
      const [request] = (await once(peer.server, 'upgrade')) as [{ httpVersion: string }];

      expect(request.httpVersion).to.equal('1.1');
      expect(socket.sslConfiguration().nextNegotiatedProtocol()).to.equal('');
    });

    it('with what a request over HTTP/1.1 says, but for the upgrade', async () => {
      const request = allowing(`${peer.url}chat?room=1`);
      request.setRawHeader('X-Token', 'abc');
      const socket = make();
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['a', 'b']);
      socket.open(request, options);
      const { headers } = await peer.next();

      expect(Object.fromEntries(Object.entries(headers))).to.deep.equal({
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': 'https',
        ':path': '/chat?room=1',
        ':authority': `127.0.0.1:${peer.port}`,
        'sec-websocket-version': '13',
        'sec-websocket-protocol': 'a, b',
        'x-token': 'abc',
      });
    });

    it('when the TLS configuration names it', async () => {
      const configuration = trusting();
      configuration.setAllowedNextProtocols(['h2', 'http/1.1']);
      const socket = make(configuration);
      socket.open(peer.url);

      expect((await peer.next()).headers[':protocol']).to.equal('websocket');
    });

    it('not when the request forbids what the TLS configuration names', async () => {
      const configuration = trusting();
      configuration.setAllowedNextProtocols(['h2', 'http/1.1']);
      const request = new QNetworkRequest(peer.url);
      request.setAttribute(Http2AllowedAttribute, false);
      const socket = make(configuration);
      socket.open(request);

      const [{ httpVersion }] = (await once(peer.server, 'upgrade')) as [{ httpVersion: string }];
      expect(httpVersion).to.equal('1.1');
    });

    it('in the clear when the request says that the server speaks it', async () => {
      const clear = await Http2Peer.listenInTheClear();
      const socket = open(direct(clear.url));
      const connected = emitted(socket.connected);
      const { stream, headers } = await clear.next();
      stream.respond({ ':status': 200 });
      await connected;

      expect(headers[':scheme']).to.equal('http');
      clear.close();
    });

    it('and falls back when the server speaks HTTP/1.1 only, on the same connection', async () => {
      const old = await SecurePeer.listen({ ...showing('server'), ALPNProtocols: ['http/1.1'] });
      const socket = open(allowing(old.url));
      const connected = emitted(socket.connected);
      await old.accept();
      await connected;

      expect(socket.sslConfiguration().nextNegotiatedProtocol()).to.equal('http/1.1');
      expect(old.streams).to.have.lengthOf(1);
      old.close();
    });

    it('and falls back when the settings allow no WebSockets, and remembers that', async () => {
      const plain = await Http2Peer.listen({ allowHTTP1: true });
      open(allowing(plain.url));
      await once(plain.server, 'upgrade');
      expect(plain.count).to.equal(2);

      open(allowing(plain.url));
      await once(plain.server, 'upgrade');

      expect(plain.count).to.equal(3);
      plain.close();
    });

    it('and falls back when the settings allow no stream', async () => {
      const settings = { enableConnectProtocol: true, maxConcurrentStreams: 0 };
      const busy = await Http2Peer.listen({ allowHTTP1: true, settings });
      open(allowing(busy.url));

      await once(busy.server, 'upgrade');

      expect(busy.count).to.equal(2);
      busy.close();
    });

    it('and fails in the clear when the settings allow no WebSockets', async () => {
      const clear = await Http2Peer.listenInTheClear({});

      const [error, text] = await failure(open(direct(clear.url)));

      expect(error).to.equal(SocketError.UnsupportedSocketOperationError);
      expect(text).to.contain('does not take WebSockets over HTTP/2');
      clear.close();
    });

    it('and falls back when the server wants HTTP/1.1 for it', async () => {
      open();
      const { stream } = await peer.next();
      stream.close(Http2Error.Http11Required);

      const [{ httpVersion }] = (await once(peer.server, 'upgrade')) as [{ httpVersion: string }];
      expect(httpVersion).to.equal('1.1');
    });
  });

  describe('has the answer', () => {
    it('agree on a subprotocol and on compression', async () => {
      const socket = make();
      socket.setCompressionEnabled(true);
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['a', 'b']);
      socket.open(allowing(peer.url), options);
      const connected = emitted(socket.connected);
      await peer.accept({
        'sec-websocket-protocol': 'b',
        'sec-websocket-extensions': 'permessage-deflate',
      });
      await connected;

      expect(socket.subprotocol()).to.equal('b');
      expect(socket.extensions()).to.equal('permessage-deflate');
    });

    it('ask who it is, and says so on another stream of the connection', async () => {
      const url = peer.url.replace('//', '//user:password@');
      const socket = open(allowing(url));
      const connected = emitted(socket.connected);
      const first = await peer.next();
      first.stream.respond({ ':status': 401, 'www-authenticate': 'Basic realm="x"' });
      const second = await peer.next();
      second.stream.respond({ ':status': 200 });
      await connected;

      expect(second.headers.authorization).to.equal('Basic dXNlcjpwYXNzd29yZA==');
      expect(peer.count).to.equal(1);
    });

    it('ask who it is while it ends the connection, and says so on another one', async () => {
      const socket = open(allowing(peer.url.replace('//', '//user:password@')));
      const connected = emitted(socket.connected);
      const { stream } = await peer.next();
      peer.sessions[0]!.goaway(Http2Error.NoError, stream.id);
      stream.respond({ ':status': 401, 'www-authenticate': 'Basic realm="x"' });
      await peer.accept();
      await connected;

      expect(peer.count).to.equal(2);
    });

    it('ask who it is when nobody knows', async () => {
      const socket = open();
      const realms: string[] = [];
      socket.authenticationRequired.connect((authenticator) => {
        realms.push(authenticator.realm());
      });
      const { stream } = await peer.next();
      stream.respond({ ':status': 401, 'www-authenticate': 'Basic realm="x"' });

      const [error, text] = await failure(socket);

      expect(realms).to.deep.equal(['x']);
      expect(error).to.equal(SocketError.ConnectionRefusedError);
      expect(wordsOf(text)).to.equal('QWebSocket::processHandshake: Host requires authentication');
    });

    it('refuse, in the words of HTTP/1.1', async () => {
      const socket = open();
      const { stream } = await peer.next();
      stream.respond({ ':status': 503, 'retry-after': '120' });

      expect(await failure(socket)).to.deep.equal([
        SocketError.ConnectionRefusedError,
        'QWebSocketPrivate::processHandshake: Unhandled http status code: 503 ' +
          `(Service Unavailable). (HTTP: status 503 of 127.0.0.1:${peer.port}, retry after 120.)`,
      ]);
    });

    it('refuse, which a Reconnector goes by, in the same way for the next attempt', async () => {
      const socket = make();
      using reconnector = new Reconnector(socket, { random: () => 0 });
      const waits = emitted(reconnector.reconnecting);
      socket.open(allowing(peer.url));
      const first = await peer.next();
      first.stream.respond({ ':status': 503, 'retry-after': '120' });
      expect(await waits).to.deep.equal([1, 120_000]);
      const gaveUp = emitted(reconnector.gaveUp);
      reconnector.start();
      const second = await peer.next();
      second.stream.respond({ ':status': 403 });
      await gaveUp;

      expect(reconnector.lastFailure()!.status).to.equal(403);
    });

    it('fail to come because the stream is reset', async () => {
      const socket = open();
      const { stream } = await peer.next();
      resetStream(stream);

      const [error, text] = await failure(socket);

      expect(error).to.equal(SocketError.RemoteHostClosedError);
      expect(wordsOf(text)).to.equal('The remote host closed the connection');
      expect(text).to.contain('without an answer');
    });

    it('fail to come because the connection ends', async () => {
      const socket = open();
      await peer.next();
      peer.sessions[0]!.destroy();

      const [error, text] = await failure(socket);

      expect(error).to.equal(SocketError.RemoteHostClosedError);
      expect(wordsOf(text)).to.equal('The remote host closed the connection');
    });

    it('fail to come in time, and gives that connection to nobody else', async () => {
      const socket = make();
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      socket.open(allowing(peer.url));
      const failed = failure(socket);
      await peer.next();
      clock.tick(socket.openTimeout());
      clock.restore();

      const [error, text] = await failed;
      expect(error).to.equal(SocketError.SocketTimeoutError);
      expect(text).to.contain(`waiting for the answer of 127.0.0.1:${peer.port}`);

      open();
      await peer.next();
      expect(peer.count).to.equal(2);
    });

    it('refuse what it has not looked at, which is tried once more', async () => {
      const socket = open();
      const { stream } = await peer.next();
      stream.close(Http2Error.RefusedStream);
      const connected = emitted(socket.connected);
      await peer.accept();
      await connected;

      expect(peer.count).to.equal(2);
    });

    it('refuse so twice, which is not tried again', async () => {
      const socket = open();
      const failed = failure(socket);
      for (let i = 0; i < 2; i++) {
        const { stream } = await peer.next();
        stream.close(Http2Error.RefusedStream);
      }

      expect((await failed)[0]).to.equal(SocketError.RemoteHostClosedError);
    });
  });

  describe('shares a connection', () => {
    it('with others that are opened while it connects, and later', async () => {
      const first = Array.from({ length: 50 }, () => open());
      const all = Promise.all(first.map((socket) => emitted(socket.connected)));
      for (let i = 0; i < first.length; i++) await peer.accept();
      await all;

      const [late] = await connect();

      expect(peer.count).to.equal(1);
      expect(late.localPort()).to.equal(first[0]!.localPort());
      expect(late.peerPort()).to.equal(peer.port);
    });

    it('until the last of them has gone', async () => {
      const [first] = await connect();
      const [second, stream] = await connect();
      first.abort();
      stream.write(Buffer.from('810568656c6c6f', 'hex'));
      expect(await emitted(second.textMessageReceived)).to.deep.equal(['hello']);
      const ended = once(peer.sessions[0]!, 'close');

      second.abort();
      await ended;

      await connect();
      expect(peer.count).to.equal(2);
    });

    it('not with sockets of other TLS settings', async () => {
      await connect();
      const configuration = trusting();
      configuration.setPeerVerifyDepth(3);
      const other = make(configuration);
      other.open(allowing(peer.url));
      await peer.next();

      expect(peer.count).to.equal(2);
    });

    it('not with sockets that call the server by another name', async () => {
      await connect();
      const other = open(allowing(`wss://localhost:${peer.port}/`));
      const connected = emitted(other.connected);
      await peer.accept();
      await connected;

      expect(peer.count).to.equal(2);
    });

    it('with itself, when it is opened anew while another one is open', async () => {
      const [socket] = await connect();
      await connect();

      socket.open(allowing(peer.url));
      await peer.next();

      expect(peer.count).to.equal(1);
    });

    it('no more than the server allows', async () => {
      const few = await Http2Peer.listen({
        settings: { enableConnectProtocol: true, maxConcurrentStreams: 2 },
      });
      const opened = Array.from({ length: 5 }, () => open(allowing(few.url)));
      const all = Promise.all(opened.map((socket) => emitted(socket.connected)));
      for (let i = 0; i < opened.length; i++) await few.accept();
      await all;

      expect(few.count).to.equal(3);
      few.close();
    });

    it('that others wait for, also when the one that dials gives up', async () => {
      const first = open();
      const others = [open(), open()];
      const all = Promise.all(others.map((socket) => emitted(socket.connected)));
      await once(peer.server, 'connection');
      first.abort();
      for (let i = 0; i < others.length; i++) await peer.accept();
      await all;

      expect(peer.sessions).to.have.lengthOf(1);
    });

    it('and all fail when the server cannot be reached', async () => {
      const url = `wss://127.0.0.1:${NOBODY}/`;
      const opened = Array.from({ length: 3 }, () => open(allowing(url)));
      const errors = await Promise.all(opened.map((socket) => failure(socket)));

      expect(errors.map(([error]) => error)).to.deep.equal(
        opened.map(() => SocketError.ConnectionRefusedError),
      );
    });

    it('that the server wants to end, but nobody new', async () => {
      const [socket, stream] = await connect();
      const session = peer.sessions[0]!;
      session.goaway(Http2Error.NoError);
      await new Promise<void>((resolve) => session.ping(() => resolve()));

      await connect();

      expect(peer.count).to.equal(2);
      stream.write(Buffer.from('810568656c6c6f', 'hex'));
      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['hello']);
    });

    it('through a proxy', async () => {
      const proxy = await ConnectProxy.listen(peer.port);
      const through = (): QWebSocket => {
        const socket = make();
        socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port));
        socket.open(allowing(peer.url));
        return socket;
      };
      const pair = [through(), through()];
      const both = Promise.all(pair.map((socket) => emitted(socket.connected)));
      await peer.accept();
      await peer.accept();
      await both;

      expect(proxy.heads).to.have.lengthOf(1);
      expect(pair.map((socket) => socket.peerPort())).to.deep.equal([peer.port, peer.port]);
      await connect();
      expect(peer.count).to.equal(2);
      proxy.close();
    });
  });

  describe('verifies the peer', () => {
    // It trusts nobody who is there.
    const untrusting = (): QSslConfiguration => trusting('root');

    function openUntrusting(prepare: (socket: QWebSocket) => void = () => {}): QWebSocket {
      const socket = make(untrusting());
      prepare(socket);
      socket.open(allowing(peer.url));
      return socket;
    }

    async function connectIgnoring(): Promise<QWebSocket> {
      const socket = openUntrusting((it) => it.ignoreSslErrors());
      const connected = emitted(socket.connected);
      await peer.accept();
      await connected;
      return socket;
    }

    it('for each socket, also where the connection is there', async () => {
      await connectIgnoring();
      const fresh = await failure(openAlone());

      const socket = openUntrusting();
      const told = emitted(socket.sslErrors);

      expect(await failure(socket)).to.deep.equal(fresh);
      expect((await told)[0]).not.to.deep.equal([]);
      expect(peer.count).to.equal(2);
    });

    /** One that fails by itself. */
    function openAlone(): QWebSocket {
      const socket = make(untrusting());
      socket.open(peer.url);
      return socket;
    }

    it('and shares with those who go on all the same', async () => {
      await connectIgnoring();
      await connectIgnoring();

      expect(peer.count).to.equal(1);
    });

    it('and waits for who wants to think about it', async () => {
      await connectIgnoring();
      const socket = openUntrusting((it) => it.setPauseMode(PauseMode.PauseOnSslErrors));
      const connected = emitted(socket.connected);
      await emitted(socket.sslErrors);
      socket.ignoreSslErrors();
      socket.resume();
      await peer.accept();
      await connected;

      expect(peer.count).to.equal(1);
    });

    it('and has nobody wait for who thinks about it', async () => {
      const pausing = openUntrusting((it) => it.setPauseMode(PauseMode.PauseOnSslErrors));
      const asked = emitted(pausing.sslErrors);
      const waiting = openUntrusting((it) => it.ignoreSslErrors());
      const connected = emitted(waiting.connected);
      await asked;
      await peer.accept();
      await connected;

      expect(peer.count).to.equal(2);
    });

    it('and tells each socket whom it has found', async () => {
      const [first] = await connect();
      const [second] = await connect();

      const [one, other] = [first, second].map((socket) => socket.sslConfiguration());
      expect(other!.peerCertificate().equals(one!.peerCertificate())).to.equal(true);
      expect(other!.nextNegotiatedProtocol()).to.equal('h2');
    });
  });

  describe('once it is open', () => {
    it('resets its stream with CANCEL when it is aborted', async () => {
      const [socket, stream] = await connect();
      const closed = once(stream, 'close');

      socket.abort();
      await closed;

      expect(stream.rstCode).to.equal(Http2Error.Cancel);
    });

    it('is lost when its stream is reset, and the others are not', async () => {
      const [socket, stream] = await connect();
      const [other, otherStream] = await connect();
      const lost = failure(socket);

      resetStream(stream);

      const [error, text] = await lost;
      expect(error).to.equal(SocketError.RemoteHostClosedError);
      expect(wordsOf(text)).to.equal('The remote host closed the connection');
      expect(socket.closeCode()).to.equal(1006);
      otherStream.write(Buffer.from('810568656c6c6f', 'hex'));
      expect(await emitted(other.textMessageReceived)).to.deep.equal(['hello']);
    });

    it('is lost when its connection breaks', async () => {
      const [socket] = await connect();
      const lost = failure(socket);

      peer.close();

      expect((await lost)[0]).to.equal(SocketError.RemoteHostClosedError);
    });

    it('is lost when the server has broken the protocol, and left', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const raw = await RawPeer.listen();
      const socket = open(direct(raw.url));
      const connected = emitted(socket.connected);
      const connection = await raw.next();
      // The settings, that allow WebSockets; then the answer, once there is a request: status 200.
      connection.socket.write(Buffer.from('000006040000000000000800000001', 'hex'));
      await until(() => connection.unread.includes(Buffer.from('010400000001', 'hex')));
      connection.socket.write(Buffer.from('00000101040000000188', 'hex'));
      await connected;
      const lost = failure(socket);
      // CONTINUATION of nothing, to which Node 20 says GOAWAY, and nothing more to anybody.
      connection.socket.write(Buffer.from('00000109000000000182', 'hex'));
      await until(() => connection.unread.includes(Buffer.from('070000000000', 'hex')));
      raw.close();

      for (const time of [30_000, 30_000, 1_000, 1_000, 1_000, 1_000]) {
        clock.tick(time);
        for (let turns = 0; turns < 50; turns++) await setImmediate();
      }

      expect((await lost)[0]).to.equal(SocketError.RemoteHostClosedError);
    });

    it('is lost when the server names origins without end, which Node would keep', async () => {
      const [socket] = await connect();
      const lost = failure(socket);
      const names = (i: number): string => `https://${i}.example`;
      const [session] = peer.sessions;

      session!.origin(...Array.from({ length: 100 }, (_, i) => names(i)));
      session!.origin(...Array.from({ length: 157 }, (_, i) => names(i)));

      expect((await lost)[0]).to.equal(SocketError.RemoteHostClosedError);
    });

    it('does not mind a few origins', async () => {
      const [socket, stream] = await connect();
      peer.sessions[0]!.origin('https://a.example', 'https://b.example');
      stream.write(Buffer.from('810568656c6c6f', 'hex'));

      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['hello']);
    });

    it('counts what waits for its own stream', async () => {
      const [socket, stream] = await connect();
      const [other, otherStream] = await connect();
      stream.pause();
      const heard = once(otherStream, 'data');

      socket.sendBinaryMessage(new Uint8Array(1024 * 1024));
      other.sendTextMessage('not held up');
      await heard;

      expect(socket.bytesToWrite()).to.be.greaterThan(0);
      expect(other.bytesToWrite()).to.equal(0);
    });
  });
});
