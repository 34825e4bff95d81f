import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { restore, spy } from 'sinon';
import { ListenerBackend } from '../../lib/node/listener-backend.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import type { ServerBackendEvents, ServerSettings } from '../../lib/websockets/server-backend.ts';
import { emitted } from '../support/emitted.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';

const settings: ServerSettings = {
  serverName: '',
  supportedSubprotocols: [],
  handshakeTimeout: 10_000,
  isSecure: false,
};

class RecordingEvents implements ServerBackendEvents {
  readonly sockets: QWebSocketBase[] = [];
  readonly failures: SocketError[] = [];
  readonly #waiting: ((socket: QWebSocketBase) => void)[] = [];

  hasRoom(): boolean {
    return true;
  }

  isOriginAllowed(): boolean {
    return true;
  }

  connected(socket: QWebSocketBase): void {
    this.sockets.push(socket);
    for (const resolve of this.#waiting.splice(0)) resolve(socket);
  }

  refused(): void {}

  acceptFailed(error: SocketError): void {
    this.failures.push(error);
  }

  nextSocket(): Promise<QWebSocketBase> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A stream that is no socket: it says a request and keeps what it is told. */
class Pipe extends Duplex {
  told = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.told += chunk.toString('latin1');
    done();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

describe('ListenerBackend', () => {
  let events: RecordingEvents;
  let backend: ListenerBackend;
  let clients: RawClient[];

  beforeEach(() => {
    events = new RecordingEvents();
    backend = new ListenerBackend(events, settings);
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

    it('says what went wrong as Qt does', () => {
      backend.listen(QHostAddress.LocalHost, 0);
      const other = new ListenerBackend(events, settings);

      expect(other.listen(QHostAddress.LocalHost, backend.port())).to.equal(
        'The bound address is already in use',
      );
      expect(other.listen(new QHostAddress('198.51.100.7'), 0)).to.equal(
        'The address is not available',
      );
      expect(other.isListening()).to.equal(false);
    });

    it('fails on a secure server, as setSocketDescriptor() does', () => {
      const secure = new ListenerBackend(events, { ...settings, isSecure: true });
      const text = 'Secure servers are not available yet.';

      expect(secure.listen(QHostAddress.LocalHost, 0)).to.equal(text);
      expect(secure.setSocketDescriptor(0)).to.equal(text);
    });
  });

  describe('setSocketDescriptor()', () => {
    it('says what went wrong', () => {
      expect(backend.setSocketDescriptor(-2)).to.equal('Listening failed (EBADF).');
      expect(backend.socketDescriptor()).to.equal(-1);
    });

    it('listens on a socket that is bound', async function () {
      if (process.platform === 'win32') this.skip();
      const create = Reflect.get(net, '_createServerHandle') as (...args: unknown[]) => {
        fd: number;
      };
      const { fd } = create('127.0.0.1', 0, 4);

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

      http.listen(0, '127.0.0.1');
      await once(http, 'listening');

      expect(backend.isListening()).to.equal(true);
      expect(backend.port()).to.equal((http.address() as AddressInfo).port);
      expect(backend.address().toString()).to.equal('127.0.0.1');
      expect(backend.socketDescriptor()).to.equal(-1);
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

  describe('abortConnections()', () => {
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
      const socket = await socketThatIsGone();

      collectGarbage();

      expect(socket.deref()).to.equal(undefined);
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

  async function socketThatIsGone(): Promise<WeakRef<QWebSocketBase>> {
    const pipe = new Pipe();
    pipe.push(upgradeRequest());
    const connected = events.nextSocket();
    backend.handleConnection(pipe);
    const socket = new WeakRef(await connected);
    events.sockets.length = 0;
    pipe.destroy();
    await once(pipe, 'close');
    // A WeakRef keeps what it was asked for until the turn is over.
    await roundTrip();
    return socket;
  }

  /** Lets a connection come and be answered, on another port. */
  async function roundTrip(): Promise<void> {
    const other = new ListenerBackend(new RecordingEvents(), settings);
    other.listen(QHostAddress.LocalHost, 0);
    const raw = await RawClient.connect(other.port());
    raw.write('garbage\r\n\r\n');
    await raw.ended();
    other.close();
  }
});
