import { expect } from 'chai';
import sinon from 'sinon';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { PauseMode, SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QAuthenticator } from '../../lib/network/qauthenticator.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { AlertLevel, AlertType } from '../../lib/ssl/qssl.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslError, SslError } from '../../lib/ssl/qsslerror.ts';
import { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { QMaskGenerator } from '../../lib/websockets/qmaskgenerator.ts';
import {
  adopt,
  begin,
  clientOf,
  QWebSocketBase,
  type QWebSocketSignals,
} from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { Version } from '../../lib/websockets/qwebsocketprotocol.ts';
import { TlsVerdict, type SocketBackendEvents } from '../../lib/websockets/socket-backend.ts';
import { TestSocket, type FakeBackend } from '../support/fake-backend.ts';
import { logSignals, signalNames, stateName } from '../support/signal-log.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { wordsOf } from '../support/words-of.ts';

const { ConnectionRefusedError, RemoteHostClosedError, HostNotFoundError } = SocketError;
const { UnfinishedSocketOperationError, UnsupportedSocketOperationError } = SocketError;
const MAX = 2 ** 31 - 2;
const FAILED = ['errorOccurred 0', 'error 0'];

/** The generator of a spec that needs one. */
class Constant extends QMaskGenerator {
  override seed(): boolean {
    return true;
  }

  override nextMask(): number {
    return 7;
  }
}

describe('QWebSocketBase', () => {
  let socket: TestSocket;
  let backend: FakeBackend;

  beforeEach(() => {
    socket = new TestSocket();
    backend = socket.backend;
  });

  /** Opens and returns what the attempt tells. */
  function connecting(own: TestSocket = socket): SocketBackendEvents {
    own.open('ws://host.example/chat');
    return own.backend.connection();
  }

  function connected(own: TestSocket = socket): SocketBackendEvents {
    const events = connecting(own);
    events.opened('');
    return events;
  }

  function stateOf(own: TestSocket = socket): string {
    return stateName(own.state());
  }

  describe('a fresh object', () => {
    const rows: Record<string, [make: () => TestSocket, origin: string, version: Version]> = {
      'with default origin and version': [() => new TestSocket(), '', Version.VersionLatest],
      'with an origin': [
        () => new TestSocket('qt-project.org'),
        'qt-project.org',
        Version.VersionLatest,
      ],
      'with an origin and a version': [
        () => new TestSocket('qt-project.org', Version.Version7),
        'qt-project.org',
        Version.Version7,
      ],
    };
    for (const [what, [make, origin, version]] of Object.entries(rows)) {
      it(`${what} has done nothing yet`, () => {
        const fresh = make();

        expect(fresh.origin()).to.equal(origin);
        expect(fresh.version()).to.equal(version);
        expect(fresh.state()).to.equal(SocketState.UnconnectedState);
        expect(fresh.isValid()).to.equal(false);
        expect(fresh.error()).to.equal(SocketError.UnknownSocketError);
        expect(fresh.errorString()).to.equal('');
        expect(fresh.closeCode()).to.equal(1000);
        expect(fresh.closeReason()).to.equal('');
        expect(fresh.localAddress().isNull()).to.equal(true);
        expect(fresh.peerAddress().isNull()).to.equal(true);
        expect([fresh.localPort(), fresh.peerPort()]).to.deep.equal([0, 0]);
        expect(fresh.peerName()).to.equal('');
        expect(fresh.pauseMode()).to.equal(PauseMode.PauseNever);
        expect(fresh.readBufferSize()).to.equal(0);
        expect(fresh.resourceName()).to.equal('');
        expect(fresh.requestUrl().isValid()).to.equal(false);
        expect(fresh.request().url().isValid()).to.equal(false);
        expect(fresh.handshakeOptions().subprotocols()).to.deep.equal([]);
        expect(fresh.subprotocol()).to.equal('');
        expect(fresh.proxy().equals(new QNetworkProxy(ProxyType.DefaultProxy))).to.equal(true);
        expect(fresh.flush()).to.equal(true);
        expect(fresh.bytesToWrite()).to.equal(0);
        expect(fresh.sendTextMessage('A text message')).to.equal(0);
        expect(fresh.sendBinaryMessage(new Uint8Array(10))).to.equal(0);
        expect(fresh.backend.asked).to.deep.equal([]);
      });
    }

    it('ignores close(), abort(), ping() and resume()', () => {
      const log = logSignals(socket);
      socket.close();
      socket.abort();
      socket.ping();
      socket.resume();

      expect(log).to.deep.equal([]);
      expect(backend.asked).to.deep.equal([]);
      expect(socket.closeCode()).to.equal(1000);
    });
  });

  describe('setters', () => {
    it('are remembered', () => {
      for (const mode of [PauseMode.PauseNever, PauseMode.PauseOnSslErrors]) {
        socket.setPauseMode(mode);
        expect(socket.pauseMode()).to.equal(mode);
      }
      for (const size of [0, 128, -1]) {
        socket.setReadBufferSize(size);
        expect(socket.readBufferSize()).to.equal(size);
        expect(backend.settings.readBufferSize).to.equal(size);
      }
    });

    it('change nothing for a read buffer of no whole number of bytes', () => {
      socket.setReadBufferSize(128);
      for (const size of [0.5, Number.NaN, Infinity, 2 ** 53]) {
        socket.setReadBufferSize(size);
        expect(socket.readBufferSize(), String(size)).to.equal(128);
      }
    });

    it('copy a proxy', () => {
      const proxy = new QNetworkProxy(ProxyType.HttpProxy, 'proxy.example', 80);
      socket.setProxy(proxy);
      proxy.setPort(81);
      socket.proxy().setPort(82);

      expect(socket.proxy().port()).to.equal(80);
    });

    it('take a kind of proxy for a proxy', () => {
      socket.setProxy(ProxyType.NoProxy);

      expect(socket.proxy().equals(new QNetworkProxy(ProxyType.NoProxy))).to.equal(true);
    });

    it('copy an SSL configuration', () => {
      const configuration = new QSslConfiguration();
      configuration.setPeerVerifyDepth(1);
      socket.setSslConfiguration(configuration);
      configuration.setPeerVerifyDepth(2);
      socket.sslConfiguration().setPeerVerifyDepth(3);

      expect(socket.sslConfiguration().peerVerifyDepth()).to.equal(1);
    });

    it('choose the mask generator, and go back to the built-in one with null', () => {
      const builtIn = socket.maskGenerator();
      const own = new Constant();
      socket.setMaskGenerator(own);
      expect(socket.maskGenerator()).to.equal(own);
      expect(backend.settings.maskGenerator).to.equal(own);

      socket.setMaskGenerator(null);
      expect(socket.maskGenerator()).to.equal(builtIn);
    });

    const limits = {
      maxAllowedIncomingFrameSize: 'maxIncomingFrameSize',
      maxAllowedIncomingMessageSize: 'maxIncomingMessageSize',
      outgoingFrameSize: 'outgoingFrameSize',
    } as const;
    const setters = {
      maxAllowedIncomingFrameSize: 'setMaxAllowedIncomingFrameSize',
      maxAllowedIncomingMessageSize: 'setMaxAllowedIncomingMessageSize',
      outgoingFrameSize: 'setOutgoingFrameSize',
    } as const;
    for (const [getter, setting] of Object.entries(limits) as [
      keyof typeof limits,
      (typeof limits)[keyof typeof limits],
    ][]) {
      it(`take sizes from 0 to ${MAX} as ${getter}`, () => {
        for (const size of [0, 1, 65_536, MAX]) {
          socket[setters[getter]](size);
          expect(socket[getter]()).to.equal(size);
          expect(backend.settings[setting]).to.equal(size);
        }
      });

      it(`change nothing for other values of ${getter}`, () => {
        const before = socket[getter]();
        for (const size of [-1, MAX + 1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
          socket[setters[getter]](size);
          expect(socket[getter](), String(size)).to.equal(before);
        }
      });
    }

    it('begin with 64 MiB for what comes and 512 KiB for what goes', () => {
      expect(socket.maxAllowedIncomingFrameSize()).to.equal(64 * 1024 * 1024);
      expect(socket.maxAllowedIncomingMessageSize()).to.equal(64 * 1024 * 1024);
      expect(socket.outgoingFrameSize()).to.equal(512 * 1024);
    });

    it('belong to one socket', () => {
      const other = new TestSocket();
      socket.setMaxAllowedIncomingFrameSize(1);
      socket.setOpenTimeout(2);
      socket.setCompressionEnabled(true);

      expect(other.maxAllowedIncomingFrameSize()).to.equal(64 * 1024 * 1024);
      expect(other.openTimeout()).to.equal(30_000);
      expect(other.isCompressionEnabled()).to.equal(false);
      expect(other.backend.settings.maxIncomingFrameSize).to.equal(64 * 1024 * 1024);
    });

    it("have Qt's maxima", () => {
      expect(QWebSocketBase.maxIncomingFrameSize()).to.equal(MAX);
      expect(QWebSocketBase.maxIncomingMessageSize()).to.equal(MAX);
      expect(QWebSocketBase.maxOutgoingFrameSize()).to.equal(MAX);
    });

    it('set how much may wait, and what happens then', () => {
      expect(socket.backlogLimit()).to.equal(-1);
      expect(socket.backlogPolicy()).to.equal(BacklogPolicy.RefuseMessages);
      for (const [given, kept] of [
        [0, 0],
        [2 ** 40, 2 ** 40],
        [-5, -1],
        [Infinity, -1],
      ] as const) {
        socket.setBacklogLimit(given, BacklogPolicy.Disconnect);
        expect(socket.backlogLimit()).to.equal(kept);
        expect(socket.backlogPolicy()).to.equal(BacklogPolicy.Disconnect);
        expect(backend.settings).to.include({
          backlogLimit: kept,
          backlogPolicy: BacklogPolicy.Disconnect,
        });
      }
      socket.setBacklogLimit(1);
      expect(socket.backlogPolicy()).to.equal(BacklogPolicy.RefuseMessages);
      expect(() => socket.setBacklogLimit(Number.NaN)).to.throw(RangeError);
    });

    const timeouts = {
      openTimeout: ['setOpenTimeout', 30_000],
      closeTimeout: ['setCloseTimeout', 5000],
      incompleteMessageTimeout: ['setIncompleteMessageTimeout', 30_000],
    } as const;
    for (const [getter, [setter, byDefault]] of Object.entries(timeouts) as [
      keyof typeof timeouts,
      (typeof timeouts)[keyof typeof timeouts],
    ][]) {
      it(`set the ${getter} in milliseconds`, () => {
        expect(socket[getter]()).to.equal(byDefault);
        for (const [given, kept] of [
          [0, 0],
          [250, 250],
          [-1, -1],
          [-1000, -1],
          [Infinity, -1],
          // A timer would fire at once for more.
          [2 ** 40, 2 ** 31 - 1],
        ] as const) {
          socket[setter](given);
          expect(socket[getter]()).to.equal(kept);
          expect(backend.settings[getter]).to.equal(kept);
        }
        expect(() => socket[setter](Number.NaN)).to.throw(RangeError);
      });
    }
  });

  describe('open()', () => {
    it('is connecting before it returns', () => {
      const log = logSignals(socket);
      socket.open('ws://host.example/chat');

      expect(log).to.deep.equal(['stateChanged Connecting']);
      expect(stateOf()).to.equal('Connecting');
      expect(socket.isValid()).to.equal(false);
      expect(socket.errorString()).to.equal('Unknown error');
      expect(socket.peerName()).to.equal('host.example');
    });

    it('takes a text, a URL, a QUrl and a QNetworkRequest', () => {
      for (const target of [
        'ws://host.example/a?b=c',
        new URL('ws://host.example/a?b=c'),
        new QUrl('ws://host.example/a?b=c'),
        new QNetworkRequest(new QUrl('ws://host.example/a?b=c')),
      ]) {
        socket.open(target);
        expect(socket.requestUrl().toString()).to.equal('ws://host.example/a?b=c');
        expect(socket.request().url().toString()).to.equal('ws://host.example/a?b=c');
        expect(backend.request?.resourceName).to.equal('/a?b=c');
      }
    });

    const resources: Record<string, [url: string, resource: string]> = {
      'no path': ['ws://h', '/'],
      'no path but a query': ['ws://h?a=b', '/?a=b'],
      'a path': ['ws://h/a/b', '/a/b'],
      spaces: ['ws://h/with spaces?q=with encoded', '/with%20spaces?q=with%20encoded'],
      'characters beyond ASCII': ['ws://h/ä?ö', '/%C3%A4?%C3%B6'],
      'what is encoded already': ['ws://h/a%2Fb?c%26d', '/a%2Fb?c%26d'],
      'a fragment': ['ws://h/a#b', '/a'],
      'a Unix-domain socket': ['ws+unix:/run/s.sock:/a?b=c', '/a?b=c'],
      'nothing but a Unix-domain socket': ['ws+unix:/run/s.sock', '/'],
    };
    for (const [what, [url, resource]] of Object.entries(resources)) {
      it(`asks for the resource of a URL with ${what}`, () => {
        socket.open(url);

        expect(socket.resourceName()).to.equal(resource);
        expect(backend.request?.resourceName).to.equal(resource);
      });
    }

    it('shows the path that an empty one stands for', () => {
      socket.open('ws://host.example');

      expect(socket.requestUrl().toString()).to.equal('ws://host.example/');
    });

    it('hands on what the backend needs', () => {
      const own = new TestSocket('http://origin.example');
      const request = new QNetworkRequest('ws://host.example:81/');
      request.setRawHeader('X-Own', 'value');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['a', 'b']);
      own.open(request, options);

      const asked = own.backend.request!;
      expect(asked.origin).to.equal('http://origin.example');
      expect(asked.subprotocols).to.deep.equal(['a', 'b']);
      expect(asked.headers.value('x-own')).to.equal('value');
      expect(asked.url.port()).to.equal(81);
    });

    it('hands the configuration on that was set last', () => {
      const configuration = new QSslConfiguration();
      configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
      socket.setSslConfiguration(configuration);
      socket.open('wss://host.example/');

      expect(backend.request!.sslConfiguration.equals(configuration)).to.equal(true);
    });

    it('does not follow what becomes of its arguments', () => {
      const request = new QNetworkRequest('ws://host.example/a');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['a']);
      socket.open(request, options);
      request.setUrl('ws://other.example/');
      options.setSubprotocols(['b']);
      socket.request().setUrl('ws://third.example/');

      expect(socket.requestUrl().toString()).to.equal('ws://host.example/a');
      expect(socket.handshakeOptions().subprotocols()).to.deep.equal(['a']);
    });

    it('is connected when the handshake is done', () => {
      const events = connecting();
      const log = logSignals(socket);
      events.opened('chat');

      expect(log).to.deep.equal(['stateChanged Connected', 'connected']);
      expect(socket.isValid()).to.equal(true);
      expect(socket.subprotocol()).to.equal('chat');
      expect(socket.errorString()).to.equal('Unknown error');
    });

    it('knows the subprotocol before the state changes', () => {
      const events = connecting();
      const seen: string[] = [];
      socket.on('stateChanged', () => seen.push(socket.subprotocol()));
      events.opened('chat');

      expect(seen).to.deep.equal(['chat']);
    });

    it('shows the ends of the connection until it has been said that they are gone', () => {
      const events = connecting();
      backend.local = { address: '127.0.0.1', port: 4000 };
      backend.peer = { address: '::1', port: 5000 };
      events.opened('');
      const seen: unknown[] = [];
      socket.on('disconnected', () => seen.push(socket.peerPort()));

      expect(socket.localAddress().toString()).to.equal('127.0.0.1');
      expect(socket.localPort()).to.equal(4000);
      expect(socket.peerAddress().toString()).to.equal('::1');
      events.closed();
      expect(seen).to.deep.equal([5000]);
      expect(socket.peerPort()).to.equal(0);
      expect(socket.peerAddress().isNull()).to.equal(true);
    });

    const invalid: Record<string, string> = {
      'an empty URL': '',
      'a line break in the host': 'ws://myhacky\r\nserver/',
      'a broken IPv6 address': 'ws://[::1/',
      'a port out of range': 'ws://host:65536/',
    };
    for (const [what, url] of Object.entries(invalid)) {
      it(`refuses ${what} and stays what it was`, () => {
        const log = logSignals(socket);
        socket.open(url);

        expect(log).to.deep.equal(FAILED);
        expect(stateOf()).to.equal('Unconnected');
        expect(socket.error()).to.equal(ConnectionRefusedError);
        expect(wordsOf(socket.errorString())).to.equal('Invalid URL.');
        expect(socket.requestUrl().isValid()).to.equal(false);
        expect([socket.peerName(), socket.resourceName()]).to.deep.equal(['', '']);
        expect(backend.asked).to.deep.equal([]);
      });
    }

    it('leaves a connection alone when the URL is invalid', () => {
      connected();
      socket.open('');

      expect(stateOf()).to.equal('Connected');
      expect(socket.requestUrl().toString()).to.equal('ws://host.example/chat');
    });

    it('refuses a line break in the path', () => {
      const log = logSignals(socket);
      socket.open('ws://127.0.0.1:1/tricky\r\npath');

      expect(log).to.deep.equal(FAILED);
      expect(wordsOf(socket.errorString())).to.equal('Invalid resource name.');
      expect(socket.requestUrl().isValid()).to.equal(false);
      expect([socket.peerName(), socket.resourceName()]).to.deep.equal(['', '']);
      expect(backend.request).to.equal(undefined);
    });

    it('says what the backend cannot do, without changing the state', () => {
      backend.refusal = { error: UnsupportedSocketOperationError, description: 'Not this one.' };
      const log = logSignals(socket);
      socket.open('http://host.example/');

      expect(log).to.deep.equal(['errorOccurred 10', 'error 10']);
      expect(stateOf()).to.equal('Unconnected');
      expect(socket.error()).to.equal(UnsupportedSocketOperationError);
      expect(socket.errorString()).to.equal('Not this one.');
      expect(socket.requestUrl().toString()).to.equal('http://host.example/');
    });

    it('refuses headers that cannot be sent', () => {
      const request = new QNetworkRequest('ws://host.example/');
      request.setRawHeader('X-Own', 'a\r\nX-Other: b');
      const log = logSignals(socket);
      socket.open(request);

      expect(log).to.deep.equal(FAILED);
      expect(socket.errorString()).to.contain('x-own');
      expect(backend.request).to.equal(undefined);
    });

    it('hands a copy of the proxy on', () => {
      socket.setProxy(new QNetworkProxy(ProxyType.Socks5Proxy, 'proxy.example', 1080));
      socket.open('ws://host.example/');

      const { proxy } = backend.request!;
      expect([proxy.type(), proxy.hostName(), proxy.port()]).to.deep.equal([
        ProxyType.Socks5Proxy,
        'proxy.example',
        1080,
      ]);
      proxy.setPort(1);
      expect(socket.proxy().port()).to.equal(1080);
    });

    const refused: Record<string, (own: TestSocket) => void> = {
      'a scheme that is not available': (own) => {
        own.backend.refusal = { error: UnsupportedSocketOperationError, description: 'No.' };
        own.open('http://host.example/');
      },
      'a bad resource name': (own) => own.open('ws://host.example/\r\n'),
    };
    for (const [what, reopen] of Object.entries(refused)) {
      it(`gives up what was connected when it refuses ${what}`, () => {
        const events = connected();
        const log = logSignals(socket);
        reopen(socket);
        events.textMessage('too late');

        expect(log[0]).to.equal('stateChanged Unconnected');
        expect(log.slice(1)).to.deep.equal([
          `errorOccurred ${socket.error()}`,
          `error ${socket.error()}`,
        ]);
        expect(backend.asked).to.deep.include(['abort']);
        expect(stateOf()).to.equal('Unconnected');
        log.length = 0;
        socket.close();
        expect(log).to.deep.equal([]);
        expect(socket.flush()).to.equal(true);
      });
    }

    it('forgets the resource of before when it refuses another', () => {
      connected();
      socket.open('ws://host.example/\r\n');

      expect(socket.resourceName()).to.equal('');
      expect(socket.requestUrl().isValid()).to.equal(false);
    });

    it('gives up what was connected without a word, as Qt does', () => {
      const events = connected();
      const log = logSignals(socket);
      socket.open('ws://other.example/');
      events.closed();

      expect(log).to.deep.equal(['stateChanged Connecting']);
      expect(backend.asked.slice(-3)).to.deep.equal([
        ['abort'],
        ['release'],
        ['open', 'ws://other.example/'],
      ]);
    });

    it('gives up an attempt, and says nothing at all', () => {
      const events = connecting();
      const log = logSignals(socket);
      socket.open('ws://other.example/');
      events.opened('');

      expect(log).to.deep.equal([]);
      expect(stateOf()).to.equal('Connecting');
      expect(socket.peerName()).to.equal('other.example');
    });

    it('forgets the error of before', () => {
      connecting().handshakeFailed(ConnectionRefusedError, 'No.');
      expect(socket.errorString()).to.equal('No.');
      socket.open('ws://host.example/');

      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
      expect(socket.errorString()).to.equal('Unknown error');
    });

    it('keeps the close code of before until there is another', () => {
      const events = connected();
      events.closing(4000, 'why');
      events.closed();
      socket.open('ws://host.example/');

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'why']);
    });

    it('connects the same object again and again', () => {
      for (let i = 0; i < 3; i++) {
        const events = connected();
        const log = logSignals(socket);
        events.closing(1000, '');
        events.closed();

        expect(log.filter((line) => line === 'disconnected')).to.have.lengthOf(1);
        socket.removeAllListeners();
      }
    });
  });

  // The order of signals in each case, as of Qt with the differences that docs/ names.
  describe('the signals', () => {
    it('of an attempt that reaches nobody tell of the error last', () => {
      const events = connecting();
      const log = logSignals(socket);
      events.unreachable(HostNotFoundError, 'Host not found');

      expect(log).to.deep.equal([
        'stateChanged Unconnected',
        'disconnected',
        'errorOccurred 2',
        'error 2',
      ]);
      expect(socket.errorString()).to.equal('Host not found');
      expect(socket.closeCode()).to.equal(1000);
      expect(backend.asked.at(-1)).to.deep.equal(['release']);
    });

    it('of a handshake that fails tell of the error first', () => {
      const events = connecting();
      const log = logSignals(socket);
      events.bytesWritten(150);
      events.handshakeFailed(ConnectionRefusedError, 'No.');

      expect(log).to.deep.equal([
        'bytesWritten 150',
        ...FAILED,
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(socket.error()).to.equal(ConnectionRefusedError);
      expect(socket.errorString()).to.equal('No.');
      expect(socket.closeCode()).to.equal(1000);
    });

    it('of a handshake that fails leave the answer of the server, until the next open()', () => {
      const refusal = { status: 503, retryAfter: -1 };
      connecting().handshakeFailed(ConnectionRefusedError, 'No.', refusal);
      expect(clientOf(socket).refusal).to.equal(refusal);
      socket.open('ws://host.example/');

      expect(clientOf(socket).refusal).to.equal(undefined);
    });

    it('of a lost connection tell of the error, and 1006', () => {
      const events = connected();
      const log = logSignals(socket);
      const codes: number[] = [];
      socket.on('errorOccurred', () => codes.push(socket.closeCode()));
      events.lost(RemoteHostClosedError, 'The remote host closed the connection');
      events.closed();

      expect(log).to.deep.equal([
        'errorOccurred 1',
        'error 1',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(codes).to.deep.equal([1006]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1006, '']);
      expect(socket.errorString()).to.equal('The remote host closed the connection');
    });

    it('of close() wait for the peer', () => {
      const events = connected();
      const log = logSignals(socket);
      socket.close(1001, 'Bye.');
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      expect(backend.asked.at(-1)).to.deep.equal(['close', 1001, 'Bye.']);

      events.textMessage('on its way');
      events.closed();
      expect(log.slice(2)).to.deep.equal([
        'textMessageReceived on its way',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'Bye.']);
      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    });

    it('of a Close of the peer are those of close()', () => {
      const events = connected();
      const log = logSignals(socket);
      const codes: unknown[] = [];
      socket.on('aboutToClose', () => codes.push(socket.closeCode(), socket.closeReason()));
      events.closing(1005, '');
      events.closed();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(codes).to.deep.equal([1005, '']);
      expect(socket.errorString()).to.equal('Unknown error');
    });

    it('of abort() come before it returns', () => {
      connected();
      const log = logSignals(socket);
      socket.abort();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(backend.asked.slice(-2)).to.deep.equal([['abort'], ['release']]);
      expect(socket.closeCode()).to.equal(1000);
    });

    it('of abort() while connecting are the same', () => {
      connecting();
      const log = logSignals(socket);
      socket.abort();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
    });

    it('of abort() while closing leave aboutToClose out', () => {
      connected();
      socket.close();
      const log = logSignals(socket);
      socket.abort();

      expect(log).to.deep.equal([
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
    });

    it('are told to its keeper before all others when the program ends it, in any state', () => {
      const left = sinon.spy();
      const aboutToClose = sinon.spy();
      socket.aboutToClose.connect(aboutToClose);
      clientOf(socket).keeper = { left };
      connected();
      socket.close();
      sinon.assert.callOrder(left, aboutToClose);
      socket.abort();
      socket.abort();

      sinon.assert.callCount(left, 3);
    });

    it('are not told to its keeper when the peer ends it, or open() begins anew', () => {
      const left = sinon.spy();
      clientOf(socket).keeper = { left };
      connected();
      const events = connected();
      events.closing(1000, '');
      events.closed();

      sinon.assert.notCalled(left);
    });

    it('of close() before there is a peer tell of an error first', () => {
      connecting();
      const log = logSignals(socket);
      socket.close(1001, 'x');

      expect(log).to.deep.equal([
        'errorOccurred 11',
        'error 11',
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(socket.error()).to.equal(UnfinishedSocketOperationError);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'x']);
      expect(backend.asked).to.deep.include(['abort']);
      expect(backend.asked.some(([what]) => what === 'close')).to.equal(false);
    });

    it('of close() in the handshake are those of abort(), without a Close frame', () => {
      connecting();
      backend.isPeerReached = true;
      const log = logSignals(socket);
      socket.close();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(backend.asked.some(([what]) => what === 'close')).to.equal(false);
    });

    it('of what comes are handed through', () => {
      const events = connected();
      const log = logSignals(socket);
      events.textFrame('a', false);
      events.textFrame('b', true);
      events.textMessage('ab');
      events.binaryFrame(Uint8Array.of(1, 2), true);
      events.binaryMessage(Uint8Array.of(1, 2));
      events.bytesWritten(12);

      expect(log).to.deep.equal([
        'textFrameReceived a false',
        'textFrameReceived b true',
        'textMessageReceived ab',
        'binaryFrameReceived 0102 true',
        'binaryMessageReceived 0102',
        'bytesWritten 12',
      ]);
    });

    it('of logins and alerts are handed through', () => {
      const events = connecting();
      const seen: unknown[] = [];
      const names = [
        'authenticationRequired',
        'proxyAuthenticationRequired',
        'preSharedKeyAuthenticationRequired',
        'alertReceived',
      ] as const;
      for (const name of names) socket.on(name, (...args: unknown[]) => seen.push([name, ...args]));
      const authenticator = new QAuthenticator();
      const proxy = new QNetworkProxy();
      const key = new QSslPreSharedKeyAuthenticator();
      const description = 'handshake failure';
      const alert = { level: AlertLevel.Fatal, type: AlertType.HandshakeFailure, description };
      events.authenticationRequired(authenticator);
      events.proxyAuthenticationRequired(proxy, authenticator);
      events.preSharedKeyRequired(key);
      events.alertReceived(alert);

      expect(seen).to.deep.equal([
        ['authenticationRequired', authenticator],
        ['proxyAuthenticationRequired', proxy, authenticator],
        ['preSharedKeyAuthenticationRequired', key],
        ['alertReceived', AlertLevel.Fatal, AlertType.HandshakeFailure, description],
      ]);
    });

    it('of every error have the older form behind them', () => {
      const order: string[] = [];
      socket.on('error', (error) => order.push(`error ${error}`));
      socket.on('errorOccurred', (error) => order.push(`errorOccurred ${error}`));
      socket.open('');
      connecting().handshakeFailed(ConnectionRefusedError, 'No.');
      connecting().unreachable(HostNotFoundError, 'No.');

      expect(order).to.deep.equal([...FAILED, ...FAILED, 'errorOccurred 2', 'error 2']);
    });

    it('of errors need nobody who listens', () => {
      expect(() => {
        socket.open('');
        connected().lost(RemoteHostClosedError, 'gone');
      }).to.not.throw();
    });

    it('can be connected by name and by property alike', () => {
      for (const name of signalNames) {
        if (name === 'error') continue;
        const slot = sinon.spy();
        const handle: { connect(slot: () => void): unknown } = socket[name];
        handle.connect(slot);
        socket.emit(name, ...([] as never));
        sinon.assert.calledOnce(slot);
      }
    });
  });

  describe('pong', () => {
    let clock: sinon.SinonFakeTimers;

    afterEach(() => {
      clock.restore();
    });

    beforeEach(() => {
      clock = sinon.useFakeTimers();
      socket = new TestSocket();
      backend = socket.backend;
    });

    it('tells the whole milliseconds since the last ping', () => {
      const events = connected();
      clock.tick(1000);
      socket.ping(Uint8Array.of(1));
      clock.tick(30);
      socket.ping(Uint8Array.of(2));
      clock.tick(12);
      const log = logSignals(socket);
      events.pong(Uint8Array.of(1));

      expect(log).to.deep.equal(['pong 12 01']);
      expect(backend.asked.slice(-2)).to.deep.equal([
        ['ping', [1]],
        ['ping', [2]],
      ]);
    });

    it('that nobody asked for tells the time since the socket was made', () => {
      const events = connected();
      clock.tick(77);
      const log = logSignals(socket);
      events.pong(new Uint8Array());

      expect(log).to.deep.equal(['pong 77 ']);
    });

    it('does not count a ping that was not sent', () => {
      socket.open('ws://host.example/');
      const events = backend.connection();
      clock.tick(10);
      socket.ping();
      clock.tick(10);
      events.opened('');
      const log = logSignals(socket);
      events.pong(new Uint8Array());

      expect(log).to.deep.equal(['pong 20 ']);
      expect(backend.asked.some(([what]) => what === 'ping')).to.equal(false);
    });
  });

  describe('sending', () => {
    it('hands over to the backend while connected', () => {
      connected();

      expect(socket.sendTextMessage('Grüße')).to.equal(7);
      expect(socket.sendBinaryMessage(Uint8Array.of(1, 2))).to.equal(2);
      expect(socket.sendBinaryMessage(Uint8Array.of(1, 2, 3).buffer)).to.equal(3);
      expect(socket.sendBinaryMessage(new DataView(Uint8Array.of(1, 2, 3).buffer, 1))).to.equal(2);
      socket.ping(new Uint16Array([0x0101]));
      socket.ping();
      expect(backend.asked.slice(-6)).to.deep.equal([
        ['sendText', 'Grüße'],
        ['sendBinary', [1, 2]],
        ['sendBinary', [1, 2, 3]],
        ['sendBinary', [2, 3]],
        ['ping', [1, 1]],
        ['ping', []],
      ]);
    });

    it('hands prepared messages over as they are', () => {
      connected();
      const text = QWebSocketPreparedMessage.fromText('Grüße');
      const binary = QWebSocketPreparedMessage.fromBinary(Uint8Array.of(1), { compress: false });

      expect(socket.sendPreparedMessage(text)).to.equal(7);
      expect(socket.sendPreparedMessage(binary)).to.equal(1);
      backend.isRoomy = false;
      expect(socket.sendPreparedMessage(text)).to.equal(0);
      expect(backend.asked.slice(-3)).to.deep.equal([
        ['sendPrepared', 'Grüße', undefined],
        ['sendPrepared', [1], false],
        ['sendPrepared', 'Grüße', undefined],
      ]);
    });

    const states: Record<string, () => void> = {
      connecting: () => connecting(),
      closing: () => {
        connected();
        socket.close();
      },
      'closed by the peer': () => connected().closing(1000, ''),
      disconnected: () => {
        connected();
        socket.abort();
      },
    };
    for (const [state, arrange] of Object.entries(states)) {
      it(`returns 0 and does nothing while it is ${state}`, () => {
        arrange();
        const before = backend.asked.length;

        expect(socket.sendTextMessage('a')).to.equal(0);
        expect(socket.sendBinaryMessage(new Uint8Array(1))).to.equal(0);
        const message = QWebSocketPreparedMessage.fromText('a');
        expect(socket.sendPreparedMessage(message)).to.equal(0);
        socket.ping();
        expect(backend.asked).to.have.lengthOf(before);
      });
    }

    it('throws for what is no text and no bytes, connected or not', () => {
      const wrong = [undefined, null, 5, {}, [1]] as never[];
      for (let round = 0; round < 2; round++) {
        for (const value of wrong) {
          expect(() => socket.sendTextMessage(value)).to.throw(TypeError);
          expect(() => socket.sendBinaryMessage(value)).to.throw(TypeError);
          expect(() => socket.sendPreparedMessage(value)).to.throw(TypeError);
          if (value !== undefined) {
            expect(() => socket.ping(value)).to.throw(TypeError);
          }
        }
        expect(() => socket.sendBinaryMessage('text' as unknown as Uint8Array)).to.throw(TypeError);
        expect(() => socket.sendPreparedMessage('text' as never)).to.throw(TypeError);
        expect(() => socket.sendTextMessage(new Uint8Array(1) as unknown as string)).to.throw(
          TypeError,
        );
        connected();
      }
      expect(backend.asked.some(([what]) => String(what).startsWith('send'))).to.equal(false);
    });

    it('asks the backend what waits', () => {
      connected();
      backend.waiting = 12;

      expect(socket.bytesToWrite()).to.equal(12);
      expect(socket.flush()).to.equal(true);
      backend.waiting = 0;
      expect(socket.flush()).to.equal(false);
    });
  });

  describe('close()', () => {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536, 1000.5, NaN]) {
      it(`throws for ${code}, whatever the state`, () => {
        expect(() => socket.close(code)).to.throw(
          RangeError,
          `${code} is no close code that may be sent`,
        );
        connected();
        const log = logSignals(socket);
        expect(() => socket.close(code)).to.throw(RangeError);

        expect(log).to.deep.equal([]);
        expect(stateOf()).to.equal('Connected');
        expect(socket.closeCode()).to.equal(1000);
      });
    }

    for (const code of [1000, 1001, 1003, 1007, 1014, 3000, 4999]) {
      it(`sends ${code}`, () => {
        connected();
        socket.close(code);

        expect(backend.asked.at(-1)).to.deep.equal(['close', code, '']);
        expect(socket.closeCode()).to.equal(code);
      });
    }

    it('cuts the reason between two characters', () => {
      connected();
      socket.close(1000, 'ä'.repeat(100));

      expect(socket.closeReason()).to.equal('ä'.repeat(61));
      expect(backend.asked.at(-1)).to.deep.equal(['close', 1000, 'ä'.repeat(61)]);
    });

    it('is done once', () => {
      connected();
      socket.close(1001, 'one');
      const log = logSignals(socket);
      socket.close(1003, 'two');

      expect(log).to.deep.equal([]);
      expect(socket.closeCode()).to.equal(1001);
    });

    it('changes nothing after the peer has closed', () => {
      const events = connected();
      events.closing(4000, 'theirs');
      socket.close(1001, 'ours');
      events.closed();
      socket.close(1001, 'ours');

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'theirs']);
    });

    it('does not take the place of a loss that is being told', () => {
      const events = connected();
      const log = logSignals(socket);
      socket.once('errorOccurred', () => socket.close(1000, 'so be it'));
      events.lost(RemoteHostClosedError, 'gone');
      events.closed();

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1006, '']);
      expect(log.slice(-3)).to.deep.equal([
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(log.filter((line) => line === 'stateChanged Closing')).to.have.lengthOf(1);
    });

    it('after an attempt that failed says aboutToClose, as Qt does', () => {
      connecting().unreachable(ConnectionRefusedError, 'No.');
      const log = logSignals(socket);
      socket.close(1001, 'x');
      socket.close(1003, 'y');

      expect(log).to.deep.equal(['aboutToClose']);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'x']);
    });
  });

  describe('a slot', () => {
    /** What makes the socket emit each of its signals, the state being Connected before. */
    type Scenario = readonly [signal: keyof QWebSocketSignals, run: () => void];
    const scenarios: Record<string, Scenario> = {
      connected: ['connected', () => connecting().opened('')],
      'stateChanged to Connected': ['stateChanged', () => connectingQuietly().opened('')],
      textFrameReceived: ['textFrameReceived', () => connected().textFrame('a', true)],
      textMessageReceived: ['textMessageReceived', () => connected().textMessage('a')],
      binaryFrameReceived: [
        'binaryFrameReceived',
        () => connected().binaryFrame(new Uint8Array(1), true),
      ],
      binaryMessageReceived: [
        'binaryMessageReceived',
        () => connected().binaryMessage(new Uint8Array(1)),
      ],
      pong: ['pong', () => connected().pong(new Uint8Array())],
      bytesWritten: ['bytesWritten', () => connected().bytesWritten(1)],
      'aboutToClose of close()': ['aboutToClose', () => (connected(), socket.close())],
      'aboutToClose of abort()': ['aboutToClose', () => (connected(), socket.abort())],
      'aboutToClose by the peer': ['aboutToClose', closeByPeer],
      'disconnected by the peer': ['disconnected', closeByPeer],
      'disconnected of abort()': ['disconnected', () => (connected(), socket.abort())],
      'disconnected of nobody': [
        'disconnected',
        () => connecting().unreachable(HostNotFoundError, 'No.'),
      ],
      readChannelFinished: ['readChannelFinished', closeByPeer],
      'errorOccurred of nobody': [
        'errorOccurred',
        () => connecting().unreachable(HostNotFoundError, 'No.'),
      ],
      'errorOccurred in the handshake': [
        'errorOccurred',
        () => connecting().handshakeFailed(ConnectionRefusedError, 'No.'),
      ],
      'errorOccurred of a loss': ['errorOccurred', lose],
      'error of a loss': ['error', lose],
      'errorOccurred of close() before there is a peer': [
        'errorOccurred',
        () => (connecting(), socket.close()),
      ],
      authenticationRequired: [
        'authenticationRequired',
        () => connecting().authenticationRequired(new QAuthenticator()),
      ],
      proxyAuthenticationRequired: [
        'proxyAuthenticationRequired',
        () => connecting().proxyAuthenticationRequired(new QNetworkProxy(), new QAuthenticator()),
      ],
      'errorOccurred of a bad URL': ['errorOccurred', () => socket.open('')],
      'errorOccurred of a bad resource': ['errorOccurred', () => socket.open('ws://h/\r\n')],
    };

    let isQuiet = false;

    beforeEach(() => {
      isQuiet = false;
    });

    function connectingQuietly(): SocketBackendEvents {
      isQuiet = true;
      const events = connecting();
      isQuiet = false;
      return events;
    }

    function closeByPeer(): void {
      const events = connected();
      events.closing(1000, '');
      events.closed();
    }

    function lose(): void {
      const events = connected();
      events.lost(RemoteHostClosedError, 'gone');
      events.closed();
    }

    /** Runs the scenario with `act` in the first call of its signal; what was emitted since. */
    function actDuring([signal, run]: Scenario, act: () => void): string[] {
      const log = logSignals(socket);
      let from = -1;
      socket.on(signal, () => {
        if (isQuiet || from !== -1) return;
        from = log.length;
        act();
      });
      run();
      expect(from).to.not.equal(-1);
      return log.slice(from);
    }

    for (const [name, scenario] of Object.entries(scenarios)) {
      it(`may open another connection during ${name}`, () => {
        let events: SocketBackendEvents | undefined;
        const log = actDuring(scenario, () => {
          socket.open('ws://other.example/');
          events = backend.connection();
        });

        // The older form of a signal is part of it.
        const rest = log.filter((line) => !line.startsWith('error '));
        expect(rest.filter((line) => line !== 'stateChanged Connecting')).to.deep.equal([]);
        expect(stateOf()).to.equal('Connecting');
        expect(socket.requestUrl().toString()).to.equal('ws://other.example/');

        events!.opened('');
        expect(stateOf()).to.equal('Connected');
        socket.close();
        expect(log.length).to.be.at.most(2);
        events!.closed();
        expect(stateOf()).to.equal('Unconnected');
      });

      it(`may abort during ${name}`, () => {
        const log = actDuring(scenario, () => socket.abort());

        expect(stateOf()).to.equal('Unconnected');
        for (const signal of ['aboutToClose', 'disconnected', 'readChannelFinished']) {
          expect(log.filter((line) => line === signal).length).to.be.at.most(1);
        }
        expect(log.includes('stateChanged Closing')).to.equal(false);
      });

      it(`may close during ${name}`, () => {
        const log = actDuring(scenario, () => socket.close());
        backend.connection().closed();

        expect(stateOf()).to.equal('Unconnected');
        const closings = log.filter((line) => line === 'stateChanged Closing');
        expect(closings.length).to.be.at.most(1);
        expect(log.filter((line) => line === 'disconnected').length).to.be.at.most(1);
      });

      it(`may throw during ${name}, and the socket goes on`, async () => {
        const calm = new TestSocket();
        const expected = logSignals(calm);
        const own = socket;
        socket = calm;
        backend = calm.backend;
        scenario[1]();
        socket = own;
        backend = own.backend;
        const log = logSignals(socket);
        const failure = new Error('slot');
        socket.once(scenario[0], () => {
          throw failure;
        });

        const errors = await uncaughtErrors(() => scenario[1]());

        expect(errors).to.deep.equal([failure]);
        // A pong tells how long it took.
        const untimed = (line: string): string => line.replace(/^pong \d+/, 'pong n');
        expect(log.map(untimed)).to.deep.equal(expected.map(untimed));
        expect(stateOf()).to.equal(stateOf(calm));
      });
    }

    const failures: Record<string, () => void> = {
      'close() before there is a peer': () => (connecting(), socket.close(1001, 'first')),
      'a handshake': () => connecting().handshakeFailed(ConnectionRefusedError, 'No.'),
    };
    for (const [what, fail] of Object.entries(failures)) {
      it(`that closes during each errorOccurred of ${what} hears of one`, () => {
        const log = logSignals(socket);
        socket.errorOccurred.connect(() => socket.close());

        fail();

        expect(log.filter((line) => line.startsWith('errorOccurred'))).to.have.lengthOf(1);
        for (const line of ['stateChanged Unconnected', 'disconnected', 'readChannelFinished']) {
          expect(
            log.filter((other) => other === line),
            line,
          ).to.have.lengthOf(1);
        }
      });
    }

    it('that opens during stateChanged to Connecting has the last word', () => {
      const log = logSignals(socket);
      socket.once('stateChanged', () => socket.open('ws://other.example/'));
      socket.open('ws://host.example/');

      expect(log).to.deep.equal(['stateChanged Connecting']);
      expect(socket.peerName()).to.equal('other.example');
      backend.connection().opened('');
      expect(stateOf()).to.equal('Connected');
    });

    it('that aborts during stateChanged to Closing ends the closing', () => {
      connected();
      const log = logSignals(socket);
      socket.on('stateChanged', (state) => {
        if (state === SocketState.ClosingState) socket.abort();
      });
      socket.close();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
    });
  });

  describe('over TLS', () => {
    const problems = [
      new QSslError(SslError.HostNameMismatch),
      new QSslError(SslError.SelfSignedCertificate),
    ];
    const VERIFIED = ['peerVerifyError', 'peerVerifyError', 'sslErrors'];
    const END = ['stateChanged', 'disconnected', 'readChannelFinished'];
    let names: string[];
    let events: SocketBackendEvents;

    beforeEach(() => {
      names = [];
      for (const name of signalNames) {
        if (name !== 'error') socket.on(name, () => names.push(name));
      }
    });

    /** What becomes of a connection whose peer has these problems. */
    function judge(errors: readonly QSslError[] = problems): TlsVerdict {
      socket.open('wss://host.example/');
      backend.isPeerReached = true;
      names.length = 0;
      events = backend.connection();
      events.encrypted(backend.request!.sslConfiguration.clone());
      return events.verificationFailed(errors);
    }

    function interrupting(): void {
      const configuration = new QSslConfiguration();
      configuration.setHandshakeMustInterruptOnError(true);
      socket.setSslConfiguration(configuration);
    }

    it('shows what is known of the session, also what comes later', () => {
      connecting();
      const known = new QSslConfiguration();
      backend.connection().encrypted(known);
      known.setSessionTicket(Uint8Array.of(1, 2));

      expect([...socket.sslConfiguration().sessionTicket()]).to.deep.equal([1, 2]);
    });

    it('refuses by itself, and tells of every problem and of all', () => {
      expect(judge()).to.equal(TlsVerdict.Refuse);
      expect(names).to.deep.equal(VERIFIED);
    });

    const ignoring: Record<string, [list: readonly QSslError[] | undefined, verdict: TlsVerdict]> =
      {
        all: [undefined, TlsVerdict.Proceed],
        'these problems': [problems.toReversed(), TlsVerdict.Proceed],
        'more problems': [[...problems, new QSslError()], TlsVerdict.Proceed],
        'one of them': [problems.slice(1), TlsVerdict.Refuse],
        none: [[], TlsVerdict.Refuse],
      };
    for (const [what, [list, verdict]] of Object.entries(ignoring)) {
      const word = verdict === TlsVerdict.Proceed ? 'goes on' : 'does not go on';

      it(`${word} when ${what} are ignored before`, () => {
        socket.ignoreSslErrors(list);

        expect([judge(), judge()]).to.deep.equal([verdict, verdict]);
      });

      it(`${word} when ${what} are ignored in the slot`, () => {
        socket.once('sslErrors', () => socket.ignoreSslErrors(list));

        expect(judge()).to.equal(verdict);
        expect(judge()).to.equal(list === undefined ? TlsVerdict.Refuse : verdict);
      });
    }

    it('does not follow what becomes of the list', () => {
      const list = [...problems];
      socket.ignoreSslErrors(list);
      list.length = 0;

      expect(judge()).to.equal(TlsVerdict.Proceed);
    });

    describe('in a pause', () => {
      let clock: sinon.SinonFakeTimers;

      beforeEach(() => {
        clock = sinon.useFakeTimers();
        socket.setPauseMode(PauseMode.PauseOnSslErrors);
        expect(judge()).to.equal(TlsVerdict.Wait);
        backend.asked.length = 0;
      });

      afterEach(() => clock.restore());

      for (const isIgnored of [true, false]) {
        it(`goes on after resume(), the errors ${isIgnored ? '' : 'not '}ignored`, () => {
          if (isIgnored) socket.ignoreSslErrors();
          socket.resume();
          socket.resume();
          expect(backend.asked).to.deep.equal([]);
          clock.runAll();

          expect(backend.asked).to.deep.equal([['resume', isIgnored]]);
          socket.resume();
          clock.runAll();
          expect(backend.asked).to.have.lengthOf(1);
        });
      }

      it('takes what is ignored between resume() and the next turn', () => {
        socket.resume();
        socket.ignoreSslErrors();
        clock.runAll();

        expect(backend.asked).to.deep.equal([['resume', true]]);
        socket.setPauseMode(PauseMode.PauseNever);
        expect(judge()).to.equal(TlsVerdict.Refuse);
      });

      const endings: Record<string, () => void> = {
        'abort()': () => socket.abort(),
        'close()': () => socket.close(),
        'another open()': () => socket.open('wss://other.example/'),
        'an invalid open()': () => socket.open('ftp:'),
        'a failure': () => events.handshakeFailed(RemoteHostClosedError, 'gone'),
        destruction: () => socket[Symbol.dispose](),
      };
      for (const [what, end] of Object.entries(endings)) {
        it(`has nothing to resume after ${what}`, () => {
          if (what === 'an invalid open()') {
            backend.refusal = { error: UnsupportedSocketOperationError, description: 'No.' };
          }
          socket.resume();
          end();
          socket.resume();
          clock.runAll();

          expect(backend.asked.filter(([name]) => name === 'resume')).to.deep.equal([]);
        });

        if (what === 'destruction') continue;
        it(`is not what ignoreSslErrors() speaks of after ${what}`, () => {
          end();
          backend.refusal = undefined;
          socket.setPauseMode(PauseMode.PauseNever);
          socket.ignoreSslErrors();

          expect([judge(), judge()]).to.deep.equal([TlsVerdict.Proceed, TlsVerdict.Proceed]);
        });
      }
    });

    it('is not resumed in the slot', () => {
      const clock = sinon.useFakeTimers();
      socket.setPauseMode(PauseMode.PauseOnSslErrors);
      socket.sslErrors.connect(() => socket.resume());
      const verdict = judge();
      clock.runAll();
      clock.restore();

      expect(verdict).to.equal(TlsVerdict.Wait);
      expect(backend.asked.some(([name]) => name === 'resume')).to.equal(false);
    });

    describe('with a handshake that is interrupted', () => {
      const INTERRUPTED = 'handshakeInterruptedOnError';

      beforeEach(interrupting);

      it('asks once, and refuses', () => {
        expect(judge()).to.equal(TlsVerdict.Refuse);
        expect(names).to.deep.equal([INTERRUPTED]);
      });

      it('refuses although all was ignored, as long as nobody continues', () => {
        socket.ignoreSslErrors();

        expect(judge()).to.equal(TlsVerdict.Refuse);
      });

      it('asks for each problem, if it is continued', () => {
        socket.handshakeInterruptedOnError.connect(() => {
          socket.continueInterruptedHandshake();
          socket.ignoreSslErrors();
        });

        expect(judge()).to.equal(TlsVerdict.Proceed);
        expect(names).to.deep.equal([
          INTERRUPTED,
          'peerVerifyError',
          INTERRUPTED,
          'peerVerifyError',
          'sslErrors',
        ]);
      });

      it('is not continued by what was said for another problem', () => {
        socket.once(INTERRUPTED, () => socket.continueInterruptedHandshake());

        expect(judge()).to.equal(TlsVerdict.Refuse);
        expect(names).to.deep.equal([INTERRUPTED, 'peerVerifyError', INTERRUPTED]);
      });

      it('tells of no problem after a slot has continued and aborted', () => {
        socket.once(INTERRUPTED, () => {
          socket.continueInterruptedHandshake();
          socket.abort();
        });

        expect(judge()).to.equal(TlsVerdict.Refuse);
        expect(names).to.deep.equal([INTERRUPTED, ...END, 'aboutToClose']);
      });
    });

    for (const name of ['peerVerifyError', 'sslErrors'] as const) {
      const acts: Record<string, [act: () => void, after: string[]]> = {
        abort: [() => socket.abort(), [...END, 'aboutToClose']],
        close: [() => socket.close(), [...END, 'aboutToClose']],
        'open anew': [() => socket.open('ws://other.example/'), []],
        'destroy the socket': [() => socket[Symbol.dispose](), []],
      };
      for (const [what, [act, after]] of Object.entries(acts)) {
        it(`tells no more of a peer when a slot of ${name} may ${what}`, () => {
          socket.ignoreSslErrors();
          socket.once(name, act);

          expect(judge()).to.equal(TlsVerdict.Refuse);
          const before = VERIFIED.slice(0, VERIFIED.indexOf(name) + 1);
          expect(names).to.deep.equal([...before, ...after]);
        });
      }
    }

    it('says goodbye when a connection has ended in order', () => {
      judge();
      events.opened('');
      events.closing(1000, '');
      names.length = 0;
      events.closed();

      expect(names).to.deep.equal([...END, 'alertSent']);
    });

    it('says goodbye to a peer that is refused', () => {
      judge();
      names.length = 0;
      events.handshakeFailed(SocketError.SslHandshakeFailedError, 'No.');

      expect(names).to.deep.equal(['errorOccurred', ...END, 'alertSent']);
    });

    it('says no goodbye where there was no TLS yet', () => {
      socket.open('wss://host.example/');
      names.length = 0;
      backend.connection().handshakeFailed(SocketError.SslHandshakeFailedError, 'No.');

      expect(names).to.deep.equal(['errorOccurred', ...END]);
    });

    it('tells aboutToClose last after abort(), as Qt does', () => {
      judge();
      events.opened('');
      names.length = 0;
      socket.abort();

      expect(names).to.deep.equal([...END, 'aboutToClose']);
    });

    it('is over with the next open()', () => {
      judge();
      events.opened('');
      connected();
      names.length = 0;
      socket.abort();

      expect(names).to.deep.equal(['aboutToClose', ...END]);
    });

    it('forgets the name of the peer at the end', () => {
      judge();
      expect(socket.peerName()).to.equal('host.example');
      events.handshakeFailed(SocketError.SslHandshakeFailedError, 'No.');

      expect(socket.peerName()).to.equal('');
    });
  });

  describe('destruction', () => {
    it('closes an open connection with 1001', () => {
      connected();
      const log = logSignals(socket);
      const destroyed = sinon.spy();
      socket.destroyed.connect(destroyed);
      socket[Symbol.dispose]();

      expect(backend.asked.at(-1)).to.deep.equal(['close', 1001, 'Connection closed']);
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      sinon.assert.calledOnce(destroyed);
    });

    for (const signal of ['aboutToClose', 'stateChanged', 'destroyed'] as const) {
      it(`opens nothing for a slot of ${signal}`, () => {
        connected();
        const slot = sinon.spy(() => socket.open('ws://other.example/'));
        socket.on(signal, slot);
        backend.asked.length = 0;

        socket[Symbol.dispose]();
        socket.open('ws://other.example/');

        sinon.assert.calledOnce(slot);
        expect(backend.asked).to.deep.equal([['close', 1001, 'Connection closed']]);
      });
    }

    it('gives an attempt up without a word', () => {
      connecting();
      const log = logSignals(socket);
      socket[Symbol.dispose]();

      expect(backend.asked.at(-1)).to.deep.equal(['abort']);
      expect(log).to.deep.equal([]);
    });

    it('of anything else asks for nothing', () => {
      const events = connected();
      events.closing(1000, '');
      const before = backend.asked.length;
      socket[Symbol.dispose]();
      events.closed();
      new TestSocket()[Symbol.dispose]();

      expect(backend.asked.slice(before)).to.deep.equal([['release']]);
    });

    it('comes with that of the parent', () => {
      const parent = new TestSocket();
      const child = new TestSocket('', Version.VersionLatest, parent);
      connected(child);
      parent[Symbol.dispose]();

      expect(child.backend.asked.at(-1)?.[0]).to.equal('close');
    });
  });

  describe('the socket of a server', () => {
    const url = new QUrl('ws://host.example/chat?a=b');
    const headers = new QHttpHeaders();
    headers.append('x-own', 'value');

    beforeEach(() => {
      adopt(
        socket,
        { origin: 'http://origin.example', written: { url, headers, subprotocols: ['a', 'b'] } },
        'b',
      );
    });

    it('is connected from the beginning', () => {
      expect(stateOf()).to.equal('Connected');
      expect(socket.isValid()).to.equal(true);
      expect(socket.sendTextMessage('a')).to.equal(1);
      expect(socket.errorString()).to.equal('Unknown error');
    });

    it('knows its encrypted connection, and says when that ends in order', () => {
      const configuration = new QSslConfiguration();
      configuration.setSession({ nextNegotiatedProtocol: 'http/1.1' });
      const secure = new TestSocket();
      const written = { url, headers, subprotocols: [] };
      adopt(secure, { origin: '', written }, '', configuration);
      const alertSent = sinon.spy();
      secure.alertSent.connect(alertSent);

      secure.backend.connection().closed();

      expect(secure.sslConfiguration().nextNegotiatedProtocol()).to.equal('http/1.1');
      expect(alertSent.args).to.deep.equal([[0, 0, 'close notify']]);
    });

    it('tells what the client has asked for', () => {
      expect(socket.requestUrl().equals(url)).to.equal(true);
      expect(socket.resourceName()).to.equal('ws://host.example/chat?a=b');
      expect(socket.origin()).to.equal('http://origin.example');
      expect(socket.subprotocol()).to.equal('b');
      expect(socket.handshakeOptions().subprotocols()).to.deep.equal(['a', 'b']);
      expect(socket.request().rawHeader('x-own')).to.not.equal(undefined);
      expect(socket.peerName()).to.equal('');
    });

    it('accepts 16 MiB', () => {
      expect(socket.maxAllowedIncomingFrameSize()).to.equal(16 * 1024 * 1024);
      expect(socket.maxAllowedIncomingMessageSize()).to.equal(16 * 1024 * 1024);
    });

    it('hands on that it may deliver', () => {
      begin(socket);

      expect(backend.asked).to.deep.equal([['begin']]);
    });

    it('lives as long as its connection', () => {
      const events = backend.connection();
      events.closing(1000, '');
      events.closed();
      const log = logSignals(socket);
      socket.close(1001, 'x');

      expect(log).to.deep.equal([]);
      expect(socket.flush()).to.equal(true);
      expect(socket.closeCode()).to.equal(1000);
    });

    it('can be opened anew, as a client', () => {
      socket.open('ws://other.example/');

      expect(stateOf()).to.equal('Connecting');
      expect(socket.requestUrl().toString()).to.equal('ws://other.example/');
      expect(socket.handshakeOptions().subprotocols()).to.deep.equal([]);
    });
  });
});
