import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import tls, { type TLSSocket } from 'node:tls';
import { restore, spy, stub, useFakeTimers } from 'sinon';
import { Http1Acceptor } from '../../lib/node/acceptors/http1.ts';
import { ListenerBackend } from '../../lib/node/listener-backend.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import type { ServerSettings } from '../../lib/websockets/server-backend.ts';
import { emitted } from '../support/emitted.ts';
import { hasLocalSockets, LocalPath } from '../support/local-path.ts';
import { untilCollected } from '../support/memory.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { connectSecurely, identified, presenting, sharingKey } from '../support/secure-client.ts';
import { certificate, pem } from '../support/secure-peer.ts';
import { RecordingServerEvents } from '../support/server-events.ts';
import { SERVER_SETTINGS } from '../support/server-settings.ts';
import { wordsOf } from '../support/words-of.ts';

/** A stream that is no socket: it says a request and keeps what it is told. */
class Pipe extends Duplex {
  told = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.told += chunk.toString('latin1');
    done();
  }
}

function inWords([code, text]: [CloseCode, string]): [CloseCode, string] {
  return [code, wordsOf(text)];
}

describe('ListenerBackend', () => {
  let events: RecordingServerEvents;
  let backend: ListenerBackend;
  let clients: RawClient[];

  beforeEach(() => {
    events = new RecordingServerEvents();
    backend = new ListenerBackend(events, SERVER_SETTINGS);
    clients = [];
  });

  afterEach(() => {
    restore();
    backend.close();
    backend.abortConnections();
    for (const { socket } of clients) socket.destroy();
  });

  async function client(): Promise<RawClient> {
    const raw = await RawClient.connect(backend.port());
    clients.push(raw);
    return raw;
  }

  describe('listen()', () => {
    it('has an address, a port and a descriptor when it returns', () => {
      expect(backend.listen(QHostAddress.LocalHost, 0)).to.equal('');

      expect(backend.isListening()).to.equal(true);
      expect(backend.address().toString()).to.equal('127.0.0.1');
      expect(backend.port()).to.be.within(1, 65535);
      expect(backend.socketDescriptor() >= 0).to.equal(process.platform !== 'win32');
    });

    it('says that it listens on any address when it was told so', () => {
      backend.listen(QHostAddress.Any, 0);

      expect(backend.address().equals(QHostAddress.Any)).to.equal(true);
    });

    it('tells all IPv6 interfaces from all interfaces', () => {
      if (backend.listen(QHostAddress.AnyIPv6, 0) !== '') return;

      expect(backend.address().equals(QHostAddress.AnyIPv6)).to.equal(true);
    });

    it('says what to do where a port is the system’s', () => {
      // EACCES; root may listen there.
      const createHandle = stub(net, '_createServerHandle' as 'createServer');
      createHandle.returns(-13 as never);

      expect(backend.listen(QHostAddress.LocalHost, 80)).to.equal(
        'Permission denied (TCP: 127.0.0.1:80 EACCES). ' +
          'Ports below 1024 need a privilege: choose a higher one.',
      );
      expect(backend.listen(QHostAddress.LocalHost, 8080)).to.equal(
        'Permission denied (TCP: 127.0.0.1:8080 EACCES).',
      );
      createHandle.restore();
    });

    it('says that it does not know why where only Bun does', () => {
      const createHandle = stub(net, '_createServerHandle' as 'createServer').value(undefined);

      const problem = backend.listen(QHostAddress.LocalHost, 0);

      createHandle.restore();
      expect(problem).to.equal(
        'Listening failed (EADDRNOTAVAIL or EADDRINUSE). ' +
          '(TCP: 127.0.0.1 EADDRNOTAVAIL or EADDRINUSE.)',
      );
      expect(backend.isListening()).to.equal(false);
    });

    it('says what went wrong as Qt does', () => {
      backend.listen(QHostAddress.LocalHost, 0);
      const other = new ListenerBackend(events, SERVER_SETTINGS);

      expect(wordsOf(other.listen(QHostAddress.LocalHost, backend.port()))).to.equal(
        'The bound address is already in use',
      );
      expect(wordsOf(other.listen(new QHostAddress('198.51.100.7'), 0))).to.equal(
        'The address is not available',
      );
      expect(other.isListening()).to.equal(false);
    });
  });

  describe('listenLocal()', () => {
    let place: LocalPath;

    beforeEach(function () {
      if (!hasLocalSockets) this.skip();
      place = new LocalPath();
    });

    afterEach(() => {
      place.remove();
    });

    it('takes connections on a Unix-domain socket', async () => {
      expect(backend.listenLocal(place.path)).to.equal('');

      expect(backend.isListening()).to.equal(true);
      expect(backend.localPath()).to.equal(place.path);
      expect(backend.address().isNull()).to.equal(true);
      expect(backend.port()).to.equal(0);
      expect(backend.socketDescriptor()).to.equal(-1);
      const raw = new RawClient(net.connect(place.path));
      raw.write(upgradeRequest());
      expect(await raw.hears('\r\n\r\n')).to.include('101');
      raw.socket.destroy();
    });

    it('says what went wrong, and does not listen', () => {
      backend.listenLocal(place.path);
      const other = new ListenerBackend(events, SERVER_SETTINGS);

      expect(wordsOf(other.listenLocal(place.path))).to.equal(
        'The bound address is already in use',
      );

      expect(other.isListening()).to.equal(false);
      expect(other.localPath()).to.equal('');
    });

    it('has its path from the HTTP server that it is attached to', async () => {
      const http = createHttpServer().listen(place.path);
      await once(http, 'listening');

      backend.attach(http, undefined);

      expect(backend.localPath()).to.equal(place.path);
      http.close();
    });
  });

  describe('setSocketDescriptor()', () => {
    it('says what went wrong', () => {
      expect(wordsOf(backend.setSocketDescriptor(-2))).to.equal('Listening failed (EBADF).');
      expect(backend.socketDescriptor()).to.equal(-1);
    });

    it('listens on a socket that is bound', async function () {
      if (process.platform === 'win32') this.skip();
      const create = Reflect.get(net, '_createServerHandle') as (...args: unknown[]) => {
        fd: number;
        unref(): void;
      };
      const given = create('127.0.0.1', 0, 4);
      const { fd } = given;
      // It cannot be closed: the descriptor is its twin's, and then perhaps that of something else.
      given.unref();

      expect(backend.setSocketDescriptor(fd)).to.equal('');

      expect(backend.socketDescriptor()).to.equal(fd);
      expect(backend.address().toString()).to.equal('127.0.0.1');
      const raw = await client();
      raw.write(upgradeRequest());
      expect(await raw.hears('\r\n\r\n')).to.include('101');
    });
  });

  describe('accepting', () => {
    it('tells of failures of the system in terms of Qt', () => {
      const create = spy(net, 'createServer');
      backend.listen(QHostAddress.LocalHost, 0);
      const server = create.firstCall.returnValue;

      server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));

      expect(events.failures).to.deep.equal([SocketError.SocketResourceError]);
      expect(backend.isListening()).to.equal(true);
    });

    it('is put off while paused, and done when resumed', async () => {
      backend.listen(QHostAddress.LocalHost, 0);
      backend.pauseAccepting();
      const create = spy(events, 'hasRoom');
      const raw = await client();
      raw.write(upgradeRequest());
      // A connection that comes after it and is answered elsewhere shows that time has passed.
      await roundTrip();
      expect(create.callCount).to.equal(0);

      const socket = events.nextSocket();
      backend.resumeAccepting();

      expect((await socket).isValid()).to.equal(true);
      expect(await raw.hears('\r\n\r\n')).to.include('101');
    });

    it('holds 128 connections while paused and cuts the next one', async () => {
      backend.listen(QHostAddress.LocalHost, 0);
      backend.pauseAccepting();
      for (let i = 0; i < 128; i++) await client();

      const extra = await client();

      expect(await extra.ended()).to.equal('');
      expect(clients[0]!.socket.readableEnded).to.equal(false);
    });

    it('has room again when a held client has left', async () => {
      backend.listen(QHostAddress.LocalHost, 0);
      backend.pauseAccepting();
      for (let i = 0; i < 128; i++) await client();
      clients[0]!.socket.resetAndDestroy();
      await roundTrip();

      const extra = await client();
      await roundTrip();

      expect(extra.socket.readableEnded).to.equal(false);
    });

    it('sends small messages at once', async () => {
      const setNoDelay = spy(net.Socket.prototype, 'setNoDelay');
      backend.listen(QHostAddress.LocalHost, 0);
      const raw = await client();
      const accepted = events.nextSocket();

      raw.write(upgradeRequest());

      await accepted;
      const receivers = setNoDelay.getCalls().filter(({ args }) => args[0] === true);
      const ports = receivers.map(({ thisValue }) => (thisValue as net.Socket).localPort);
      expect(ports).to.include(backend.port());
    });

    it('cuts what it holds when it is closed', async () => {
      backend.listen(QHostAddress.LocalHost, 0);
      backend.pauseAccepting();
      const raw = await client();
      await roundTrip();

      backend.close();
      backend.resumeAccepting();

      expect(await raw.ended()).to.equal('');
    });
  });

  describe('handleConnection()', () => {
    it('takes any stream of bytes, with what it has buffered', async () => {
      const pipe = new Pipe();
      pipe.push(upgradeRequest());
      const socket = events.nextSocket();

      backend.handleConnection(pipe);

      expect((await socket).isValid()).to.equal(true);
      expect(pipe.told.startsWith('HTTP/1.1 101 ')).to.equal(true);
    });

    it('takes a stream that is paused', async () => {
      const pipe = new Pipe();
      pipe.pause();
      pipe.push(upgradeRequest());
      const socket = events.nextSocket();

      backend.handleConnection(pipe);

      expect((await socket).isValid()).to.equal(true);
    });

    it('does nothing with a stream that is destroyed', () => {
      const pipe = new Pipe();
      pipe.destroy();

      backend.handleConnection(pipe);

      expect(pipe.listenerCount('data')).to.equal(0);
    });
  });

  describe('handleUpgrade()', () => {
    it('reads what followed the request, in any kind of byte array', async () => {
      const pipe = new Pipe();
      const lines = upgradeRequest().split('\r\n').slice(1, -2);
      const rawHeaders = lines.flatMap((line) => line.split(': '));

      backend.handleUpgrade(
        { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders },
        pipe,
        new Uint8Array([0x81, 0x82, 0, 0, 0, 0, 0x48, 0x69]),
      );

      const [socket] = events.sockets;
      const message = emitted(socket!.textMessageReceived);
      socket!.close();
      expect(await message).to.deep.equal(['Hi']);
    });
  });

  describe('attached', () => {
    it('listens where and when the HTTP server does', async () => {
      const http = createHttpServer();
      backend.attach(http, undefined);
      expect([backend.isListening(), backend.port(), backend.address().isNull()]).to.deep.equal([
        false,
        0,
        true,
      ]);

      await listenOnLoopback(http);

      expect(backend.isListening()).to.equal(true);
      expect(backend.port()).to.equal((http.address() as AddressInfo).port);
      expect(backend.address().toString()).to.equal('127.0.0.1');
      expect(backend.socketDescriptor()).to.equal(-1);
      http.close();
    });

    for (const [address, isOnLoopback] of [
      ['127.0.0.1', true],
      ['0.0.0.0', false],
    ] as const) {
      it(`${isOnLoopback ? 'is' : 'is not'} on loopback with an HTTP server on ${address}`, async () => {
        const http = createHttpServer();
        backend.attach(http, undefined);
        expect(backend.isOnLoopback()).to.equal(false);

        http.listen(0, address);
        await once(http, 'listening');
        expect(backend.isOnLoopback()).to.equal(isOnLoopback);

        http.close();
        await once(http, 'close');
        expect(backend.isOnLoopback()).to.equal(false);
      });
    }

    it('is on loopback with an HTTP server there, wherever it listens itself', async () => {
      const http = createHttpServer();
      await listenOnLoopback(http);
      backend.listen(QHostAddress.AnyIPv4, 0);
      expect(backend.isOnLoopback()).to.equal(false);

      backend.attach(http, undefined);

      expect(backend.isOnLoopback()).to.equal(true);
      http.close();
    });

    it('leaves one HTTP server for the other', () => {
      const [first, second] = [createHttpServer(), createHttpServer()];

      backend.attach(first, undefined);
      backend.attach(second, '/chat');
      expect([first, second].map((http) => http.listenerCount('upgrade'))).to.deep.equal([0, 1]);
      backend.detach();
      backend.detach();

      expect(second.listenerCount('upgrade')).to.equal(0);
    });

    it('leaves it when closed', () => {
      const http = createHttpServer();
      backend.attach(http, undefined);

      backend.close();

      expect(http.listenerCount('upgrade')).to.equal(0);
    });
  });

  describe('sockets()', () => {
    it('lists those whose connections are not gone, anew for each call', async () => {
      const pipes = [new Pipe(), new Pipe()];
      for (const pipe of pipes) {
        pipe.push(upgradeRequest());
        const connected = events.nextSocket();
        backend.handleConnection(pipe);
        await connected;
      }
      const before = backend.sockets();
      expect(before).to.deep.equal(events.sockets);

      pipes[0]!.destroy();
      await once(pipes[0]!, 'close');
      expect(backend.sockets()).to.deep.equal([events.sockets[1]]);

      expect(before).to.have.lengthOf(2);
    });
  });

  describe('abortConnections()', () => {
    it('leaves a socket alone that a slot has opened somewhere else', async () => {
      const sockets: QWebSocketBase[] = [];
      for (const pipe of [new Pipe(), new Pipe()]) {
        pipe.push(upgradeRequest());
        const connected = events.nextSocket();
        backend.handleConnection(pipe);
        sockets.push(await connected);
      }
      backend.listen(QHostAddress.LocalHost, 0);
      sockets[0]!.disconnected.connect(() => sockets[1]!.open(`ws://127.0.0.1:${backend.port()}`));

      backend.abortConnections();

      expect(sockets[1]!.state()).to.equal(SocketState.ConnectingState);
      sockets[1]!.abort();
    });

    it('gives up every connection that is open', async () => {
      backend.listen(QHostAddress.LocalHost, 0);
      const raw = await client();
      const connected = events.nextSocket();
      raw.write(upgradeRequest());
      const socket = await connected;
      await raw.hears('\r\n\r\n');
      const disconnected = spy();
      socket.disconnected.connect(disconnected);

      backend.abortConnections();

      expect(disconnected.callCount).to.equal(1);
      await raw.ended();
    });

    it('does not keep sockets alive whose connection is gone', async () => {
      await untilCollected(await socketThatIsGone());
    });

    it('leaves a socket alone whose connection is gone', async () => {
      const pipe = new Pipe();
      pipe.push(upgradeRequest());
      const connected = events.nextSocket();
      backend.handleConnection(pipe);
      const socket = await connected;
      const abort = spy(socket, 'abort');

      pipe.destroy();
      backend.abortConnections();
      await once(pipe, 'close');
      backend.abortConnections();

      expect(abort.callCount).to.equal(0);
    });
  });

  describe('limits', () => {
    let limits: { -readonly [Name in keyof ServerSettings]: ServerSettings[Name] };
    let limited: ListenerBackend;

    beforeEach(() => {
      limits = { ...SERVER_SETTINGS };
      limited = new ListenerBackend(events, limits);
    });

    afterEach(() => {
      limited.close();
      limited.abortConnections();
    });

    /** A client that has connected and said `words`. */
    function join(words = '', remoteAddress = '192.0.2.1'): Pipe {
      const pipe = Object.assign(new Pipe(), { remoteAddress });
      limited.handleConnection(pipe);
      if (words !== '') pipe.push(words);
      return pipe;
    }

    async function leave(pipe: Pipe): Promise<void> {
      pipe.destroy();
      await once(pipe, 'close');
    }

    it('turn clients away when there are as many as there may be, open or not', async () => {
      limits.maxConnections = 2;
      const accepted = events.nextSocket();
      const open = join(upgradeRequest());
      await accepted;
      const silent = join();

      const extra = join();
      await once(extra, 'finish');

      expect(extra.told).to.match(/^HTTP\/1\.1 503 .*There are too many connections\.\n$/s);
      expect(events.refusals.map(inWords)).to.deep.equal([
        [CloseCode.CloseCodeAbnormalDisconnection, 'Too many connections.'],
      ]);
      expect([open.destroyed, silent.destroyed]).to.deep.equal([false, false]);
    });

    it('make room for others when a client has left', async () => {
      limits.maxConnections = 1;
      const accepted = events.nextSocket();
      const first = join(upgradeRequest());
      await accepted;
      await leave(first);

      join(upgradeRequest());
      await events.nextSocket();

      expect(events.refusals.map(inWords)).to.deep.equal([]);
    });

    it('do not count those who are turned away', async () => {
      limits.maxConnections = 1;
      const first = join();
      join();
      await leave(first);

      join();

      expect(events.refusals).to.have.lengthOf(1);
    });

    it('turn the clients of an address away that has as many as it may have', () => {
      limits.maxConnectionsPerAddress = 1;
      join('', '192.0.2.1');
      join('', '192.0.2.2');
      join('', '2001:db8::1');
      expect(events.refusals.map(inWords)).to.deep.equal([]);

      join('', '192.0.2.1');
      join('', '2001:db8::2');

      expect(events.refusals.map(inWords)).to.deep.equal([
        [CloseCode.CloseCodeAbnormalDisconnection, 'Too many connections from one address.'],
        [CloseCode.CloseCodeAbnormalDisconnection, 'Too many connections from one address.'],
      ]);
    });

    it('hold for what a shared HTTP server passes on', async () => {
      limits.maxConnections = 0;
      const pipe = new Pipe();

      limited.handleUpgrade(
        { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: [] },
        pipe,
        Buffer.alloc(0),
      );
      await once(pipe, 'finish');

      expect(pipe.told).to.match(/^HTTP\/1\.1 503 /);
    });

    it('are told to 64 clients at a time, and others are cut', () => {
      limits.maxConnections = 0;
      for (let i = 0; i < 64; i++) expect(join().destroyed).to.equal(false);

      expect(join().destroyed).to.equal(true);
      expect(events.refusals).to.have.lengthOf(65);
    });

    it('are told to the next one when one of those has left', async () => {
      limits.maxConnections = 0;
      const first = join();
      for (let i = 0; i < 63; i++) join();
      await leave(first);

      expect(join().destroyed).to.equal(false);
    });

    it('cut a client before TLS', () => {
      limited = new ListenerBackend(events, { ...limits, isSecure: true, maxConnections: 0 });

      const pipe = join();

      expect(pipe.destroyed).to.equal(true);
      expect(pipe.told).to.equal('');
      expect(events.refusals).to.have.lengthOf(1);
    });

    it('count a client of TLS once, from the beginning to the end', async () => {
      limits.maxConnections = 1;
      limited = new ListenerBackend(events, { ...limits, isSecure: true });
      limited.setSslConfiguration(identified());
      limited.listen(QHostAddress.LocalHost, 0);
      const accepted = events.nextSocket();
      const raw = await connectSecurely(limited.port());
      clients.push(raw);
      raw.write(upgradeRequest());
      const socket = await accepted;
      expect(join().destroyed).to.equal(true);

      const disconnected = emitted(socket.disconnected);
      raw.socket.destroy();
      await disconnected;

      expect(join().destroyed).to.equal(false);
    });

    it('leave those in who came when there was none', () => {
      const first = join();
      limits.maxConnections = 0;

      expect(join().destroyed).to.equal(false);
      expect(first.destroyed).to.equal(false);
      expect(events.refusals).to.have.lengthOf(1);
    });

    it('refuse a new handshake while those under way are young', async () => {
      limits.maxPendingHandshakes = 2;
      join();
      join();

      const extra = join();
      await once(extra, 'finish');

      expect(extra.told).to.match(/^HTTP\/1\.1 503 /);
      expect(events.refusals.map(inWords)).to.deep.equal([
        [CloseCode.CloseCodeAbnormalDisconnection, 'Too many pending handshakes.'],
      ]);
    });

    it('cut the handshake that is under way longest after a second', () => {
      const clock = useFakeTimers({ toFake: ['performance'] });
      limits.maxPendingHandshakes = 2;
      const first = join();
      clock.tick(999);
      const second = join();
      expect(join().told).to.not.equal('');
      expect(first.destroyed).to.equal(false);

      clock.tick(1);
      const third = join();

      expect([first, second, third].map(({ destroyed }) => destroyed)).to.deep.equal([
        true,
        false,
        false,
      ]);
      expect(third.told).to.equal('');
    });

    it('let any number of clients be open when handshakes alone are limited', async () => {
      limits.maxPendingHandshakes = 1;
      for (let i = 0; i < 3; i++) {
        const accepted = events.nextSocket();
        join(upgradeRequest());
        await accepted;
      }

      expect(events.sockets).to.have.lengthOf(3);
    });

    it('leave nobody behind when the server is closed', () => {
      limits.maxConnections = 0;
      const extra = join();

      limited.close();

      expect(extra.destroyed).to.equal(true);
    });
  });

  describe('over TLS', () => {
    const anySettings: ServerSettings = { ...SERVER_SETTINGS, isSecure: true };
    let secure: ListenerBackend;

    beforeEach(() => {
      secure = new ListenerBackend(events, anySettings);
      secure.setSslConfiguration(identified());
    });

    afterEach(() => {
      secure.close();
      secure.abortConnections();
    });

    async function secureClient(): Promise<RawClient> {
      const raw = await connectSecurely(secure.port());
      clients.push(raw);
      return raw;
    }

    /** The key of another certificate than the one that is shown. */
    function mismatched(): QSslConfiguration {
      const configuration = identified('client');
      configuration.setLocalCertificate(certificate('server'));
      return configuration;
    }

    it('takes requests, which are of wss', async () => {
      expect(secure.listen(QHostAddress.LocalHost, 0)).to.equal('');
      const accepted = events.nextSocket();

      (await secureClient()).write(upgradeRequest());

      const socket = await accepted;
      expect(socket.requestUrl().toString()).to.equal('wss://127.0.0.1/');
      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
      expect(socket.peerPort()).to.equal(clients[0]!.socket.localPort);
    });

    it('answers a bad request in HTTP', async () => {
      secure.listen(QHostAddress.LocalHost, 0);
      const raw = await secureClient();

      raw.write('GET / HTTP/1.1\r\n\r\n');

      expect(await raw.ended()).to.match(/^HTTP\/1\.1 4/);
      expect(events.refusals.map(inWords)).to.deep.equal([]);
    });

    it('makes sockets that know the client and the session', async () => {
      secure.listen(QHostAddress.LocalHost, 0);
      const accepted = events.nextSocket();
      const raw = await connectSecurely(secure.port(), presenting('client'));
      clients.push(raw);

      raw.write(upgradeRequest());

      const told = (await accepted).sslConfiguration();
      expect(told.peerCertificate().equals(certificate('client'))).to.equal(true);
      expect(told.sessionCipher().isNull()).to.equal(false);
      expect(told.localCertificate().equals(certificate('server'))).to.equal(true);
    });

    it('has one deadline for TLS and HTTP', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const readsRequest = spy(Http1Acceptor.prototype, 'start');
      secure = new ListenerBackend(events, { ...anySettings, handshakeTimeout: 250 });
      secure.setSslConfiguration(identified());
      secure.listen(QHostAddress.LocalHost, 0);
      const raw = await RawClient.connect(secure.port());
      clients.push(raw);
      while (clock.countTimers() === 0) await setImmediate();
      clock.tick(200);
      const socket = tls.connect({ socket: raw.socket, rejectUnauthorized: false });
      const inner = new RawClient(socket);
      while (!readsRequest.called) await setImmediate();

      clock.tick(49);
      expect(inner.text).to.equal('');
      clock.tick(1);

      expect((await inner.ended()).startsWith('HTTP/1.1 408 ')).to.equal(true);
    });

    it('has a deadline that a request does not put off by dripping', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      const received = spy(Http1Acceptor.prototype, 'received');
      secure = new ListenerBackend(events, { ...anySettings, handshakeTimeout: 250 });
      secure.setSslConfiguration(identified());
      secure.listen(QHostAddress.LocalHost, 0);
      const raw = await secureClient();

      for (const [i, letter] of 'GET /'.split('').entries()) {
        expect(raw.text).to.equal('');
        raw.write(letter);
        while (received.callCount === i) await setImmediate();
        clock.tick(50);
      }

      expect((await raw.ended()).startsWith('HTTP/1.1 408 ')).to.equal(true);
    });

    it('cuts what is within TLS when it is closed', async () => {
      secure.listen(QHostAddress.LocalHost, 0);
      const raw = await RawClient.connect(secure.port());
      clients.push(raw);
      await roundTrip();

      secure.close();

      expect(await raw.ended()).to.equal('');
    });

    it('leaves open connections alone when it is closed', async () => {
      secure.listen(QHostAddress.LocalHost, 0);
      const accepted = events.nextSocket();
      const raw = await secureClient();
      raw.write(upgradeRequest());
      const socket = await accepted;

      secure.close();

      socket.sendTextMessage('still here');
      expect(await raw.hears('still here')).to.contain('still here');
    });

    it('is put off while paused, and done when resumed', async () => {
      secure.listen(QHostAddress.LocalHost, 0);
      secure.pauseAccepting();
      const through = secureClient();
      await roundTrip();
      const accepted = events.nextSocket();

      secure.resumeAccepting();

      (await through).write(upgradeRequest());
      expect((await accepted).isValid()).to.equal(true);
    });

    describe('handleConnection()', () => {
      it('speaks TLS on what is not encrypted, without listening', async () => {
        const [near, far] = duplexPair();
        const accepted = events.nextSocket();

        secure.handleConnection(far);
        const socket = tls.connect({ socket: near, ca: pem('ca.crt'), servername: 'localhost' });
        socket.write(upgradeRequest());

        expect((await accepted).requestUrl().scheme()).to.equal('wss');
        socket.destroy();
      });

      it('takes what has been put back', async () => {
        const server = net.createServer();
        server.listen(0, '127.0.0.1');
        const accepted = events.nextSocket();
        server.on('connection', (stream) => {
          stream.once('data', (chunk: Buffer) => {
            stream.pause();
            stream.unshift(chunk);
            secure.handleConnection(stream);
          });
        });

        await once(server, 'listening');
        const raw = await connectSecurely((server.address() as AddressInfo).port);
        clients.push(raw);
        raw.write(upgradeRequest());

        expect((await accepted).isValid()).to.equal(true);
        server.close();
      });

      it('takes a TLS socket as it is', async () => {
        const server = tls.createServer(presenting('self-signed'));
        server.on('secureConnection', (stream) => secure.handleConnection(stream));
        await listenOnLoopback(server);
        const accepted = events.nextSocket();
        const raw = await connectSecurely((server.address() as AddressInfo).port, {
          rejectUnauthorized: false,
        });
        clients.push(raw);

        raw.write(upgradeRequest());

        const socket = await accepted;
        expect(socket.requestUrl().scheme()).to.equal('wss');
        expect(socket.sslConfiguration().sessionCipher().isNull()).to.equal(false);
        server.close();
      });

      it('takes another stream as it is that says it is encrypted', async () => {
        const pipe = Object.assign(new Pipe(), { encrypted: true });
        pipe.push(upgradeRequest());
        const accepted = events.nextSocket();

        secure.handleConnection(pipe);

        expect((await accepted).sslConfiguration().sessionCipher().isNull()).to.equal(true);
      });

      it('refuses all when OpenSSL does not take the configuration', () => {
        secure.setSslConfiguration(mismatched());
        const pipe = new Pipe();

        secure.handleConnection(pipe);

        expect(pipe.destroyed).to.equal(true);
        expect(events.refusals.map(([code]) => code)).to.deep.equal([1006]);
        expect(events.refusals[0]![1]).to.match(
          /^Error creating SSL context \(.*mismatch\) \(TLS: /,
        );
      });

      it('does nothing with a stream that is destroyed', () => {
        const pipe = new Pipe();
        pipe.destroy();

        secure.handleConnection(pipe);

        expect(pipe.listenerCount('close')).to.equal(0);
      });
    });

    it('tells about the session of an HTTPS server that it is attached to', async () => {
      const https = createHttpsServer(presenting('server'));
      await listenOnLoopback(https);
      secure.attach(https, undefined);
      const accepted = events.nextSocket();
      const raw = await connectSecurely((https.address() as AddressInfo).port);
      clients.push(raw);

      raw.write(upgradeRequest());

      const socket = await accepted;
      expect(socket.requestUrl().scheme()).to.equal('wss');
      expect(socket.sslConfiguration().sessionCipher().isNull()).to.equal(false);
      https.close();
    });

    it('cuts a client of such a server that negotiates anew', async () => {
      const https = createHttpsServer(presenting('server'));
      await listenOnLoopback(https);
      secure.attach(https, undefined);
      const accepted = events.nextSocket();
      const raw = await connectSecurely((https.address() as AddressInfo).port, {
        maxVersion: 'TLSv1.2',
      });
      clients.push(raw);
      raw.write(upgradeRequest());
      const socket = await accepted;
      socket.setCloseTimeout(0);
      await raw.hears('\r\n\r\n');

      (raw.socket as TLSSocket).renegotiate({}, () => {});

      await emitted(socket.disconnected);
      expect(socket.closeCode()).to.equal(1006);
      https.close();
    });

    describe('setSslConfiguration()', () => {
      /** Who the server says it is. */
      async function shown(raw: RawClient): Promise<string> {
        const { CN } = (raw.socket as TLSSocket).getPeerCertificate().subject;
        return String(CN);
      }

      it('changes the certificate for later connections', async () => {
        secure.listen(QHostAddress.LocalHost, 0);
        const accepted = events.nextSocket();
        const first = await secureClient();
        first.write(upgradeRequest());
        const socket = await accepted;
        await first.hears('\r\n\r\n');

        expect(secure.setSslConfiguration(identified('other-host'))).to.equal('');
        const second = await connectSecurely(secure.port(), { servername: 'other.example' });
        clients.push(second);

        expect([await shown(first), await shown(second)]).to.deep.equal([
          'localhost',
          'other.example',
        ]);
        socket.sendTextMessage('still here');
        expect(await first.hears('still here')).to.contain('still here');
      });

      it('keeps the configuration of before when the new one is not taken', async () => {
        secure.listen(QHostAddress.LocalHost, 0);

        const problem = secure.setSslConfiguration(mismatched());

        expect(problem).to.match(/^Error creating SSL context \(.*mismatch\) \(TLS: /);
        const kept = secure.sslConfiguration().localCertificate();
        expect(kept.equals(certificate('server'))).to.equal(true);
        expect(await shown(await secureClient())).to.equal('localhost');
      });

      it('counts from the next listen() on when the server was closed', async () => {
        secure.listen(QHostAddress.LocalHost, 0);
        secure.close();

        secure.setSslConfiguration(identified('other-host'));
        secure.listen(QHostAddress.LocalHost, 0);
        const raw = await connectSecurely(secure.port(), { servername: 'other.example' });
        clients.push(raw);

        expect(await shown(raw)).to.equal('other.example');
      });

      it('is tried by listen() and setSocketDescriptor() when nothing listens', () => {
        expect(secure.setSslConfiguration(mismatched())).to.equal('');

        const text = /^Error creating SSL context \(.*mismatch\) \(TLS: /;
        expect(secure.listen(QHostAddress.LocalHost, 0)).to.match(text);
        expect(secure.setSocketDescriptor(0)).to.match(text);
        expect(secure.isListening()).to.equal(false);
      });

      it('makes one secure context for all connections', async () => {
        const createSecureContext = spy(tls, 'createSecureContext');
        secure.listen(QHostAddress.LocalHost, 0);

        for (let i = 0; i < 3; i++) await secureClient();

        const own = createSecureContext.args.filter(([options]) => options?.cert !== undefined);
        expect(own).to.have.lengthOf(1);
      });
    });

    it('begins with the default configuration', () => {
      const fresh = new ListenerBackend(events, anySettings);

      const expected = QSslConfiguration.defaultConfiguration();
      expect(fresh.sslConfiguration().equals(expected)).to.equal(true);
      expect(backend.sslConfiguration().equals(expected)).to.equal(true);
    });

    it('listens without a certificate, and no client gets through', async () => {
      const bare = new ListenerBackend(events, anySettings);
      expect(bare.listen(QHostAddress.LocalHost, 0)).to.equal('');

      let code: string | undefined;
      await connectSecurely(bare.port()).catch(
        (error: NodeJS.ErrnoException) => (code = error.code),
      );

      expect(code).to.match(/ALERT_HANDSHAKE_FAILURE$/);
      bare.close();
    });

    it('may be closed while it asks for a key', async () => {
      events.answer = () => secure.close();
      secure.setSslConfiguration(sharingKey());
      secure.listen(QHostAddress.LocalHost, 0);

      const attempt = connectSecurely(secure.port(), {
        ciphers: 'PSK-AES256-CBC-SHA',
        maxVersion: 'TLSv1.2',
        pskCallback: () => ({ psk: Buffer.from('key'), identity: 'me' }),
      });

      const { code } = await attempt.then(
        () => ({ code: 'none' }),
        (error: NodeJS.ErrnoException) => error,
      );
      expect(code).to.equal('ECONNRESET');
      expect(events.sockets).to.deep.equal([]);
    });

    it('asks for the key that both sides know', async () => {
      events.answer = (authenticator) => authenticator.setPreSharedKey(Buffer.from('key'));
      secure.setSslConfiguration(sharingKey());
      secure.listen(QHostAddress.LocalHost, 0);
      const accepted = events.nextSocket();
      const raw = await connectSecurely(secure.port(), {
        ciphers: 'PSK-AES256-CBC-SHA',
        maxVersion: 'TLSv1.2',
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk: Buffer.from('key'), identity: 'me' }),
      });
      clients.push(raw);

      raw.write(upgradeRequest());

      expect((await accepted).isValid()).to.equal(true);
      expect(events.addresses).to.deep.equal(['127.0.0.1']);
    });
  });

  async function socketThatIsGone(): Promise<WeakRef<QWebSocketBase>> {
    const pipe = new Pipe();
    pipe.push(upgradeRequest());
    const connected = events.nextSocket();
    backend.handleConnection(pipe);
    const socket = new WeakRef(await connected);
    events.sockets.length = 0;
    pipe.destroy();
    await once(pipe, 'close');
    return socket;
  }

  /** Lets a connection come and be answered, on another port. */
  async function roundTrip(): Promise<void> {
    const other = new ListenerBackend(new RecordingServerEvents(), SERVER_SETTINGS);
    other.listen(QHostAddress.LocalHost, 0);
    const raw = await RawClient.connect(other.port());
    raw.write('garbage\r\n\r\n');
    await raw.ended();
    other.close();
  }
});
