import { expect } from 'chai';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { NOBODY } from '../support/ports.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { Reconnector } from '../../lib/node/reconnector.ts';
import { advance, TIMERS } from '../../lib/testing/advance.ts';
import { openInMemory } from '../../lib/testing/open-in-memory.ts';
import { settled } from '../../lib/testing/settled.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';
import { emitted } from '../../lib/websockets/emitted.ts';
import { identified } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';

describe('openInMemory()', () => {
  it('connects to a server that does not listen', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    server.setSupportedSubprotocols(['chat']);
    const socket = new QWebSocket();
    openInMemory(socket, server, 'ws://chat.example/room');
    await emitted(socket.connected);

    expect(server.isListening()).to.equal(false);
    expect(socket.requestUrl().toString()).to.equal('ws://chat.example/room');
    expect(server.nextPendingConnection()?.requestUrl().path()).to.equal('/room');
  });

  it('speaks TLS with a secure server, and verifies it', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.SecureMode);
    server.setSslConfiguration(identified());
    const socket = new QWebSocket();
    socket.setSslConfiguration(trusting());
    openInMemory(socket, server, 'wss://localhost/');
    await emitted(socket.connected);

    expect(server.nextPendingConnection()?.sslConfiguration().sessionCipher().isNull()).to.equal(
      false,
    );
    socket.abort();
  });

  it('tells the client what the server has against it', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    server.originAuthenticationRequired.connect((authenticator) => authenticator.setAllowed(false));
    const socket = new QWebSocket();
    const failed = new SignalSpy(socket.errorOccurred);
    openInMemory(socket, server);
    await failed.wait();

    expect(socket.errorString()).to.match(/403/);
  });

  it('is turned away by a server that was destroyed', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const gone = emitted(server.destroyed);
    server.deleteLater();
    await gone;
    const socket = new QWebSocket();
    const failed = new SignalSpy(socket.errorOccurred);
    openInMemory(socket, server);
    await failed.wait();

    expect(socket.errorString()).to.include('status 503');
  });

  it('connects nobody when the socket has been aborted meanwhile', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const arrived = new SignalSpy(server.newConnection);
    const socket = new QWebSocket();
    openInMemory(socket, server);
    socket.abort();
    await settled();

    expect(arrived.count()).to.equal(0);
  });

  it('has what the socket opens later lead there as well, wherever it would', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const arrived = new SignalSpy(server.newConnection);
    const socket = new QWebSocket();
    openInMemory(socket, server);
    await emitted(socket.connected);
    socket.abort();
    socket.open(`ws://127.0.0.1:${NOBODY}/later`);
    await emitted(socket.connected);

    expect(arrived.count()).to.equal(2);
    server.nextPendingConnection();
    expect(server.nextPendingConnection()?.requestUrl().path()).to.equal('/later');
  });

  it('leaves what other sockets open to the network, also in slots', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const [socket, other] = [new QWebSocket(), new QWebSocket()];
    const failed = new SignalSpy(other.errorOccurred);
    socket.stateChanged.connect(() => other.open(`ws://127.0.0.1:${NOBODY}/`));
    openInMemory(socket, server);
    await failed.wait();

    expect(other.errorString()).to.include(`127.0.0.1:${NOBODY}`);
    socket.abort();
    other.abort();
  });

  describe('under a Reconnector', () => {
    let clock: SinonFakeTimers;

    beforeEach(() => {
      clock = useFakeTimers({ toFake: [...TIMERS] });
    });

    afterEach(() => {
      clock.restore();
    });

    it('comes back without a network, as the clock says', async () => {
      const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
      const arrived = new SignalSpy(server.newConnection);
      const socket = new QWebSocket();
      const reconnector = new Reconnector(socket, { firstDelay: 1000 });
      const link = openInMemory(socket, server);
      await settled();

      for (const count of [2, 3]) {
        link.cut();
        await settled();
        expect(reconnector.remainingTime()).to.be.at.least(0);
        await advance(clock, 2000);
        expect(arrived.count()).to.equal(count);
      }
    });

    it('hangs while the link is stalled, and comes back when that is over', async () => {
      const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
      const socket = new QWebSocket();
      const reconnector = new Reconnector(socket, { firstDelay: 1000, longestDelay: 1000 });
      const failures = new SignalSpy(reconnector.reconnecting);
      const back = new SignalSpy(reconnector.reconnected);
      const link = openInMemory(socket, server);
      await settled();
      link.cut();
      link.stall();
      // One for the cut, and one for each attempt that is given up after the open timeout.
      await advance(clock, 70_000, 1000);
      expect(failures.count()).to.equal(3);

      link.proceed();
      await advance(clock, 40_000, 1000);
      expect(back.count()).to.equal(1);
    });
  });
});
