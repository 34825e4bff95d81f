import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { connectThroughIpc } from '../../lib/electron/bridge-connectors.ts';
import type { BridgeRequest } from '../../lib/electron/bridge-messages.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { QWebSocket as NodeSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { messages } from '../../lib/websockets/messages.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import {
  SocketBridge,
  type Admission,
  type PageRequest,
  type SocketBridgeOptions,
} from '../../lib/electron/socket-bridge.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { holdBack } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import type { FakeBackend } from '../support/fake-backend.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { emitted } from '../support/emitted.ts';
import { FakeIpc } from '../support/fake-electron.ts';
import { logSignals } from '../support/signal-log.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { partsOf } from '../support/words-of.ts';

const URL = 'ws://server.example/feed';

describe('SocketBridge', () => {
  let ipc: FakeIpc;
  let bridge: SocketBridge;
  let inMain: TestSocket[];
  let asked: PageRequest[];
  let refusals: string[];
  let page: QWebSocket;

  beforeEach(() => {
    ipc = new FakeIpc();
    inMain = [];
    asked = [];
    refusals = [];
    page = new QWebSocket('', undefined, null, connectThroughIpc(ipc));
  });

  afterEach(() => {
    page.abort();
    bridge.close();
    for (const port of ipc.ports) port.close();
  });

  function makeBridge(options: Partial<SocketBridgeOptions> = {}): void {
    bridge = new SocketBridge(ipc, { admit, ...options });
    bridge.refused.connect((reason) => refusals.push(reason));
  }

  function admit(request: PageRequest): TestSocket {
    asked.push(request);
    const socket = new TestSocket();
    inMain.push(socket);
    return socket;
  }

  /** The machinery under the main process's socket that was made last. */
  function machinery(): FakeBackend {
    return inMain.at(-1)!.backend;
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await setImmediate();
  }

  /** Opens the page's socket up to where the main process's one has begun to connect. */
  async function begin(target: string | QNetworkRequest = URL): Promise<void> {
    const count = inMain.length;
    page.open(target);
    await until(() => inMain.length > count && machinery().request !== undefined);
  }

  async function connect(): Promise<void> {
    await begin();
    const done = emitted(page.connected);
    machinery().connection().opened('');
    await done;
  }

  /** What main and page have said to each other has arrived when this is through. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await setImmediate();
  }

  /** What was asked of the server. */
  function holds(): unknown[] {
    return machinery()
      .asked.map(([name]) => name)
      .filter((name) => name === 'holdBack' || name === 'letGo');
  }

  function askedOf(name: string): unknown[][] {
    return machinery().asked.filter(([each]) => each === name);
  }

  describe('asks who may connect', () => {
    it('with what the page wants, and who it is', async () => {
      makeBridge();
      page = new QWebSocket('app://claimed', undefined, null, connectThroughIpc(ipc));
      const request = new QNetworkRequest(URL);
      request.setRawHeader('X-Page', '1');
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['chat']);
      page.open(request, options);
      await until(() => asked.length > 0);

      expect(asked).to.deep.equal([
        {
          url: URL,
          page: { url: 'app://ui/index.html', origin: 'app://ui', contentsId: 1 },
          origin: 'app://claimed',
          subprotocols: ['chat'],
          headers: [['x-page', '1']],
        },
      ]);
    });

    it('and sends no header or origin of the page by itself', async () => {
      makeBridge();
      page = new QWebSocket('app://claimed', undefined, null, connectThroughIpc(ipc));
      const request = new QNetworkRequest(URL);
      request.setRawHeader('Authorization', 'stolen');
      await begin(request);

      expect(machinery().request?.headers.toListOfPairs()).to.deep.equal([]);
      expect(machinery().request?.origin).to.equal('');
    });

    it('and sends the headers that the answer has', async () => {
      const headers = QHttpHeaders.fromListOfPairs([['Authorization', 'Bearer 1']]);
      makeBridge({ admit: (request) => ({ socket: admit(request), headers }) });
      await begin();

      expect(machinery().request?.headers.toListOfPairs()).to.deep.equal([
        ['authorization', 'Bearer 1'],
      ]);
    });

    it('and waits for the answer', async () => {
      makeBridge({
        async admit(request): Promise<Admission> {
          await settle();
          return { socket: admit(request) };
        },
      });
      await connect();

      expect(page.state()).to.equal(SocketState.ConnectedState);
    });

    it('and refuses with null', async () => {
      makeBridge({ admit: () => null });
      const failed = emitted(page.errorOccurred);
      page.open('ws://user:secret@server.example/feed?token=secret');

      expect(await failed).to.deep.equal([SocketError.SocketAccessError]);
      expect(partsOf(page.errorString())).to.deep.equal([
        'Access denied',
        'bridge',
        'The main process does not allow ws://server.example/feed',
      ]);
      expect(page.state()).to.equal(SocketState.UnconnectedState);
      expect(refusals).to.deep.equal(['The main process does not allow ws://server.example/feed.']);
      expect(bridge.connections()).to.equal(0);
    });

    it('and refuses where there is no answer', async () => {
      makeBridge({ admit: (() => {}) as unknown as SocketBridgeOptions['admit'] });
      page.open(URL);
      await emitted(page.errorOccurred);

      expect(page.error()).to.equal(SocketError.SocketAccessError);
      expect(bridge.connections()).to.equal(0);
    });

    it('and refuses, and says what was thrown, where it throws', async () => {
      const fault = new Error('a fault of the application');
      makeBridge({
        admit: () => {
          throw fault;
        },
      });
      const errors = await uncaughtErrors(async () => {
        const failed = emitted(page.errorOccurred);
        page.open(URL);
        await failed;
      });

      expect(errors).to.deep.equal([fault]);
      expect(page.error()).to.equal(SocketError.SocketAccessError);
    });

    it('and drops the socket when the page was quicker to leave', async () => {
      let answer: ((socket: TestSocket) => void) | undefined;
      makeBridge({ admit: () => new Promise<TestSocket>((resolve) => (answer = resolve)) });
      page.open(URL);
      await until(() => answer !== undefined);
      page.abort();
      await until(() => bridge.connections() === 0);
      const socket = new TestSocket();
      const gone = emitted(socket.destroyed);
      answer!(socket);
      await gone;

      expect(socket.backend.request).to.equal(undefined);
    });
  });

  describe('carries', () => {
    beforeEach(() => makeBridge());

    it('all signals in their order', async () => {
      const log = logSignals(page);
      await begin();
      const tells = machinery().connection();
      tells.bytesWritten(150);
      tells.opened('chat', 'permessage-deflate');
      tells.textFrame('a', false);
      tells.textFrame('b', true);
      tells.textMessage('ab');
      tells.binaryFrame(Uint8Array.of(1), false);
      tells.binaryFrame(Uint8Array.of(2, 3), true);
      tells.binaryMessage(Uint8Array.of(1, 2, 3));
      tells.textMessage('without frames');
      tells.binaryMessage(Uint8Array.of(4));
      tells.closing(4001, 'why');
      tells.closed();
      await emitted(page.readChannelFinished);

      expect(log).to.deep.equal([
        'stateChanged Connecting',
        'bytesWritten 150',
        'stateChanged Connected',
        'connected',
        'textFrameReceived a false',
        'textFrameReceived b true',
        'textMessageReceived ab',
        'binaryFrameReceived 01 false',
        'binaryFrameReceived 0203 true',
        'binaryMessageReceived 010203',
        'textMessageReceived without frames',
        'binaryMessageReceived 04',
        'aboutToClose',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect([page.closeCode(), page.closeReason()]).to.deep.equal([4001, 'why']);
      expect([page.subprotocol(), page.extensions()]).to.deep.equal(['chat', 'permessage-deflate']);
    });

    it('what the page sends, in its order', async () => {
      await connect();
      page.sendTextMessage('€');
      page.sendBinaryMessage(Uint8Array.of(0, 1, 2, 3).subarray(1, 3));
      page.sendPreparedMessage(QWebSocketPreparedMessage.fromText('prepared'));
      page.ping(Uint8Array.of(9));
      page.close(4000, 'Enough.');
      await until(() => askedOf('close').length > 0);

      expect(machinery().asked.slice(3)).to.deep.equal([
        ['sendText', '€'],
        ['sendBinary', [1, 2]],
        ['sendText', 'prepared'],
        ['ping', [9]],
        ['close', 4000, 'Enough.'],
      ]);
    });

    it('pongs', async () => {
      await connect();
      const pong = emitted(page.pong);
      page.ping();
      machinery().connection().pong(Uint8Array.of(7));
      const [elapsed, payload] = await pong;

      expect(elapsed).to.be.at.least(0);
      expect([...payload]).to.deep.equal([7]);
    });

    it('both addresses', async () => {
      await begin();
      machinery().local = { address: '127.0.0.1', port: 1 };
      machinery().peer = { address: '::1', port: 2 };
      const done = emitted(page.connected);
      machinery().connection().opened('');
      await done;

      expect([page.localAddress().toString(), page.localPort()]).to.deep.equal(['127.0.0.1', 1]);
      expect([page.peerAddress().toString(), page.peerPort()]).to.deep.equal(['::1', 2]);
      expect(page.peerName()).to.equal('server.example');
    });

    it('nothing of what lies around the bytes of a message', async () => {
      await connect();
      const received = emitted(page.binaryMessageReceived);
      const block = new Uint8Array(1000).fill(1);
      machinery().connection().binaryMessage(block.subarray(10, 12));
      const [message] = await received;

      expect([message.length, message.buffer.byteLength]).to.deep.equal([2, 2]);
    });

    it('nor of what lies around those of a frame or pong', async () => {
      await connect();
      const sizes: number[] = [];
      page.binaryFrameReceived.connect((frame) => sizes.push(frame.buffer.byteLength));
      page.pong.connect((_elapsed, payload) => sizes.push(payload.buffer.byteLength));
      const part = new Uint8Array(1000).subarray(10, 12);
      machinery().connection().binaryFrame(part, false);
      machinery().connection().pong(part);
      await settle();

      expect(sizes).to.deep.equal([2, 2]);
    });

    it('failures before there was a peer', async () => {
      const log = logSignals(page);
      await begin();
      machinery().connection().unreachable(SocketError.HostNotFoundError, 'Host not found');
      await emitted(page.errorOccurred);

      expect(log).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Unconnected',
        'disconnected',
        'errorOccurred 2',
        'error 2',
      ]);
      expect(page.errorString()).to.equal('Host not found');
    });

    it('failures of the handshake', async () => {
      const log = logSignals(page);
      await begin();
      machinery().connection().handshakeFailed(SocketError.ConnectionRefusedError, 'No');
      await emitted(page.readChannelFinished);

      expect(log).to.deep.equal([
        'stateChanged Connecting',
        'errorOccurred 0',
        'error 0',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(page.errorString()).to.equal('No');
    });

    it('the loss of a connection', async () => {
      await connect();
      const log = logSignals(page);
      const tells = machinery().connection();
      tells.lost(SocketError.RemoteHostClosedError, 'Gone');
      tells.closed();
      await emitted(page.readChannelFinished);

      expect(log).to.deep.equal([
        'errorOccurred 1',
        'error 1',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect([page.closeCode(), page.errorString()]).to.deep.equal([1006, 'Gone']);
    });

    it('why the end was none in order', async () => {
      await connect();
      page.close();
      await until(() => askedOf('close').length > 0);
      machinery().connection().explained('It took too long');
      machinery().connection().closed();
      await emitted(page.disconnected);

      expect(page.errorString()).to.equal('It took too long');
      expect(page.closeCode()).to.equal(1000);
    });

    it('what the main process does with the socket itself', async () => {
      await connect();
      inMain[0]!.close(4002, 'from main');
      await emitted(page.aboutToClose);
      machinery().connection().closed();
      await emitted(page.disconnected);

      expect([page.closeCode(), page.closeReason()]).to.deep.equal([4002, 'from main']);
    });

    it('the closing of both sides at once, each with its own code', async () => {
      await connect();
      machinery().connection().closing(4001, 'theirs');
      page.close(4002, 'ours');
      await settle();
      machinery().connection().closed();
      await emitted(page.disconnected);

      expect([page.closeCode(), page.closeReason()]).to.deep.equal([4002, 'ours']);
      expect(inMain[0]!.closeCode()).to.equal(4001);
    });

    it('that the main process gave the attempt up', async () => {
      await begin();
      inMain[0]!.abort();
      await emitted(page.errorOccurred);

      expect(page.error()).to.equal(SocketError.OperationError);
      expect(page.state()).to.equal(SocketState.UnconnectedState);
    });

    it('limits that are stricter than those of the main process', async () => {
      page.setMaxAllowedIncomingMessageSize(1000);
      page.setMaxAllowedIncomingFrameSize(2 ** 31 - 2);
      page.setCloseTimeout(-1);
      page.setIncompleteMessageTimeout(500);
      await begin();

      const [socket] = inMain;
      expect(socket!.maxAllowedIncomingMessageSize()).to.equal(1000);
      expect(socket!.maxAllowedIncomingFrameSize()).to.equal(64 * 1024 * 1024);
      expect(socket!.closeTimeout()).to.equal(5000);
      expect(socket!.incompleteMessageTimeout()).to.equal(500);
    });

    it('limits where the main process has none', async () => {
      bridge.close();
      makeBridge({
        admit: (request) => {
          const socket = admit(request);
          socket.setCloseTimeout(-1);
          return socket;
        },
      });
      page.setCloseTimeout(500);
      await begin();

      expect(inMain[0]!.closeTimeout()).to.equal(500);
    });

    it('no wish to compress where there is none', async () => {
      await begin();

      expect(inMain[0]!.isCompressionEnabled()).to.equal(false);
    });

    it('the wish to compress', async () => {
      page.setCompressionEnabled(true);
      await begin();

      expect(inMain[0]!.isCompressionEnabled()).to.equal(true);
    });
  });

  describe('counts what waits', () => {
    beforeEach(async () => {
      makeBridge();
      await connect();
    });

    it('on its way and in the main process', async () => {
      expect(page.sendTextMessage('12345')).to.equal(5);
      expect(page.bytesToWrite()).to.equal(5);
      await until(() => askedOf('sendText').length > 0);
      machinery().waiting = 7;
      machinery().connection().bytesWritten(4);
      await emitted(page.bytesWritten);
      expect(page.bytesToWrite()).to.equal(7);

      machinery().waiting = 0;
      machinery().connection().bytesWritten(7);
      await emitted(page.bytesWritten);
      expect(page.bytesToWrite()).to.equal(0);
    });

    it('and refuses messages beyond the limit of the page', () => {
      page.setBacklogLimit(10);
      expect(page.sendTextMessage('12345678901')).to.equal(11);

      expect(page.sendTextMessage('x')).to.equal(0);
      expect(page.sendBinaryMessage(new Uint8Array(1))).to.equal(0);
      expect(page.sendPreparedMessage(QWebSocketPreparedMessage.fromText('x'))).to.equal(0);
    });

    it('or cuts the connection there', async () => {
      page.setBacklogLimit(10, BacklogPolicy.Disconnect);
      page.sendTextMessage('12345678901');
      const failed = emitted(page.errorOccurred);
      expect(page.sendTextMessage('x')).to.equal(0);

      expect(await failed).to.deep.equal([SocketError.SocketResourceError]);
      expect([page.state(), page.closeCode()]).to.deep.equal([SocketState.UnconnectedState, 1006]);
      await until(() => bridge.connections() === 0);
    });

    it('also of messages that the socket of the main process refuses', async () => {
      inMain[0]!.setBacklogLimit(0);
      machinery().sendText = () => 0;
      page.sendTextMessage('12345');
      await until(() => page.bytesToWrite() === 0);
    });
  });

  describe('bounds what a page can use up', () => {
    it('connections', async () => {
      makeBridge({ maxSockets: 1 });
      await connect();
      const other = new QWebSocket('', undefined, null, connectThroughIpc(ipc));
      other.open(URL);
      await emitted(other.errorOccurred);

      expect(other.error()).to.equal(SocketError.SocketResourceError);
      expect(other.errorString()).to.include('maxSockets');
      expect(inMain).to.have.lengthOf(1);
    });

    it('connections, those included that it gives up before they are decided about', async () => {
      let questions = 0;
      makeBridge({
        maxSockets: 1,
        admit: () => {
          questions += 1;
          return new Promise(() => {});
        },
      });
      page.open(URL);
      await until(() => questions === 1);
      page.open(URL);
      await emitted(page.errorOccurred);

      expect(page.error()).to.equal(SocketError.SocketResourceError);
      expect(questions).to.equal(1);
    });

    it('connections, of each page by itself', async () => {
      makeBridge({ maxSockets: 1 });
      await connect();
      ipc.sender = { id: 2 };
      const other = new QWebSocket('', undefined, null, connectThroughIpc(ipc));
      other.open(URL);
      await until(() => inMain.length === 2);
      other.abort();
    });

    it('the size of messages, which a page learns at once', async () => {
      makeBridge({ maxMessageSize: 4 });
      await connect();

      expect(page.sendTextMessage('12345')).to.equal(0);
      expect(page.sendTextMessage('€€')).to.equal(0);
      expect(page.sendBinaryMessage(new Uint8Array(5))).to.equal(0);
      expect(page.errorString()).to.include('maxMessageSize');
      expect(page.sendTextMessage('1234')).to.equal(4);
    });

    it('what waits for a server that does not read', async () => {
      makeBridge({ maxBacklog: 10 });
      await connect();
      machinery().waiting = 11;
      page.sendTextMessage('one more');
      await emitted(page.errorOccurred);

      expect(page.error()).to.equal(SocketError.SocketResourceError);
      expect(page.errorString()).to.include('maxBacklog');
      expect(askedOf('sendText')).to.deep.equal([]);
    });

    it('pings, too, for a server that does not read', async () => {
      makeBridge({ maxBacklog: 10 });
      await connect();
      machinery().waiting = 11;
      page.ping();
      await emitted(page.errorOccurred);

      expect(page.error()).to.equal(SocketError.SocketResourceError);
      expect(askedOf('ping')).to.deep.equal([]);
    });

    it('nobody before a server that floods a page was asked to wait', async () => {
      makeBridge({ maxUnread: 4000 });
      await connect();
      const tells = machinery().connection();
      for (let i = 0; i < 12; i++) tells.binaryMessage(new Uint8Array(100));
      expect(holds()).to.deep.equal([]);
      tells.binaryMessage(new Uint8Array(1000));
      tells.binaryMessage(new Uint8Array(100));
      expect(holds()).to.deep.equal(['holdBack']);

      await until(() => holds().length > 1);

      expect(holds()).to.deep.equal(['holdBack', 'letGo']);
      expect(page.state()).to.equal(SocketState.ConnectedState);
    });

    it('nobody while a loop over messages has a server wait, and loses nothing', async () => {
      const count = 400;
      const message = new Uint8Array(100_000);
      const server = new QWebSocketServer('Feed', SslMode.NonSecureMode);
      server.listen(QHostAddress.LocalHost);
      bridge = new SocketBridge(ipc, { admit: () => new NodeSocket(), maxUnread: 2_000_000 });
      page.open(server.serverUrl());
      await Promise.all([emitted(server.newConnection), emitted(page.connected)]);
      const incoming = messages(page);
      const accepted = server.nextPendingConnection()!;
      for (let sent = 0; sent < count; sent++) accepted.sendBinaryMessage(message);
      accepted.close();
      for (let turn = 0; turn < 300; turn++) await setImmediate();
      // Loopback's own memory takes some of it.
      expect(accepted.bytesToWrite()).to.be.above(10_000_000);

      let read = 0;
      for await (const { length } of incoming) read += length;

      expect(read).to.equal(count * message.length);
      expect(page.closeCode()).to.equal(1000);
      server[Symbol.dispose]();
    });

    it('nobody who closes, and has the answer of a server that waits read', async () => {
      makeBridge({ maxUnread: 4000 });
      await connect();
      const letGo = holdBack(page);
      const tells = machinery().connection();
      tells.binaryMessage(new Uint8Array(2001));
      expect(holds()).to.deep.equal(['holdBack']);
      page.close();
      await until(() => askedOf('close').length > 0);
      tells.binaryMessage(new Uint8Array(100));

      expect(holds()).to.deep.equal(['holdBack', 'letGo']);
      letGo();
    });

    it('what waits for a page that does not read', async () => {
      makeBridge({ maxUnread: 1000 });
      await connect();
      const tells = machinery().connection();
      for (let i = 0; i < 11; i++) tells.binaryMessage(new Uint8Array(30));
      await emitted(page.errorOccurred);

      expect(page.errorString()).to.include('maxUnread');
      expect(inMain[0]!.state()).to.equal(SocketState.UnconnectedState);
    });

    it('what waits for a page that does not read, also while the connection is being closed', async () => {
      makeBridge({ maxUnread: 1000 });
      await connect();
      page.close();
      await until(() => askedOf('close').length > 0);
      const tells = machinery().connection();
      for (let i = 0; i < 11; i++) tells.binaryMessage(new Uint8Array(30));
      await emitted(page.disconnected);

      expect(askedOf('abort')).to.have.lengthOf(2);
    });

    it('but not what a page has read', async () => {
      makeBridge({ maxUnread: 10_000 });
      await connect();
      const block = new Uint8Array(2000);
      for (let i = 0; i < 20; i++) {
        const received = emitted(page.binaryMessageReceived);
        machinery().connection().binaryMessage(block);
        await received;
        await settle();
      }

      expect(page.state()).to.equal(SocketState.ConnectedState);
    });
  });

  describe('ends connections', () => {
    beforeEach(async () => {
      makeBridge();
      await connect();
    });

    it('with 1001 when the page is gone', async () => {
      ipc.ports[0]!.close();
      await until(() => askedOf('close').length > 0);

      expect(askedOf('close')).to.deep.equal([['close', 1001, 'Connection closed']]);
      expect(bridge.connections()).to.equal(0);
    });

    it('with 1001 when the page gives its socket up', async () => {
      page.abort();
      await until(() => askedOf('close').length > 0);

      expect(askedOf('close')).to.deep.equal([['close', 1001, 'Connection closed']]);
    });

    it('with 1001 when it is closed, and takes no new ones', async () => {
      bridge.close();
      await emitted(page.aboutToClose);
      expect(askedOf('close')).to.deep.equal([['close', 1001, '']]);
      expect(page.closeCode()).to.equal(1001);
      machinery().connection().closed();
      await emitted(page.disconnected);

      page.open(URL);
      await settle();
      expect(inMain).to.have.lengthOf(1);
    });

    it('as lost, for a page whose port the main process closes', async () => {
      const failed = emitted(page.errorOccurred);
      ipc.ports[0]!.close();

      expect(await failed).to.deep.equal([SocketError.RemoteHostClosedError]);
      expect([page.state(), page.closeCode()]).to.deep.equal([SocketState.UnconnectedState, 1006]);
      expect(partsOf(page.errorString())[1]).to.equal('bridge');
    });

    it('that are not decided yet, when it is closed', async () => {
      bridge.close();
      makeBridge({ admit: () => new Promise(() => {}) });
      const other = new QWebSocket('', undefined, null, connectThroughIpc(ipc));
      other.open(URL);
      await until(() => bridge.connections() === 1);
      const failed = emitted(other.errorOccurred);
      bridge.close();

      expect(await failed).to.deep.equal([SocketError.OperationError]);
      expect(bridge.connections()).to.equal(0);
    });

    it('and destroys their sockets', async () => {
      const gone = emitted(inMain[0]!.destroyed);
      page.close();
      await until(() => askedOf('close').length > 0);
      machinery().connection().closed();
      await gone;

      await until(() => bridge.connections() === 0);
    });
  });

  describe('takes pages for hostile', () => {
    const REQUEST: BridgeRequest = {
      version: 1,
      url: URL,
      origin: '',
      subprotocols: [],
      headers: [],
      isCompressionWanted: false,
      limits: {
        maxIncomingFrameSize: 1,
        maxIncomingMessageSize: 1,
        closeTimeout: 1,
        incompleteMessageTimeout: 1,
      },
    };

    beforeEach(() => makeBridge());

    /** Hands a request over, and returns the page's end of its port. */
    function request(data: unknown): MessagePort {
      const { port1, port2 } = new MessageChannel();
      ipc.postMessage('qwebsockets', data, [port2]);
      return port1;
    }

    it('and refuses requests that make no sense', async () => {
      const port = request({ ...REQUEST, url: 'file:///etc/passwd' });
      await until(() => refusals.length > 0);

      expect(refusals).to.deep.equal(['It has no URL of a WebSocket.']);
      expect(bridge.connections()).to.equal(0);
      port.close();
    });

    it('and refuses requests of another version', async () => {
      request({ ...REQUEST, version: 2 });
      await until(() => refusals.length > 0);

      expect(refusals[0]).to.include('different versions');
    });

    it('and refuses requests without a port, or with two', async () => {
      ipc.postMessage('qwebsockets', REQUEST);
      const [one, other] = [new MessageChannel(), new MessageChannel()];
      const closed = [one, other].map(({ port1 }) => once(port1, 'close'));
      ipc.postMessage('qwebsockets', REQUEST, [one.port2, other.port2]);
      await until(() => refusals.length === 2);
      await Promise.all(closed);

      expect(asked).to.deep.equal([]);
    });

    it('and refuses requests of a frame that is gone', async () => {
      ipc.senderFrame = null;
      request(REQUEST);
      await until(() => refusals.length > 0);

      expect(asked).to.deep.equal([]);
    });

    const wrong: Record<string, unknown> = {
      'no object': 'text',
      nothing: null,
      'of an unknown kind': { ask: 'open' },
      'a text that is none': { ask: 'text', text: 5 },
      'bytes that are none': { ask: 'binary', bytes: [1, 2] },
      'a message that is too long': { ask: 'binary', bytes: new Uint8Array(17 * 1024 * 1024) },
      'a text that is too long in UTF-8': { ask: 'text', text: '€'.repeat(6 * 1024 * 1024) },
      'a ping that is too long': { ask: 'ping', bytes: new Uint8Array(126) },
      'a close code that must not be sent': { ask: 'close', code: 1005, reason: '' },
      'a close code that is none': { ask: 'close', code: '1000', reason: '' },
      'a reason that is too long': { ask: 'close', code: 1000, reason: 'x'.repeat(124) },
      'having read what it was never sent': { ask: 'more', cost: 1_000_000 },
      'having read less than nothing': { ask: 'more', cost: -1 },
    };
    it('and knows who leaves, whatever becomes of the port', async () => {
      const port = request(REQUEST);
      await until(() => inMain.length > 0 && machinery().request !== undefined);
      machinery().connection().opened('');
      port.postMessage({ ask: 'leave' });
      await until(() => bridge.connections() === 0);
      await settle();

      expect(askedOf('close')).to.deep.equal([['close', 1001, 'Connection closed']]);
      expect(refusals).to.deep.equal([]);
    });

    it('and does not tell a page what it has done itself', async () => {
      const port = request(REQUEST);
      const told: unknown[] = [];
      port.addEventListener('message', ({ data }) => told.push((data as { tell: string }).tell));
      port.start();
      await until(() => inMain.length > 0 && machinery().request !== undefined);
      machinery().connection().opened('');
      port.postMessage({ ask: 'close', code: 1000, reason: '' });
      await until(() => askedOf('close').length > 0);
      machinery().connection().closed();
      await until(() => told.includes('closed'));

      expect(told).to.deep.equal(['opened', 'closed']);
    });

    it('and tells who is cut off', async () => {
      const port = request(REQUEST);
      const told: unknown[] = [];
      port.addEventListener('message', ({ data }) => told.push((data as { tell: string }).tell));
      port.start();
      await until(() => inMain.length > 0 && machinery().request !== undefined);
      machinery().connection().opened('');
      port.postMessage('nonsense');
      await until(() => told.length === 3);

      expect(told).to.deep.equal(['opened', 'lost', 'closed']);
    });

    for (const [what, message] of Object.entries(wrong)) {
      it(`and cuts off who says ${what}`, async () => {
        const port = request(REQUEST);
        await until(() => inMain.length > 0 && machinery().request !== undefined);
        machinery().connection().opened('');
        port.postMessage(message);
        await until(() => bridge.connections() === 0);
        await settle();

        expect(askedOf('close')).to.deep.equal([['close', 1001, 'Connection closed']]);
        expect(refusals).to.deep.equal(['A message made no sense, or was too long.']);
        port.close();
      });
    }
  });

  describe('tells a page at once', () => {
    it('that a proxy is not its to choose', () => {
      makeBridge();
      page.setProxy(new QNetworkProxy(QNetworkProxy.HttpProxy, 'proxy.example', 3128));
      page.open(URL);

      expect(page.error()).to.equal(SocketError.UnsupportedSocketOperationError);
    });

    it('that there is no bridge', () => {
      makeBridge();
      const lonely = new QWebSocket();
      lonely.open(URL);

      expect(lonely.error()).to.equal(SocketError.UnsupportedSocketOperationError);
      expect(lonely.errorString()).to.include('exposeBridge()');
    });
  });

  it('is given up by a page that waits too long', async () => {
    makeBridge();
    page.setOpenTimeout(1);
    page.open(URL);
    await emitted(page.errorOccurred);

    expect(page.error()).to.equal(SocketError.SocketTimeoutError);
    await until(() => ipc.ports.length === 0 || bridge.connections() === 0);
  });

  it('takes no requests any more once it is destroyed', async () => {
    makeBridge();
    bridge[Symbol.dispose]();

    expect(ipc.listenerCount('qwebsockets')).to.equal(0);
  });
});
