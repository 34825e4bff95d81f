import { expect } from 'chai';
import { connectThroughIpc } from '../../lib/electron/bridge-connectors.ts';
import { exposeBridge } from '../../lib/electron/expose-bridge.ts';
import { NetWebSocket } from '../../lib/electron/net-websocket.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { Reconnector } from '../../lib/electron/reconnector.ts';
import { SocketBridge } from '../../lib/electron/socket-bridge.ts';
import { QWebSocket as NodeQWebSocket } from '../../lib/node/qwebsocket.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { clientOf, pulseOf } from '../../lib/websockets/qwebsocket-base.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { emitted } from '../support/emitted.ts';
import { FakeIpc, FakeWindow } from '../support/fake-electron.ts';
import { FakeNet } from '../support/fake-net.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { itReconnects } from '../support/reconnector-contract.ts';
import { itBehavesLikeAQWebSocket } from '../support/socket-contract.ts';

describe('QWebSocket of an Electron page', () => {
  const ipcRenderer = new FakeIpc();
  let bridge: SocketBridge;

  afterEach(() => bridge.close());

  describe('over a socket of Node', () => {
    let page: FakeWindow;

    beforeEach(() => {
      page = new FakeWindow();
      exposeBridge({ contextBridge: page.contextBridge, ipcRenderer });
      bridge = new SocketBridge(ipcRenderer, { admit: () => new NodeQWebSocket() });
    });

    afterEach(() => page.remove());

    itBehavesLikeAQWebSocket(
      () => new QWebSocket(),
      () => WsEchoPeer.start(),
    );

    itReconnects(
      (options) => new Reconnector(new QWebSocket(), options),
      () => WsEchoPeer.start(),
    );

    it('learns of the status and of the pause of a server that refuses', async () => {
      const peer = await RawPeer.listen();
      const socket = new QWebSocket();
      const over = emitted(socket.disconnected);
      socket.open(peer.url);
      const connection = await peer.next();
      await connection.head();
      connection.socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n');
      await over;
      peer.close();

      expect(clientOf(socket).refusal).to.deep.equal({ status: 503, retryAfter: 7_000 });
    });

    it('is kept alive through the main process', async () => {
      const peer = await WsEchoPeer.start();
      const socket = new QWebSocket();
      socket.open(peer.url);
      await emitted(socket.connected);
      using keepAlive = new KeepAlive();
      keepAlive.add(socket);
      const { heard } = pulseOf(socket)!;
      keepAlive.probe();
      await emitted(socket.pong);

      expect(keepAlive.roundTripTime(socket)).to.be.within(0, 10_000);
      expect(pulseOf(socket)!.heard).not.to.equal(heard);
      socket.abort();
      peer.stop();
    });
  });

  describe("over Chromium's network, in a preload script", () => {
    beforeEach(() => {
      const net = new FakeNet();
      bridge = new SocketBridge(ipcRenderer, { admit: () => new NetWebSocket(net) });
    });

    itBehavesLikeAQWebSocket(
      () => new QWebSocket('', undefined, null, connectThroughIpc(ipcRenderer)),
      () => WsEchoPeer.start(),
      { hearsWhileClosing: false },
    );

    it('is not kept alive: there is no ping', async () => {
      const peer = await WsEchoPeer.start();
      const socket = new QWebSocket('', undefined, null, connectThroughIpc(ipcRenderer));
      socket.open(peer.url);
      await emitted(socket.connected);

      expect(new KeepAlive().add(socket)).to.equal(false);
      socket.abort();
      peer.stop();
    });
  });
});
