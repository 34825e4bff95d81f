import { expect } from 'chai';
import { assert, restore, spy, stub, useFakeTimers } from 'sinon';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { AlertLevel, AlertType } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import type { AcceptedHandshake } from '../../lib/websockets/accepted-handshake.ts';
import { adopt, type QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import type { QWebSocketCorsAuthenticator } from '../../lib/websockets/qwebsocketcorsauthenticator.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import { QWebSocketServerBase, SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { ServerCounters } from '../../lib/websockets/server-counters.ts';
import type { ServerStatistics } from '../../lib/websockets/server-statistics.ts';
import type {
  ServerBackend,
  ServerBackendEvents,
  ServerSettings,
  UnverifiedClient,
  UpgradeSource,
} from '../../lib/websockets/server-backend.ts';
import type { PreparedContent } from '../../lib/websockets/socket-backend.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { wordsOf } from '../support/words-of.ts';

const HANDSHAKE: AcceptedHandshake = {
  origin: '',
  written: { url: new QUrl('ws://localhost/'), headers: new QHttpHeaders(), subprotocols: [] },
};

/** A backend that does as it is told. */
class ToldBackend implements ServerBackend {
  readonly calls: string[] = [];
  readonly open: QWebSocketBase[] = [];
  readonly sources: (UpgradeSource | ServerBackend)[] = [];
  failure = '';
  bound: QHostAddress | undefined;
  path = '';
  configuration: QSslConfiguration = new QSslConfiguration();

  listen(address: QHostAddress, port: number): string {
    this.calls.push(`listen ${address.toString()} ${port}`);
    if (this.failure === '') this.bound = address;
    return this.failure;
  }

  listenLocal(path: string): string {
    this.calls.push(`listenLocal ${path}`);
    if (this.failure === '') {
      this.bound = new QHostAddress();
      this.path = path;
    }
    return this.failure;
  }

  setSocketDescriptor(descriptor: number): string {
    this.calls.push(`setSocketDescriptor ${descriptor}`);
    return this.failure;
  }

  statistics(waiting: number): ServerStatistics {
    return new ServerCounters().statistics(waiting);
  }

  attach(source: UpgradeSource | ServerBackend, path: string | undefined): string {
    this.calls.push(`attach ${path}`);
    this.sources.push(source);
    return this.failure;
  }

  detach(): void {
    this.calls.push('detach');
  }

  handleConnection(): void {
    this.calls.push('handleConnection');
  }

  handleUpgrade(): void {
    this.calls.push('handleUpgrade');
  }

  close(): void {
    this.calls.push('close');
    this.bound = undefined;
  }

  sockets(): QWebSocketBase[] {
    return [...this.open];
  }

  abortConnections(): void {
    this.calls.push('abortConnections');
  }

  isListening(): boolean {
    return this.bound !== undefined;
  }

  address(): QHostAddress {
    return this.bound ?? new QHostAddress();
  }

  isOnLoopback(): boolean {
    return this.address().isLoopback();
  }

  localPath(): string {
    return this.path;
  }

  port(): number {
    return this.isListening() ? 8080 : 0;
  }

  socketDescriptor(): number {
    return this.isListening() ? 7 : -1;
  }

  pauseAccepting(): void {
    this.calls.push('pauseAccepting');
  }

  resumeAccepting(): void {
    this.calls.push('resumeAccepting');
  }

  sslConfiguration(): QSslConfiguration {
    return this.configuration;
  }

  setSslConfiguration(configuration: QSslConfiguration): string {
    this.calls.push('setSslConfiguration');
    if (this.failure === '') this.configuration = configuration;
    return this.failure;
  }
}

/** A client that could not be verified. */
class SomeClient implements UnverifiedClient {
  isIgnored = false;

  peerAddress(): QHostAddress {
    return new QHostAddress('192.0.2.1');
  }

  peerPort(): number {
    return 4711;
  }

  sslConfiguration(): QSslConfiguration {
    return new QSslConfiguration();
  }

  ignoreSslErrors(): void {
    this.isIgnored = true;
  }
}

class TestServer extends QWebSocketServerBase {
  readonly backend: ToldBackend;
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;

  constructor(serverName = '', secureMode: SslMode = SslMode.NonSecureMode) {
    const backend = new ToldBackend();
    const given: { events?: ServerBackendEvents; settings?: Readonly<ServerSettings> } = {};
    super(serverName, secureMode, null, (events, settings) => {
      Object.assign(given, { events, settings });
      return backend;
    });
    this.backend = backend;
    this.events = given.events!;
    this.settings = given.settings!;
  }
}

describe('QWebSocketServer', () => {
  let server: TestServer;

  beforeEach(() => {
    server = new TestServer();
  });

  afterEach(() => {
    restore();
  });

  describe('a new server', () => {
    const initial: Record<string, [read: () => unknown, expected: unknown]> = {
      serverName: [() => server.serverName(), ''],
      secureMode: [() => server.secureMode(), SslMode.NonSecureMode],
      isListening: [() => server.isListening(), false],
      maxPendingConnections: [() => server.maxPendingConnections(), 30],
      serverPort: [() => server.serverPort(), 0],
      serverAddress: [() => server.serverAddress().isNull(), true],
      serverUrl: [() => server.serverUrl().isValid(), false],
      socketDescriptor: [() => server.socketDescriptor(), -1],
      nativeDescriptor: [() => server.nativeDescriptor(), -1],
      hasPendingConnections: [() => server.hasPendingConnections(), false],
      nextPendingConnection: [() => server.nextPendingConnection(), null],
      error: [() => server.error(), CloseCode.CloseCodeNormal],
      errorString: [() => server.errorString(), ''],
      handshakeTimeout: [() => server.handshakeTimeout(), 10_000],
      handshakeTimeoutMS: [() => server.handshakeTimeoutMS(), 10_000],
      maxPendingHandshakes: [() => server.maxPendingHandshakes(), 2048],
      maxConnections: [() => server.maxConnections(), -1],
      maxConnectionsPerAddress: [() => server.maxConnectionsPerAddress(), -1],
      supportedSubprotocols: [() => server.supportedSubprotocols(), []],
      supportedVersions: [() => server.supportedVersions(), [13]],
      isCompressionEnabled: [() => server.isCompressionEnabled(), false],
      'compressionOptions().level': [() => server.compressionOptions().level, 6],
      isOriginCheckEnabled: [() => server.isOriginCheckEnabled(), true],
      proxy: [() => server.proxy().type(), ProxyType.DefaultProxy],
    };
    for (const [name, [read, expected]] of Object.entries(initial)) {
      it(`has ${name}() ${JSON.stringify(expected)}`, () => {
        expect(read()).to.deep.equal(expected);
      });
    }

    it('has the name and mode that it was made with', () => {
      const secure = new TestServer('Echo', QWebSocketServerBase.SecureMode);

      expect(secure.serverName()).to.equal('Echo');
      expect(secure.secureMode()).to.equal(QWebSocketServerBase.SslMode.SecureMode);
    });
  });

  describe('setters', () => {
    const integers: [given: number, kept: number][] = [
      [23, 23],
      [0, 0],
      [-(2 ** 31), -(2 ** 31)],
      [2 ** 31 - 1, 2 ** 31 - 1],
      [2 ** 40, 2 ** 31 - 1],
      [-Infinity, -(2 ** 31)],
      [1.9, 1],
      [NaN, 0],
    ];
    for (const [given, kept] of integers) {
      it(`keep ${given} as the int ${kept}`, () => {
        server.setMaxPendingConnections(given);
        server.setHandshakeTimeout(given);
        server.setMaxPendingHandshakes(given);
        server.setMaxConnections(given);
        server.setMaxConnectionsPerAddress(given);

        expect(server.maxPendingConnections()).to.equal(kept);
        expect(server.handshakeTimeout()).to.equal(kept);
        expect(server.maxPendingHandshakes()).to.equal(kept);
        expect(server.maxConnections()).to.equal(kept);
        expect(server.maxConnectionsPerAddress()).to.equal(kept);
        expect(server.settings).to.include({
          handshakeTimeout: kept,
          maxPendingHandshakes: kept,
          maxConnections: kept,
          maxConnectionsPerAddress: kept,
        });
      });
    }

    it('change what the backend goes by', () => {
      server.setServerName('Echo');
      server.setSupportedSubprotocols(['chat']);

      expect(server.serverName()).to.equal('Echo');
      expect(server.settings.serverName).to.equal('Echo');
      expect(server.settings.supportedSubprotocols).to.deep.equal(['chat']);
    });

    it('tune the compression of later connections', () => {
      server.setCompressionOptions({ level: 1 });
      expect(server.settings.compression).to.equal(undefined);

      server.setCompressionEnabled(true);
      expect(server.isCompressionEnabled()).to.equal(true);
      expect(server.settings.compression).to.deep.equal(server.compressionOptions());

      server.setCompressionOptions({ level: 2 });
      expect(server.settings.compression!.level).to.equal(2);
      expect(() => server.setCompressionOptions({ level: 10 })).to.throw(RangeError);
      expect(server.settings.compression!.level).to.equal(2);

      server.setCompressionEnabled(false);
      expect(server.settings.compression).to.equal(undefined);
      expect(server.compressionOptions().level).to.equal(2);
    });

    it('copy lists in both directions', () => {
      const protocols = ['chat'];
      server.setSupportedSubprotocols(protocols);
      protocols.push('later');
      server.supportedSubprotocols().push('later');

      expect(server.supportedSubprotocols()).to.deep.equal(['chat']);
    });

    it('copy the proxy', () => {
      const proxy = new QNetworkProxy(ProxyType.Socks5Proxy);
      server.setProxy(proxy);
      proxy.setType(ProxyType.NoProxy);

      expect(server.proxy().type()).to.equal(ProxyType.Socks5Proxy);
    });

    it('take a kind of proxy for a proxy', () => {
      server.setProxy(ProxyType.NoProxy);

      expect(server.proxy().type()).to.equal(ProxyType.NoProxy);
    });
  });

  describe('listen()', () => {
    const addresses: [given: QHostAddress | string | number | undefined, bound: string][] = [
      [undefined, '0.0.0.0'],
      [QHostAddress.LocalHost, '127.0.0.1'],
      [QHostAddress.SpecialAddress.LocalHostIPv6, '::1'],
      ['192.0.2.1', '192.0.2.1'],
      ['localhost', '127.0.0.1'],
    ];
    for (const [given, bound] of addresses) {
      it(`takes ${String(given)} for ${bound}`, () => {
        expect(server.listen(given as QHostAddress)).to.equal(true);
        expect(server.backend.calls).to.deep.equal([`listen ${bound} 0`]);
      });
    }

    it('does not look names up', () => {
      expect(server.listen('example.com')).to.equal(false);
      expect(server.backend.calls).to.deep.equal([]);
      expect(wordsOf(server.errorString())).to.equal('"example.com" is not a numeric address.');
    });

    it('emits serverError each time it fails', () => {
      const slot = spy();
      server.serverError.connect(slot);
      server.backend.failure = 'The address is not available';

      expect([server.listen(), server.listen()]).to.deep.equal([false, false]);

      expect(slot.args).to.deep.equal([[1006], [1006]]);
      expect(server.error()).to.equal(CloseCode.CloseCodeAbnormalDisconnection);
      expect(server.errorString()).to.equal('The address is not available');
    });

    it('fails without a text when the server listens already', () => {
      server.listen();
      const slot = spy();
      server.serverError.connect(slot);

      expect(server.listen()).to.equal(false);

      assert.calledOnceWithExactly(slot, 1006);
      expect(wordsOf(server.errorString())).to.equal('The server listens already.');
      expect(server.isListening()).to.equal(true);
    });

    it('keeps the last error when it succeeds', () => {
      server.backend.failure = 'The address is not available';
      server.listen();
      server.backend.failure = '';

      expect(server.listen()).to.equal(true);
      expect(server.error()).to.equal(1006);
    });

    for (const port of [-1, 65536, 1.5, NaN]) {
      it(`throws for the port ${port}`, () => {
        expect(() => server.listen(QHostAddress.Any, port)).to.throw(RangeError);
      });
    }

    it('fails through a proxy', () => {
      server.setProxy(new QNetworkProxy(ProxyType.Socks5Proxy));

      expect(server.listen()).to.equal(false);
      expect(wordsOf(server.errorString())).to.equal(
        'Listening through a proxy is not available yet.',
      );
    });
  });

  describe('listenLocal()', () => {
    it('hands the path on', () => {
      expect(server.listenLocal('/run/chat.sock')).to.equal(true);
      expect(server.backend.calls).to.deep.equal(['listenLocal /run/chat.sock']);
      expect(server.serverUrl().toString()).to.equal('ws+unix:/run/chat.sock');
    });

    it('says that TLS is spoken there', () => {
      server = new TestServer('', SslMode.SecureMode);

      server.listenLocal('/run/chat.sock');

      expect(server.serverUrl().toString()).to.equal('wss+unix:/run/chat.sock');
    });

    it('emits serverError when it fails', () => {
      const slot = spy();
      server.serverError.connect(slot);
      server.backend.failure = 'The bound address is already in use';

      expect(server.listenLocal('/run/chat.sock')).to.equal(false);

      assert.calledOnceWithExactly(slot, 1006);
      expect(server.errorString()).to.equal('The bound address is already in use');
    });

    it('fails without a text when the server listens already', () => {
      server.listen();

      expect(server.listenLocal('/run/chat.sock')).to.equal(false);
      expect(wordsOf(server.errorString())).to.equal('The server listens already.');
    });
  });

  describe('setSslConfiguration()', () => {
    const querying = new QSslConfiguration();
    querying.setPeerVerifyMode(PeerVerifyMode.QueryPeer);

    beforeEach(() => {
      server = new TestServer('', SslMode.SecureMode);
    });

    it('keeps a copy, and another one is returned', () => {
      const given = querying.clone();

      server.setSslConfiguration(given);
      given.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
      server.sslConfiguration().setPeerVerifyMode(PeerVerifyMode.VerifyNone);

      expect(server.sslConfiguration().equals(querying)).to.equal(true);
    });

    it('does nothing in NonSecureMode', () => {
      const plain = new TestServer();

      plain.setSslConfiguration(querying);

      expect(plain.backend.calls).to.deep.equal([]);
      expect(plain.sslConfiguration().equals(querying)).to.equal(false);
    });

    it('emits serverError when the configuration is not taken', () => {
      const slot = spy();
      server.serverError.connect(slot);
      server.backend.failure = 'Error creating SSL context (no match)';

      server.setSslConfiguration(querying);

      assert.calledOnceWithExactly(slot, 1006);
      expect(server.errorString()).to.equal('Error creating SSL context (no match)');
      expect(server.sslConfiguration().equals(querying)).to.equal(false);
    });
  });

  describe('setSocketDescriptor()', () => {
    it('has an alias', () => {
      expect([server.setSocketDescriptor(3), server.setNativeDescriptor(4)]).to.deep.equal([
        true,
        true,
      ]);
      expect(server.backend.calls).to.deep.equal([
        'setSocketDescriptor 3',
        'setSocketDescriptor 4',
      ]);
    });

    it('fails as listen() does', () => {
      server.backend.failure = 'Listening failed (EBADF).';

      expect(server.setSocketDescriptor(-2)).to.equal(false);
      expect(server.errorString()).to.equal('Listening failed (EBADF).');
    });

    it('fails while the server listens', () => {
      server.listen();

      expect(server.setSocketDescriptor(3)).to.equal(false);
    });
  });

  describe('serverUrl()', () => {
    const urls: [address: QHostAddress, url: string][] = [
      [QHostAddress.Any, 'ws://127.0.0.1:8080'],
      [QHostAddress.AnyIPv4, 'ws://0.0.0.0:8080'],
      [QHostAddress.AnyIPv6, 'ws://[::]:8080'],
      [QHostAddress.LocalHostIPv6, 'ws://[::1]:8080'],
      [new QHostAddress('192.0.2.1'), 'ws://192.0.2.1:8080'],
    ];
    for (const [address, url] of urls) {
      it(`is ${url} on ${address.toString()} (${address.protocol()})`, () => {
        server.listen(address);

        expect(server.serverUrl().toString()).to.equal(url);
      });
    }

    it('is of wss on a secure server', () => {
      const secure = new TestServer('', SslMode.SecureMode);
      secure.listen(QHostAddress.LocalHost);

      expect(secure.serverUrl().toString()).to.equal('wss://127.0.0.1:8080');
    });
  });

  describe('attach()', () => {
    const source = {} as UpgradeSource;

    it('passes the path on', () => {
      server.attach(source);
      server.attach(source, { path: '/chat' });
      server.detach();

      expect(server.backend.calls).to.deep.equal(['attach undefined', 'attach /chat', 'detach']);
    });

    it('throws what is wrong with the path', () => {
      server.backend.failure = 'Bad path.';

      expect(() => server.attach(source, { path: 'chat' })).to.throw(TypeError, 'Bad path.');
    });

    it('takes another server for what stands below that', () => {
      const other = new TestServer();

      server.attach(other);
      server.attach(source);

      expect(server.backend.sources).to.deep.equal([other.backend, source]);
    });
  });

  describe('pending connections', () => {
    it('are told of one by one and returned in their order', () => {
      const sockets = [new QWebSocket(), new QWebSocket()];
      const seen: boolean[] = [];
      server.newConnection.connect(() => seen.push(server.hasPendingConnections()));

      for (const socket of sockets) server.events.connected(socket);

      expect(seen).to.deep.equal([true, true]);
      expect(server.nextPendingConnection()).to.equal(sockets[0]);
      expect(server.nextPendingConnection()).to.equal(sockets[1]);
      expect(server.hasPendingConnections()).to.equal(false);
      expect(server.nextPendingConnection()).to.equal(null);
    });

    it('have no parent', () => {
      server.events.connected(new QWebSocket());

      expect(server.nextPendingConnection()?.parent()).to.equal(null);
    });

    it('have the backlog limit of their server', () => {
      expect([server.backlogLimit(), server.backlogPolicy()]).to.deep.equal([-1, 0]);
      server.events.connected(new QWebSocket());
      server.setBacklogLimit(1000, BacklogPolicy.Disconnect);
      expect([server.backlogLimit(), server.backlogPolicy()]).to.deep.equal([1000, 1]);

      server.events.connected(new QWebSocket());

      const [before, after] = [server.nextPendingConnection(), server.nextPendingConnection()];
      expect([before!.backlogLimit(), before!.backlogPolicy()]).to.deep.equal([-1, 0]);
      expect([after!.backlogLimit(), after!.backlogPolicy()]).to.deep.equal([1000, 1]);
      expect(() => server.setBacklogLimit(Number.NaN)).to.throw(RangeError);
    });

    it('are limited', () => {
      server.setMaxPendingConnections(1);
      expect(server.events.hasRoom()).to.equal(true);

      server.events.connected(new QWebSocket());
      expect(server.events.hasRoom()).to.equal(false);

      server.nextPendingConnection();
      expect(server.events.hasRoom()).to.equal(true);
    });

    for (const limit of [0, -1]) {
      it(`cannot be with a limit of ${limit}`, () => {
        server.setMaxPendingConnections(limit);

        expect(server.events.hasRoom()).to.equal(false);
      });
    }
  });

  describe('broadcasting', () => {
    /** Sockets of the server that are connected and have been fetched. */
    function fetched(count: number): TestSocket[] {
      return Array.from({ length: count }, () => {
        const socket = new TestSocket();
        adopt(socket, HANDSHAKE, '');
        server.backend.open.push(socket);
        server.events.connected(socket);
        server.nextPendingConnection();
        socket.backend.asked.length = 0;
        return socket;
      });
    }

    function sent(socket: TestSocket): unknown[] {
      return socket.backend.asked.map(([what, message]) =>
        what === 'sendPrepared' ? message : what,
      );
    }

    it('hands one message to every socket', () => {
      const sockets = fetched(3);
      const contents = new Set<PreparedContent>();
      for (const { backend } of sockets) {
        const sendPrepared = backend.sendPrepared.bind(backend);
        backend.sendPrepared = (content) => {
          contents.add(content);
          return sendPrepared(content);
        };
      }

      expect(server.broadcastTextMessage('Grüße')).to.equal(3);
      expect(server.broadcastBinaryMessage(Uint8Array.of(1, 2))).to.equal(3);

      for (const socket of sockets) expect(sent(socket)).to.deep.equal(['Grüße', [1, 2]]);
      expect(contents.size).to.equal(2);
    });

    it('hands over what was prepared elsewhere', () => {
      const [socket] = fetched(1);
      const message = QWebSocketPreparedMessage.fromText('a');

      expect(server.broadcastPreparedMessage(message)).to.equal(1);
      expect(server.broadcastPreparedMessage(message)).to.equal(1);

      expect(sent(socket!)).to.deep.equal(['a', 'a']);
    });

    it('counts empty messages as well', () => {
      fetched(2);

      expect(server.broadcastTextMessage('')).to.equal(2);
      expect(server.broadcastBinaryMessage(new Uint8Array())).to.equal(2);
    });

    it('copies the data', () => {
      const [socket] = fetched(1);
      let content: PreparedContent | undefined;
      socket!.backend.sendPrepared = (given) => {
        content = given;
        return true;
      };
      const data = Uint8Array.of(1);
      server.broadcastBinaryMessage(data);

      data[0] = 2;

      expect([...content!.data]).to.deep.equal([1]);
    });

    it('passes on whether to compress', () => {
      const [socket] = fetched(1);
      server.broadcastTextMessage('a', undefined, { compress: true });
      server.broadcastBinaryMessage(Uint8Array.of(1), undefined, { compress: false });

      expect(socket!.backend.asked).to.deep.equal([
        ['sendPrepared', 'a', true],
        ['sendPrepared', [1], false],
      ]);
    });

    it('reaches nobody when nobody is there', () => {
      expect(server.broadcastTextMessage('a')).to.equal(0);
    });

    it('passes over those that have not been fetched', () => {
      const [first] = fetched(1);
      const waiting = new TestSocket();
      adopt(waiting, HANDSHAKE, '');
      server.backend.open.push(waiting);
      server.events.connected(waiting);
      const filter = stub().returns(true);

      expect(server.broadcastTextMessage('a', filter)).to.equal(1);
      assert.calledOnceWithExactly(filter, first);
      server.nextPendingConnection();
      expect(server.broadcastTextMessage('b')).to.equal(2);

      expect(sent(waiting)).to.deep.equal(['begin', 'b']);
    });

    it('passes over those that are not connected any more', () => {
      const [closing, aborted, deleted, alive] = fetched(4);
      closing!.close();
      aborted!.abort();
      deleted![Symbol.dispose]();
      const filter = stub().returns(true);

      expect(server.broadcastTextMessage('a', filter)).to.equal(1);

      assert.calledOnceWithExactly(filter, alive);
      expect(sent(deleted!)).to.deep.equal(['close']);
    });

    it('passes over those that are connected to somewhere else', () => {
      const [socket] = fetched(1);
      socket!.open('ws://host.example');
      socket!.backend.connection().opened('');

      expect(socket!.isValid()).to.equal(true);
      expect(server.broadcastTextMessage('a')).to.equal(0);
    });

    it('does not count those that refuse', () => {
      const sockets = fetched(3);
      sockets[1]!.backend.isRoomy = false;

      expect(server.broadcastTextMessage('a')).to.equal(2);
    });

    it('reports a stream that throws, and goes on with the others', async () => {
      const sockets = fetched(3);
      sockets[1]!.backend.sendPrepared = () => {
        throw new Error('A stream of their own.');
      };
      let count = 0;

      const errors = await uncaughtErrors(() => {
        count = server.broadcastTextMessage('a');
      });

      expect(count).to.equal(2);
      expect(errors.map((error) => (error as Error).message)).to.deep.equal([
        'A stream of their own.',
      ]);
      expect(sent(sockets[2]!)).to.deep.equal(['a']);
    });

    it('does not take anything else for a message', () => {
      const [socket] = fetched(1);
      for (const wrong of [undefined, null, 5, {}, [1]] as never[]) {
        expect(() => server.broadcastTextMessage(wrong)).to.throw(TypeError);
        expect(() => server.broadcastBinaryMessage(wrong)).to.throw(TypeError);
        expect(() => server.broadcastPreparedMessage(wrong)).to.throw(TypeError);
      }
      expect(() => server.broadcastPreparedMessage('a' as never)).to.throw(TypeError);
      expect(sent(socket!)).to.deep.equal([]);
    });

    it('goes on after close() for those that stay', () => {
      const [socket] = fetched(1);
      server.close();

      expect(server.broadcastTextMessage('a')).to.equal(1);
      expect(sent(socket!)).to.deep.equal(['a']);
    });

    describe('with a filter', () => {
      it('hands the message to those that it chooses', () => {
        const sockets = fetched(4);
        const chosen = new Set<object>([sockets[1]!, sockets[3]!]);

        expect(server.broadcastTextMessage('a', (socket) => chosen.has(socket))).to.equal(2);
        expect(server.broadcastBinaryMessage(Uint8Array.of(1), () => false)).to.equal(0);

        expect(sockets.map((socket) => sent(socket))).to.deep.equal([[], ['a'], [], ['a']]);
      });

      it('asks about all before the first one gets it', () => {
        const sockets = fetched(2);
        const seen: number[] = [];
        server.broadcastTextMessage('a', () => {
          seen.push(sent(sockets[0]!).length);
          return true;
        });

        expect(seen).to.deep.equal([0, 0]);
      });

      it('sends nothing when that throws, and lets the caller know', () => {
        const sockets = fetched(3);
        const filter = stub().returns(true).onSecondCall().throws(new Error('No.'));

        expect(() => server.broadcastTextMessage('a', filter)).to.throw('No.');

        expect(sockets.map((socket) => sent(socket))).to.deep.equal([[], [], []]);
        expect(server.broadcastTextMessage('b')).to.equal(3);
      });

      const ways: Record<string, (socket: TestSocket) => void> = {
        closes: (socket) => socket.close(),
        aborts: (socket) => socket.abort(),
        destroys: (socket) => socket[Symbol.dispose](),
        'opens elsewhere': (socket) => socket.open('ws://host.example'),
      };
      for (const [what, act] of Object.entries(ways)) {
        it(`may be one that ${what} any of them`, () => {
          const sockets = fetched(3);
          const asked: object[] = [];

          const count = server.broadcastTextMessage('a', (socket) => {
            asked.push(socket);
            if (asked.length === 2) for (const each of sockets) act(each);
            return true;
          });

          expect(count).to.equal(0);
          expect(asked).to.deep.equal(sockets.slice(0, 2));
          for (const socket of sockets) expect(sent(socket)).to.not.include('a');
        });
      }

      it('may be one that broadcasts, whose message comes first', () => {
        const [socket] = fetched(1);
        server.broadcastTextMessage('outer', () => server.broadcastTextMessage('inner') > 0);

        expect(sent(socket!)).to.deep.equal(['inner', 'outer']);
      });

      it('may be one during which others connect, who get the next message', () => {
        fetched(1);
        let late: TestSocket[] = [];

        const count = server.broadcastTextMessage('a', () => {
          late = fetched(1);
          return true;
        });

        expect(count).to.equal(1);
        expect(sent(late[0]!)).to.deep.equal([]);
      });

      it('may be one that destroys the server', () => {
        const [socket] = fetched(1);

        expect(
          server.broadcastTextMessage('a', () => {
            server[Symbol.dispose]();
            socket!.abort();
            return true;
          }),
        ).to.equal(0);
      });
    });

    it('copes with sockets that come and go while it hands over', () => {
      const sockets = fetched(3);
      sockets[0]!.backend.sendPrepared = () => {
        sockets[1]!.abort();
        fetched(1);
        return true;
      };

      expect(server.broadcastTextMessage('a')).to.equal(2);
      expect(sent(sockets[1]!)).to.not.include('a');
      expect(sent(sockets[2]!)).to.deep.equal(['a']);
    });
  });

  describe('origins', () => {
    it('are asked about with an authenticator', () => {
      const asked: string[] = [];
      server.originAuthenticationRequired.connect((authenticator) => {
        asked.push(authenticator.origin());
      });

      expect(server.events.isOriginAllowed('http://a.example', 'localhost')).to.equal(true);
      expect(server.events.isOriginAllowed('', 'localhost')).to.equal(true);
      expect(asked).to.deep.equal(['http://a.example', '']);
    });

    it('are denied by a slot, also on loopback and without an origin', () => {
      server.listen(QHostAddress.LocalHost);
      server.originAuthenticationRequired.connect((authenticator) => {
        authenticator.setAllowed(false);
      });

      expect(server.events.isOriginAllowed('http://localhost', 'localhost')).to.equal(false);
      expect(server.events.isOriginAllowed('', 'localhost')).to.equal(false);
    });

    it('are denied by a slot that throws, which is reported', async () => {
      const failure = new Error('No database.');
      server.originAuthenticationRequired.connect(() => {
        throw failure;
      });
      const reported = uncaught();

      expect(server.events.isOriginAllowed('http://a.example', 'localhost')).to.equal(false);
      expect(await reported).to.equal(failure);
    });

    it('are all allowed on addresses that others reach', () => {
      server.listen(QHostAddress.AnyIPv4);

      expect(server.events.isOriginAllowed('http://evil.example', 'localhost')).to.equal(true);
    });

    it('are all allowed where the check is turned off', () => {
      server.listen(QHostAddress.LocalHost);
      server.setOriginCheckEnabled(false);

      expect(server.events.isOriginAllowed('http://evil.example', 'localhost')).to.equal(true);
      expect(server.isOriginCheckEnabled()).to.equal(false);
    });

    const requests: [origin: string, host: string, isAllowed: boolean][] = [
      ['', '127.0.0.1', true],
      ['', 'rebound.example', true],
      ['http://localhost:3000', '127.0.0.1', true],
      ['http://localhost:3000', 'rebound.example', false],
      ['http://rebound.example', 'rebound.example', false],
      ['http://evil.example', '127.0.0.1', false],
      ['null', 'localhost', false],
    ];
    for (const [origin, host, isAllowed] of requests) {
      const what = `"${origin}" that ask for ${host}`;
      it(`${isAllowed ? 'let' : 'do not let'} pages of ${what} in on loopback`, () => {
        server.listen(QHostAddress.LocalHost);

        expect(server.events.isOriginAllowed(origin, host)).to.equal(isAllowed);
      });
    }

    it('are looked at by where the server listens now', () => {
      server.listen(QHostAddress.LocalHost);
      const isAllowed = (): boolean => server.events.isOriginAllowed('http://a.example', 'a');
      expect(isAllowed()).to.equal(false);

      server.close();
      server.listen(QHostAddress.AnyIPv4);
      expect(isAllowed()).to.equal(true);

      server.close();
      server.listen(QHostAddress.LocalHostIPv6);
      expect(isAllowed()).to.equal(false);
    });
  });

  describe('errors', () => {
    it('of handshakes are emitted each time, and kept', () => {
      const slot = spy();
      server.serverError.connect(slot);

      server.events.refused(CloseCode.CloseCodePolicyViolated, 'Access forbidden.');
      server.events.refused(CloseCode.CloseCodePolicyViolated, 'Access forbidden.');

      expect(slot.args).to.deep.equal([[1008], [1008]]);
      expect(server.error()).to.equal(1008);
      expect(server.errorString()).to.equal('Access forbidden.');
    });

    it('of accepting become acceptError', () => {
      const slot = spy();
      server.acceptError.connect(slot);

      server.events.acceptFailed(SocketError.SocketResourceError);

      assert.calledOnceWithExactly(slot, SocketError.SocketResourceError);
      expect(server.error()).to.equal(CloseCode.CloseCodeNormal);
    });
  });

  describe('TLS', () => {
    const first = new QSslError(SslError.CertificateExpired);
    const second = new QSslError(SslError.CertificateRevoked);
    const alert = { level: AlertLevel.Fatal, type: AlertType.UnknownCa, description: 'unknown ca' };

    /** The text of each address in `args`, and everything else as it is. */
    function readable(args: unknown[]): unknown[] {
      return args.map((arg) => (arg instanceof QHostAddress ? arg.toString() : arg));
    }

    it('tells what is wrong with a client, in the order of Qt, and whose it is', () => {
      const told: unknown[][] = [];
      for (const name of ['peerVerifyError', 'sslErrors', 'sslErrorsOccurred'] as const) {
        server.on(name, (...args: unknown[]) => told.push([name, ...readable(args)]));
      }
      const client = new SomeClient();

      server.events.verificationFailed(client, [first, second]);

      expect(told).to.deep.equal([
        ['peerVerifyError', first, '192.0.2.1'],
        ['peerVerifyError', second, '192.0.2.1'],
        ['sslErrors', [first, second], '192.0.2.1'],
        ['sslErrorsOccurred', client, [first, second]],
      ]);
    });

    it('lets a slot of sslErrorsOccurred ignore what is wrong', () => {
      const client = new SomeClient();
      server.sslErrorsOccurred.connect((unverified) => unverified.ignoreSslErrors());

      server.events.verificationFailed(client, [first]);

      expect(client.isIgnored).to.equal(true);
    });

    it('goes on when a slot throws, which is reported', async () => {
      const client = new SomeClient();
      server.sslErrors.connect(() => {
        throw new Error('Mine.');
      });
      server.sslErrorsOccurred.connect((unverified) => unverified.ignoreSslErrors());

      const errors = await uncaughtErrors(() => server.events.verificationFailed(client, [first]));

      expect(errors.map(String)).to.deep.equal(['Error: Mine.']);
      expect(client.isIgnored).to.equal(true);
    });

    it('tells that a handshake was interrupted', () => {
      const slot = spy();
      server.handshakeInterruptedOnError.connect(slot);

      server.events.handshakeInterrupted(first, '192.0.2.1');

      expect(slot.args.map(readable)).to.deep.equal([[first, '192.0.2.1']]);
    });

    it('asks for keys', () => {
      const slot = spy();
      server.preSharedKeyAuthenticationRequired.connect(slot);
      const authenticator = new QSslPreSharedKeyAuthenticator();

      server.events.preSharedKeyRequired(authenticator, '192.0.2.1');

      expect(slot.args.map(readable)).to.deep.equal([[authenticator, '192.0.2.1']]);
    });

    for (const name of ['alertSent', 'alertReceived'] as const) {
      it(`emits ${name}`, () => {
        const slot = spy();
        server[name].connect(slot);

        server.events[name](alert, '192.0.2.1');

        expect(slot.args.map(readable)).to.deep.equal([
          [AlertLevel.Fatal, AlertType.UnknownCa, 'unknown ca', '192.0.2.1'],
        ]);
      });
    }

    it('has a null address for a stream without one', () => {
      const slot = spy();
      server.alertReceived.connect(slot);

      server.events.alertReceived(alert, '');

      expect((slot.args[0]![3] as QHostAddress).isNull()).to.equal(true);
    });
  });

  describe('close()', () => {
    it('emits closed on a later turn, once per call, also when it did not listen', () => {
      const clock = useFakeTimers();
      const slot = spy();
      server.closed.connect(slot);

      server.close();
      server.close();
      expect(slot.callCount).to.equal(0);
      clock.runAll();

      expect(slot.callCount).to.equal(2);
      expect(server.backend.calls).to.deep.equal(['close', 'close']);
    });

    it('closes and drops the connections that wait', () => {
      const socket = new QWebSocket();
      const close = spy(socket, 'close');
      server.events.connected(socket);

      server.close();

      assert.calledOnceWithExactly(close, 1001, 'Server closed.');
      expect(server.nextPendingConnection()).to.equal(null);
    });

    it('leaves the connections that were fetched', () => {
      const socket = new QWebSocket();
      const close = spy(socket, 'close');
      server.events.connected(socket);
      server.nextPendingConnection();

      server.close();

      expect(close.callCount).to.equal(0);
      expect(server.backend.calls).to.deep.equal(['close']);
    });

    it('does not keep the server from listening again', () => {
      server.listen();
      server.close();

      expect(server.listen()).to.equal(true);
    });
  });

  describe('destruction', () => {
    it('stops, closes what waits and gives every connection up, without closed', () => {
      const clock = useFakeTimers();
      const closed = spy();
      server.closed.connect(closed);
      const socket = new QWebSocket();
      const close = spy(socket, 'close');
      server.events.connected(socket);

      server.deleteLater();
      clock.runAll();

      expect(server.backend.calls).to.deep.equal(['close', 'abortConnections']);
      assert.calledOnceWithExactly(close, 1001, 'Server closed.');
      expect(closed.callCount).to.equal(0);
    });

    it('is not followed by new beginnings, from inside a slot or later', () => {
      const begin = spy(() => {
        expect(server.listen()).to.equal(false);
        expect(server.listenLocal('/run/chat.sock')).to.equal(false);
        expect(server.setSocketDescriptor(3)).to.equal(false);
        server.attach({} as never);
        expect(server.events.hasRoom()).to.equal(false);
      });
      server.destroyed.connect(begin);

      server[Symbol.dispose]();
      begin();

      assert.calledTwice(begin);
      expect(server.backend.calls).to.deep.equal(['close', 'abortConnections']);
    });
  });

  it('passes on what it is handed', () => {
    server.handleConnection({} as never);
    server.handleUpgrade({} as never, {} as never, new Uint8Array());
    server.pauseAccepting();
    server.resumeAccepting();

    expect(server.backend.calls).to.deep.equal([
      'handleConnection',
      'handleUpgrade',
      'pauseAccepting',
      'resumeAccepting',
    ]);
  });

  it('has signals whose arguments are checked', () => {
    server.originAuthenticationRequired.connect((authenticator: QWebSocketCorsAuthenticator) =>
      authenticator.allowed(),
    );
    // @ts-expect-error -- what it carries is no text.
    server.originAuthenticationRequired.connect((origin: string) => origin.length);
    // @ts-expect-error -- there is no such signal.
    server.on('newConnections', () => {});

    expect(server.listenerCount('originAuthenticationRequired')).to.equal(2);
  });
});

/** The next uncaught exception, which then is none. */
function uncaught(): Promise<unknown> {
  return new Promise((resolve) => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error);
    });
  });
}
