import { expect } from 'chai';
import { spy, stub, restore, type SinonSpy } from 'sinon';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import type { QWebSocketSignals } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { CloseCode, Version } from '../../lib/websockets/qwebsocketprotocol.ts';
import { emitted } from '../support/emitted.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer, switching } from '../support/raw-peer.ts';
import { signalNames } from '../support/signal-log.ts';
import { EchoServer, type EchoLimits } from './support/echo-server.ts';
import { wordsOf } from '../support/words-of.ts';

/** Cases of Qt's own test of QWebSocket; docs/qt-tests.md tells where the others are. */
describe('tst_qwebsocket', () => {
  let socket: QWebSocket;
  let spies: Record<keyof QWebSocketSignals, SinonSpy>;
  let cleanUps: (() => void)[];

  beforeEach(() => {
    socket = new QWebSocket();
    spies = spyOn(socket);
    cleanUps = [];
  });

  afterEach(() => {
    restore();
    socket.abort();
    for (const cleanUp of cleanUps) cleanUp();
  });

  function spyOn(own: QWebSocket): Record<keyof QWebSocketSignals, SinonSpy> {
    const pairs = signalNames.map((name) => {
      const slot = spy();
      own.on(name, slot);
      return [name, slot] as const;
    });
    return Object.fromEntries(pairs) as Record<keyof QWebSocketSignals, SinonSpy>;
  }

  function forget(): void {
    for (const slot of Object.values(spies)) slot.resetHistory();
  }

  /** How often each of `names` was emitted since the socket was made or {@link forget} called. */
  function counts(...names: (keyof QWebSocketSignals)[]): Record<string, number> {
    return Object.fromEntries(names.map((name) => [name, spies[name].callCount]));
  }

  function echoServer(limits?: EchoLimits): EchoServer {
    const server = new EchoServer(limits);
    cleanUps.push(() => server.stop());
    return server;
  }

  async function rawPeer(): Promise<RawPeer> {
    const peer = await RawPeer.listen();
    cleanUps.push(() => peer.close());
    return peer;
  }

  async function connect(target: QUrl | QNetworkRequest | string): Promise<void> {
    const connected = emitted(socket.connected);
    socket.open(target);
    await connected;
  }

  async function disconnect(): Promise<void> {
    const disconnected = emitted(socket.disconnected);
    socket.close();
    await disconnected;
  }

  /** Sends `message` and waits for its echo and for the bytes to have left. */
  async function echo(message: string | Uint8Array): Promise<void> {
    const size = message.length;
    const isText = typeof message === 'string';
    const received: Promise<[string | Uint8Array]> = isText
      ? emitted(socket.textMessageReceived)
      : emitted(socket.binaryMessageReceived);
    forget();
    expect(socket.bytesToWrite()).to.equal(0);

    const sent = isText ? socket.sendTextMessage(message) : socket.sendBinaryMessage(message);
    expect(sent).to.equal(size);
    expect(socket.bytesToWrite()).to.be.above(size);

    const [answer] = await received;
    expect(Buffer.from(answer as Uint8Array).equals(Buffer.from(message as Uint8Array))).to.equal(
      true,
    );
    expect(socket.bytesToWrite()).to.equal(0);
    const [kind, other] = isText ? (['text', 'binary'] as const) : (['binary', 'text'] as const);
    expect(spies[`${kind}MessageReceived`].callCount).to.equal(1);
    expect(spies[`${other}MessageReceived`].callCount).to.equal(0);
    expect(spies[`${other}FrameReceived`].callCount).to.equal(0);
    expect(spies[`${kind}FrameReceived`].lastCall.args[1]).to.equal(true);
  }

  // tst_invalidOpen
  describe('open() where nobody can be reached', () => {
    interface Attempt {
      readonly state: SocketState;
      readonly peerName: string;
      readonly resourceName: string;
      readonly requestUrl: string;
      /** What `disconnected` and `stateChanged` have carried in the end. */
      readonly ending: [disconnected: unknown[][], stateChanged: unknown[][]];
    }
    const refusedAtOnce: Attempt = {
      state: SocketState.UnconnectedState,
      peerName: '',
      resourceName: '',
      requestUrl: '',
      ending: [[], []],
    };
    const rows: Record<string, [url: (port: number) => string, then: (url: string) => Attempt]> = {
      'a port that nobody listens to': [
        (port) => `ws://127.0.0.1:${port}/`,
        (url) => ({
          state: SocketState.ConnectingState,
          peerName: '127.0.0.1',
          resourceName: '/',
          requestUrl: url,
          ending: [[[]], [[SocketState.ConnectingState], [SocketState.UnconnectedState]]],
        }),
      ],
      'a line break in the host': [() => 'ws://myhacky\r\nserver/', () => refusedAtOnce],
      'a line break in the path': [
        (port) => `ws://127.0.0.1:${port}/tricky\r\npath`,
        () => refusedAtOnce,
      ],
    };
    for (const [what, [urlOf, then]] of Object.entries(rows)) {
      it(`fails with one error: ${what}`, async () => {
        const url = urlOf(NOBODY);
        const attempt = then(url);
        const failed = emitted(socket.errorOccurred);

        socket.open(url);

        expect([socket.origin(), socket.version()]).to.deep.equal(['', Version.VersionLatest]);
        expect(socket.state()).to.equal(attempt.state);
        expect(socket.peerName()).to.equal(attempt.peerName);
        expect(socket.resourceName()).to.equal(attempt.resourceName);
        expect(socket.requestUrl().toString()).to.equal(attempt.requestUrl);
        expect(socket.errorString()).to.not.equal('');
        expect(socket.isValid()).to.equal(false);
        expect(socket.localAddress().isNull()).to.equal(true);
        expect(socket.peerAddress().isNull()).to.equal(true);
        expect([socket.localPort(), socket.peerPort()]).to.deep.equal([0, 0]);
        expect(socket.closeCode()).to.equal(CloseCode.CloseCodeNormal);
        expect(socket.sendTextMessage('A text message')).to.equal(0);
        expect(socket.sendBinaryMessage(Buffer.from('A binary message'))).to.equal(0);

        expect(await failed).to.deep.equal([SocketError.ConnectionRefusedError]);
        const [disconnected, stateChanged] = attempt.ending;
        expect(spies.disconnected.args).to.deep.equal(disconnected);
        expect(spies.stateChanged.args).to.deep.equal(stateChanged);
        const others = signalNames.filter(
          (name) => !['disconnected', 'stateChanged', 'errorOccurred', 'error'].includes(name),
        );
        expect(others.filter((name) => spies[name].callCount > 0)).to.deep.equal([]);
        expect(spies.errorOccurred.callCount).to.equal(1);
      });
    }
  });

  // tst_sendTextMessage
  it('sends text and gets it back, also after each reopening', async () => {
    const server = echoServer();
    const url = new QUrl(`${server.url}/segment/with spaces?queryitem=with encoded characters`);
    expect(socket.sendTextMessage('1234')).to.equal(0);

    await connect(url);
    expect(counts('connected', 'errorOccurred')).to.deep.equal({ connected: 1, errorOccurred: 0 });
    expect(server.newest.requestUrl().toEncoded()).to.equal(url.toEncoded());
    await echo('Hello world!');
    expect(spies.textFrameReceived.callCount).to.equal(1);
    await disconnect();

    // QTBUG-74464
    await connect(url);
    await echo('a'.repeat(0x100000));
    await disconnect();

    // QTBUG-36762
    await connect(url);
    await echo('Hello world!');
    expect(spies.textFrameReceived.callCount).to.equal(1);

    socket.close(CloseCode.CloseCodeGoingAway, 'going away');
    expect(socket.closeCode()).to.equal(CloseCode.CloseCodeGoingAway);
    expect(socket.closeReason()).to.equal('going away');
  });

  // tst_sendBinaryMessage
  it('sends bytes and gets them back, also after a reopening', async () => {
    const server = echoServer();
    const message = Buffer.from('Hello world!');
    expect(socket.sendBinaryMessage(message)).to.equal(0);

    for (let round = 0; round < 2; round++) {
      await connect(server.url);
      await echo(message);
      expect(spies.binaryFrameReceived.callCount).to.equal(1);
      await disconnect();
    }
  });

  // tst_errorString
  it('says that the server denies its origin', async () => {
    const server = echoServer();
    const arrived = spy();
    server.server.newConnection.connect(arrived);
    server.server.originAuthenticationRequired.connect((authenticator) =>
      authenticator.setAllowed(false),
    );
    expect(socket.errorString()).to.equal('');
    const failed = emitted(socket.errorOccurred);

    socket.open(server.url);
    await failed;

    expect(wordsOf(socket.errorString())).to.equal(
      'QWebSocketPrivate::processHandshake: Unhandled http status code: 403 (Access Forbidden).',
    );
    expect([arrived.callCount, spies.connected.callCount]).to.deep.equal([0, 0]);
  });

  // tst_openRequest
  const asked: Record<string, [names: string[], header: string, warned: string[]]> = {
    'no subprotocols': [[], '', []],
    'a single subprotocol': [['foobar'], 'foobar', []],
    'several subprotocols': [['foo', 'bar'], 'foo, bar', []],
    'a subprotocol with white space': [
      ['chat', 'foo\r\nbar with space'],
      'chat',
      ['foo??bar with space'],
    ],
    'a subprotocol with invalid characters': [['chat', 'foo{}'], 'chat', ['foo{}']],
  };
  for (const [what, [names, header, warned]] of Object.entries(asked)) {
    it(`shows the server its request with ${what}`, async () => {
      const server = echoServer();
      const warn = stub(process, 'emitWarning');
      const url = new QUrl(`${server.url}/?queryitem=with encoded characters`);
      const request = new QNetworkRequest(url);
      request.setRawHeader('X-Custom-Header', 'A custom header');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(names);
      const connected = emitted(socket.connected);

      socket.open(request, options);
      await connected;

      const seen = server.newest.request();
      expect(seen.url().toEncoded()).to.equal(url.toEncoded());
      expect(seen.rawHeader('X-Custom-Header')).to.equal('A custom header');
      expect(seen.hasRawHeader('Sec-WebSocket-Protocol')).to.equal(header !== '');
      expect(seen.rawHeader('Sec-WebSocket-Protocol')).to.equal(header);
      expect(warn.args.map(([text]) => text)).to.deep.equal(
        warned.map((name) => `Ignoring invalid WebSocket subprotocol name "${name}"`),
      );
    });
  }

  // tst_protocolAccessor
  it('knows the subprotocol that the server has chosen', async () => {
    const server = echoServer();
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(['foo', 'protocol2']);
    const connected = emitted(socket.connected);

    socket.open(server.url, options);
    await connected;

    expect(socket.subprotocol()).to.equal('protocol2');
  });

  // overlongCloseReason
  it('cuts a reason that is too long', async () => {
    const server = echoServer();
    await connect(server.url);
    const disconnected = emitted(socket.disconnected);
    const reason = 'a'.repeat(200);

    socket.close(CloseCode.CloseCodeGoingAway, reason);
    await disconnected;

    expect(socket.closeCode()).to.equal(CloseCode.CloseCodeGoingAway);
    expect(socket.closeReason()).to.equal(reason.slice(0, 123));
    expect(server.newest.closeReason()).to.equal(reason.slice(0, 123));
    expect(spies.disconnected.callCount).to.equal(1);
  });

  // incomingMessageTooLong and incomingFrameTooLong, QTBUG-70693
  const limits: Record<string, EchoLimits> = {
    messages: { maxAllowedIncomingMessageSize: 1024 },
    frames: { maxAllowedIncomingFrameSize: 1024 },
  };
  for (const [what, limit] of Object.entries(limits)) {
    it(`is disconnected with 1009 by a server that takes smaller ${what}`, async () => {
      const server = echoServer(limit);
      await connect(server.url);
      socket.setOutgoingFrameSize(1025);
      const disconnected = emitted(socket.disconnected);

      expect(socket.sendTextMessage('a'.repeat(1025))).to.equal(1025);
      await disconnected;

      expect(spies.disconnected.callCount).to.equal(1);
      expect(socket.closeCode()).to.equal(CloseCode.CloseCodeTooMuchData);
    });
  }

  // customHeader, QTBUG-102111
  it('sends a header of its own, and waits idly for the end of the answer', async () => {
    const [peer, other] = [await rawPeer(), await rawPeer()];
    const request = new QNetworkRequest(peer.url);
    request.setRawHeader('CustomHeader', 'Example');
    const connected = emitted(socket.connected);
    socket.open(request);
    const connection = await peer.next();
    const head = await connection.head();
    expect(head).to.match(/^CustomHeader: Example\r$/im);
    const answer = switching(/^Sec-WebSocket-Key: (.*)\r$/m.exec(head)![1]!);

    connection.socket.write(answer.slice(0, -4));
    // Another handshake from its beginning to its end shows that time passes, and nothing spins.
    const meanwhile = new QWebSocket();
    cleanUps.push(() => meanwhile.abort());
    const isThere = emitted(meanwhile.connected);
    meanwhile.open(other.url);
    await other.accept();
    await isThere;
    expect(socket.state()).to.equal(SocketState.ConnectingState);

    connection.socket.write(answer.slice(-4));
    await connected;
    expect(spies.errorOccurred.callCount).to.equal(0);
  });
});
