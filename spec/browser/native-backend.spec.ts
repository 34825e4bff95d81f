import { expect } from 'chai';
import sinon from 'sinon';
import { NativeBackend, type NativeWebSocketFactory } from '../../lib/browser/native-backend.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { FakeNativeWebSocket, named } from '../support/fake-native-websocket.ts';
import { logSignals } from '../support/signal-log.ts';
import { partsOf, wordsOf } from '../support/words-of.ts';

const URL = 'ws://localhost:1234/path';
const ENDED = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];
const GIVEN_UP = ['aboutToClose', ...ENDED];

class Socket extends QWebSocketBase {
  constructor(createSocket: NativeWebSocketFactory) {
    super('', 13, null, (events, settings) => {
      return new NativeBackend(events, settings, createSocket, () => 'Look at the console.');
    });
  }
}

describe('NativeBackend', () => {
  let clock: sinon.SinonFakeTimers;
  let natives: FakeNativeWebSocket[];
  let socket: Socket;
  let log: string[];

  beforeEach(() => {
    clock = sinon.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'],
    });
    natives = [];
    socket = new Socket((url, protocols) => {
      const native = new FakeNativeWebSocket(url, protocols);
      natives.push(native);
      return native;
    });
    log = logSignals(socket, ['error']);
  });

  afterEach(() => {
    socket.abort();
    const timers = clock.countTimers();
    clock.restore();
    expect(timers).to.equal(0);
  });

  /** Opens a connection; what was told until then is forgotten. */
  function connect(): FakeNativeWebSocket {
    socket.open(URL);
    const native = natives.at(-1)!;
    native.connects();
    log.length = 0;
    return native;
  }

  /** What was told since the last time. */
  function told(): string[] {
    return log.splice(0);
  }

  describe('open()', () => {
    const addresses: Record<string, [url: string, address: string]> = {
      'with a path and a query': ['wss://host/a%20b?c=d&e', 'wss://host/a%20b?c=d&e'],
      'without a path': ['ws://host:81', 'ws://host:81/'],
      'without the fragment, which browsers refused': ['ws://host/a?b#c', 'ws://host/a?b'],
      'with user and password': ['ws://me:secret@host/', 'ws://me:secret@host/'],
      'with an address of IPv6': ['ws://[::1]:81/', 'ws://[::1]:81/'],
    };
    for (const [what, [url, address]] of Object.entries(addresses)) {
      it(`opens a URL ${what}`, () => {
        socket.open(url);

        expect(natives.map((native) => native.url)).to.deep.equal([address]);
      });
    }

    it('asks for bytes as such, not as a Blob', () => {
      socket.open(URL);

      expect(natives[0]!.binaryType).to.equal('arraybuffer');
    });

    it('asks for the subprotocols of options and header, each once, and no others', () => {
      const request = new QNetworkRequest(URL);
      request.setRawHeader('Sec-WebSocket-Protocol', 'b, c, d e');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['a', 'b', 'no name']);
      socket.open(request, options);

      expect(natives[0]!.protocols).to.deep.equal(['a', 'b', 'c']);
    });

    it('tells of subprotocol and extensions', () => {
      socket.open(URL);
      natives[0]!.connects('chat', 'permessage-deflate');

      expect(told()).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Connected',
        'connected',
      ]);
      expect(socket.subprotocol()).to.equal('chat');
      expect(socket.extensions()).to.equal('permessage-deflate');
    });

    for (const url of ['http://host/', 'ws+unix:/run/a.sock']) {
      it(`refuses ${url}`, () => {
        socket.open(url);

        const [scheme] = url.split(':');
        expect(told()).to.deep.equal(['errorOccurred 10']);
        expect(wordsOf(socket.errorString())).to.equal(`Unsupported WebSocket scheme: ${scheme}`);
        expect(natives).to.deep.equal([]);
      });
    }

    for (const type of [ProxyType.HttpProxy, ProxyType.Socks5Proxy]) {
      it(`does not go around a proxy that was asked for (${type})`, () => {
        socket.setProxy(new QNetworkProxy(type, 'proxy', 8080));
        socket.open(URL);

        expect(told()).to.deep.equal(['errorOccurred 10']);
        expect(partsOf(socket.errorString())[1]).to.equal('proxy');
        expect(natives).to.deep.equal([]);
      });
    }

    it('does not go around the proxy of the application', () => {
      QNetworkProxy.setApplicationProxy(new QNetworkProxy(ProxyType.HttpProxy, 'proxy', 8080));
      try {
        socket.open(URL);
      } finally {
        QNetworkProxy.setApplicationProxy(new QNetworkProxy());
      }

      expect(told()).to.deep.equal(['errorOccurred 10']);
      expect(natives).to.deep.equal([]);
    });

    it('goes on without a proxy where none was asked for', () => {
      socket.setProxy(new QNetworkProxy(ProxyType.NoProxy));
      socket.open(URL);

      expect(natives).to.have.lengthOf(1);
    });

    it('says when the browser opens none, and keeps the URL to itself', () => {
      const bare = new Socket(() => {
        throw named('SyntaxError', 'The URL "ws://me:secret@host/" is invalid.');
      });
      bare.open('ws://me:secret@host/');

      expect(bare.error()).to.equal(SocketError.ConnectionRefusedError);
      expect(bare.errorString()).to.equal(
        'Connection refused (browser: it opens no such socket, SyntaxError).',
      );
    });

    it('says that there is none where something odd is thrown', () => {
      const bare = new Socket(() => {
        // oxlint-disable-next-line no-throw-literal
        throw undefined;
      });
      bare.open(URL);

      expect(partsOf(bare.errorString())[2]).to.equal('it opens no such socket, undefined');
      expect(bare.state()).to.equal(SocketState.UnconnectedState);
    });

    it('says as Qt does when a page of https: may not open ws:', () => {
      const bare = new Socket(() => {
        throw named('SecurityError');
      });
      bare.open(URL);

      expect(bare.error()).to.equal(SocketError.UnsupportedSocketOperationError);
      expect(wordsOf(bare.errorString())).to.equal('Unsupported WebSocket scheme: ws');
    });

    it('fails with all that is known, and with advice', () => {
      socket.open(URL);
      told();
      natives[0]!.fails();

      expect(told()).to.deep.equal(['errorOccurred 0', ...ENDED]);
      expect(socket.errorString()).to.equal(
        'Connection refused (browser: code 1006, it does not tell more). Look at the console.',
      );
      expect(socket.closeCode()).to.equal(1000);
    });

    it('passes on what a platform says that says more', () => {
      socket.open(URL);
      natives[0]!.fails('net::ERR_CERT_DATE_INVALID');
      expect(partsOf(socket.errorString())[2]).to.equal('code 1006, net::ERR_CERT_DATE_INVALID');

      socket.open(URL);
      natives[1]!.fails(undefined, 'net::ERR_FAILED\r\n');
      expect(partsOf(socket.errorString())[2]).to.equal('code 1006, net::ERR_FAILED??');
    });

    it('keeps secrets of the URL that the platform quotes', () => {
      socket.open('ws://maria:hunter2@host/?token=s3cr3t%20thing');
      natives[0]!.fails(`Connection to '${natives[0]!.url}' failed.`);

      expect(partsOf(socket.errorString())[2]).to.equal(
        "code 1006, Connection to 'ws://***:***@host/?***' failed.",
      );
    });

    it('is given up after the timeout', () => {
      socket.setOpenTimeout(100);
      socket.open(URL);
      told();
      clock.tick(99);
      expect(told()).to.deep.equal([]);

      clock.tick(1);
      expect(told()).to.deep.equal(['errorOccurred 5', ...ENDED]);
      expect(partsOf(socket.errorString())).to.deep.equal([
        'Socket operation timed out',
        'timeout',
        '100 ms, waiting for the browser to connect',
      ]);
      expect(natives[0]!.closed).to.have.lengthOf(1);
      natives[0]!.connects();
      natives[0]!.fails();
      expect(told()).to.deep.equal([]);
    });

    it('waits for ever with a negative timeout', () => {
      socket.setOpenTimeout(-1);
      socket.open(URL);

      expect(clock.countTimers()).to.equal(0);
    });
  });

  describe('messages', () => {
    it('come as text and as bytes, without frames', () => {
      const native = connect();
      native.gets('Hällo');
      native.gets(Uint8Array.of(1, 2).buffer);
      native.gets(new ArrayBuffer(0));

      expect(told()).to.deep.equal([
        'textMessageReceived Hällo',
        'binaryMessageReceived 0102',
        'binaryMessageReceived ',
      ]);
    });

    it('go out, and their bytes are counted', () => {
      const native = connect();

      expect(socket.sendTextMessage('ä')).to.equal(2);
      expect(socket.sendBinaryMessage(Uint8Array.of(1, 2, 3))).to.equal(3);
      expect(socket.sendPreparedMessage(QWebSocketPreparedMessage.fromText('x'))).to.equal(1);
      expect(native.sent).to.deep.equal(['ä', [1, 2, 3], 'x']);
      expect(socket.bytesToWrite()).to.equal(6);
      native.passesOn(6);
      clock.runAll();
    });

    it('may lie in memory that browsers do not take', () => {
      const native = connect();
      const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);

      expect(socket.sendBinaryMessage(shared)).to.equal(2);
      expect(native.sent).to.deep.equal([[7, 7]]);
    });

    it('are counted when the network takes them, in pieces as it does', () => {
      const native = connect();
      socket.sendBinaryMessage(new Uint8Array(100));
      native.passesOn(60);
      clock.tick(200);
      expect(told()).to.deep.equal(['bytesWritten 60']);

      clock.tick(1000);
      expect(told()).to.deep.equal([]);
      native.passesOn(40);
      clock.tick(200);
      expect(told()).to.deep.equal(['bytesWritten 40']);
      expect(clock.countTimers()).to.equal(0);
    });

    it('keep a slot going that sends when the last ones are gone', () => {
      const native = connect();
      let rest = 3;
      socket.bytesWritten.connect(() => {
        if (rest-- > 0) socket.sendTextMessage('next');
      });
      socket.sendTextMessage('first');
      for (let i = 0; i < 5; i++) {
        native.bufferedAmount = 0;
        clock.tick(200);
      }

      expect(native.sent).to.deep.equal(['first', 'next', 'next', 'next']);
    });

    it('are refused when the browser knows already that the peer closes', () => {
      const native = connect();
      native.readyState = 2;

      expect(socket.sendTextMessage('too late')).to.equal(0);
      expect(socket.sendBinaryMessage(new Uint8Array(1))).to.equal(0);
      expect(native.sent).to.deep.equal([]);
    });

    it('are refused while more waits than the backlog allows', () => {
      const native = connect();
      socket.setBacklogLimit(4);
      expect(socket.sendTextMessage('12345')).to.equal(5);
      expect(socket.sendTextMessage('6')).to.equal(0);

      native.passesOn(1);
      expect(socket.sendTextMessage('6')).to.equal(1);
    });

    it('that pile up end the connection where the policy says so', () => {
      const native = connect();
      socket.setBacklogLimit(4, BacklogPolicy.Disconnect);
      socket.sendTextMessage('12345');
      expect(socket.sendTextMessage('6')).to.equal(0);
      expect(told()).to.deep.equal([]);
      native.gets('nobody hears this');
      clock.tick(5);

      expect(told()).to.deep.equal(['errorOccurred 4', 'stateChanged Closing', ...ENDED]);
      expect(socket.closeCode()).to.equal(1006);
      expect(wordsOf(socket.errorString())).to.equal(
        'The peer does not read: 5 bytes wait to be sent.',
      );
      expect(native.closed).to.have.lengthOf(1);
    });

    it('that pile up end it whatever close() says meanwhile', () => {
      const native = connect();
      socket.setBacklogLimit(0, BacklogPolicy.Disconnect);
      socket.sendTextMessage('1');
      socket.sendTextMessage('2');
      socket.close();
      expect(told()).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      clock.tick(1);

      expect(told()).to.deep.equal(['errorOccurred 4', ...ENDED]);
      expect(native.closed).to.have.lengthOf(1);
    });

    const tooBig: Record<string, unknown> = {
      bytes: new ArrayBuffer(5),
      'text of more units': 'abcde',
      'text of more bytes': 'äää',
    };
    for (const [what, data] of Object.entries(tooBig)) {
      it(`beyond the limit end the connection: ${what}`, () => {
        const native = connect();
        socket.setMaxAllowedIncomingMessageSize(4);
        native.gets('1234');
        native.gets('ää');
        native.gets(new ArrayBuffer(4));
        expect(told()).to.have.lengthOf(3);

        native.gets(data);
        native.gets('nobody hears this');
        expect(told()).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
        expect(socket.closeCode()).to.equal(1009);
        expect(wordsOf(socket.errorString())).to.equal('Received message is too big.');
        // Browsers let no script send 1009.
        expect(native.closed).to.deep.equal([[]]);

        native.ends();
        expect(told()).to.deep.equal(ENDED);
        expect(socket.closeCode()).to.equal(1009);
      });
    }
  });

  it('keeps its own code when a message is too big that comes while it closes', () => {
    const native = connect();
    socket.setMaxAllowedIncomingMessageSize(4);
    socket.close(4000, 'ours');
    native.gets('12345');
    native.ends(4000);

    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'ours']);
  });

  describe('close()', () => {
    const codes: Record<string, [code: number, reason: string, args: unknown[]]> = {
      'as it is: 1000': [1000, 'bye', [1000, 'bye']],
      'as it is: 4999': [4999, '', [4999, '']],
      'as none where browsers forbid it: 1001': [1001, 'gone', []],
      'as none where browsers forbid it: 1011': [1011, '', []],
    };
    for (const [what, [code, reason, args]] of Object.entries(codes)) {
      it(`sends the code ${what}`, () => {
        const native = connect();
        socket.close(code, reason);
        native.ends(args.length === 0 ? 1005 : code);

        expect(native.closed).to.deep.equal([args]);
        expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([code, reason]);
        expect(told()).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...ENDED]);
        expect(socket.errorString()).to.equal('Unknown error');
      });
    }

    it('says when the peer did not answer', () => {
      const native = connect();
      socket.close();
      native.ends(1006);

      expect(told()).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...ENDED]);
      expect(socket.closeCode()).to.equal(1000);
      expect(partsOf(socket.errorString())).to.deep.equal([
        'The remote host closed the connection',
        'browser',
        'code 1006, it does not tell more without answering our Close frame',
      ]);
    });

    it('gives up when nothing moves for the timeout', () => {
      socket.setCloseTimeout(100);
      const native = connect();
      socket.sendBinaryMessage(new Uint8Array(10));
      socket.close();
      for (let i = 0; i < 3; i++) {
        native.passesOn(1);
        clock.tick(100);
        expect(socket.state()).to.equal(SocketState.ClosingState);
      }
      clock.tick(100);

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      expect(partsOf(socket.errorString())).to.deep.equal([
        'Socket operation timed out',
        'timeout',
        '100 ms, waiting for the peer to answer our Close frame',
      ]);
      told();
      native.ends();
      expect(told()).to.deep.equal([]);
    });

    it('gives up a peer that goes on for ever', () => {
      socket.setCloseTimeout(100);
      const native = connect();
      socket.close();
      for (let i = 0; i < 12; i++) {
        native.gets('and another thing');
        clock.tick(100);
      }

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });

    it('gives an attempt up', () => {
      socket.open(URL);
      told();
      socket.close();

      expect(told()).to.deep.equal(GIVEN_UP);
      expect(natives[0]!.closed).to.have.lengthOf(1);
      natives[0]!.fails();
      expect(told()).to.deep.equal([]);
    });
  });

  describe('the end of a connection', () => {
    it('by the peer tells why', () => {
      connect().ends(1001, 'away');

      expect(told()).to.deep.equal(['aboutToClose', 'stateChanged Closing', ...ENDED]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'away']);
      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    });

    it('without a Close frame is an error, and 1006', () => {
      connect().fails();

      expect(told()).to.deep.equal(['errorOccurred 1', 'stateChanged Closing', ...ENDED]);
      expect(socket.closeCode()).to.equal(1006);
      expect(partsOf(socket.errorString())).to.deep.equal([
        'The remote host closed the connection',
        'browser',
        'code 1006, it does not tell more before a Close frame',
      ]);
    });

    it('is told once, whatever else comes', () => {
      const native = connect();
      native.fails();
      told();
      native.fails();
      native.ends(1000);
      native.gets('late');
      native.connects();

      expect(told()).to.deep.equal([]);
    });
  });

  describe('abort()', () => {
    it('tells at once and hears nothing any more', () => {
      const native = connect();
      socket.abort();
      expect(told()).to.deep.equal(GIVEN_UP);

      native.gets('late');
      native.fails();
      expect(told()).to.deep.equal([]);
      expect(native.closed).to.deep.equal([[1000, '']]);
    });

    it('leaves the next connection alone', () => {
      const first = connect();
      const { onmessage, onclose, onopen } = first;
      socket.abort();
      const second = connect();
      // As if they had been queued already.
      onmessage!({ data: 'late' });
      onclose!({ code: 1006, reason: '' });
      onopen!();

      expect(told()).to.deep.equal([]);
      second.gets('here');
      expect(told()).to.deep.equal(['textMessageReceived here']);
    });
  });

  describe('a slot', () => {
    /** What leads to a signal, on a connection that is open. */
    const ways: Record<string, (native: FakeNativeWebSocket) => void> = {
      textMessageReceived: (native) => native.gets('text'),
      binaryMessageReceived: (native) => native.gets(new ArrayBuffer(1)),
      'aboutToClose by the peer': (native) => native.ends(1001),
      'aboutToClose for a message that is too big': (native) => native.gets('x'.repeat(100)),
      'stateChanged by the peer': (native) => native.ends(1001),
      errorOccurred: (native) => native.fails(),
      'errorOccurred for a peer that does not read': () => {
        socket.setBacklogLimit(0, BacklogPolicy.Disconnect);
        socket.sendTextMessage('a');
        socket.sendTextMessage('b');
        clock.tick(1);
        socket.setBacklogLimit(-1);
      },
      disconnected: (native) => native.fails(),
      readChannelFinished: (native) => native.ends(1000),
      bytesWritten: (native) => {
        socket.sendTextMessage('a');
        native.passesOn(1);
        clock.tick(200);
      },
    };
    for (const [way, happen] of Object.entries(ways)) {
      const name = way.split(' ')[0] as 'disconnected';

      it(`may open another connection: ${way}`, () => {
        socket.setMaxAllowedIncomingMessageSize(10);
        const first = connect();
        socket.once(name, () => socket.open(URL));
        happen(first);
        expect(socket.state()).to.equal(SocketState.ConnectingState);

        const second = natives[1]!;
        second.connects();
        told();
        first.ends(1000);
        second.gets('here');
        clock.tick(60_000);
        expect(told()).to.deep.equal(['textMessageReceived here']);
        expect(socket.errorString()).to.equal('Unknown error');
      });

      it(`may abort: ${way}`, () => {
        socket.setMaxAllowedIncomingMessageSize(10);
        const native = connect();
        socket.once(name, () => socket.abort());
        happen(native);
        told();
        native.gets('late');
        native.ends(1000);
        clock.tick(60_000);

        expect(told()).to.deep.equal([]);
        expect(socket.state()).to.equal(SocketState.UnconnectedState);
      });

      it(`may close: ${way}`, () => {
        socket.setMaxAllowedIncomingMessageSize(10);
        const native = connect();
        socket.once(name, () => socket.close(4000));
        happen(native);
        native.ends(4000);
        clock.tick(60_000);

        expect(log.filter((line) => line === 'disconnected')).to.have.lengthOf(1);
        expect(socket.state()).to.equal(SocketState.UnconnectedState);
      });

      it(`may destroy the socket: ${way}`, () => {
        socket.setMaxAllowedIncomingMessageSize(10);
        const native = connect();
        socket.once(name, () => socket.deleteLater());
        happen(native);
        clock.tick(10);
        native.ends(1001);
        clock.tick(60_000);

        expect(native.readyState).to.be.greaterThan(1);
        expect(socket.isValid()).to.equal(false);
        expect(clock.countTimers()).to.equal(0);
      });
    }

    const beginnings: Record<string, (native: FakeNativeWebSocket) => void> = {
      'stateChanged to Connected': (native) => native.connects(),
      connected: (native) => native.connects(),
      'errorOccurred of an attempt': (native) => native.fails(),
      'stateChanged of an attempt that fails': (native) => native.fails(),
      'disconnected of an attempt': (native) => native.fails(),
      'errorOccurred after the timeout': () => clock.tick(30_000),
    };
    for (const [way, happen] of Object.entries(beginnings)) {
      const name = way.split(' ')[0] as 'disconnected';

      it(`may open another connection: ${way}`, () => {
        socket.open(URL);
        socket.once(name, () => socket.open(URL));
        happen(natives[0]!);
        told();
        natives[0]!.ends();
        natives[0]!.gets('late');
        natives[1]!.connects();
        natives[1]!.gets('here');

        expect(told()).to.deep.equal([
          'stateChanged Connected',
          'connected',
          'textMessageReceived here',
        ]);
      });

      it(`may give up: ${way}`, () => {
        for (const giveUp of [() => socket.abort(), () => socket.close()]) {
          socket.open(URL);
          const native = natives.at(-1)!;
          socket.once(name, giveUp);
          happen(native);
          native.ends();
          told();
          native.connects();
          native.gets('late');
          native.fails();
          clock.tick(60_000);

          expect(told()).to.deep.equal([]);
          expect(socket.state()).to.equal(SocketState.UnconnectedState);
        }
      });
    }

    it('may send when it hears of the failure, to nobody', () => {
      const native = connect();
      socket.errorOccurred.connect(() => {
        expect(socket.sendTextMessage('too late')).to.equal(0);
      });
      native.fails();

      expect(native.sent).to.deep.equal([]);
    });
  });

  it('does nothing where a browser has nothing to offer', () => {
    const native = connect();
    socket.ping();
    socket.resume();

    expect(new KeepAlive().add(socket)).to.equal(false);
    expect(socket.flush()).to.equal(true);
    expect(socket.localPort()).to.equal(0);
    expect(socket.peerAddress().isNull()).to.equal(true);
    expect(socket.sslConfiguration().isNull()).to.equal(true);
    expect(native.sent).to.deep.equal([]);
    expect(told()).to.deep.equal([]);
  });
});
