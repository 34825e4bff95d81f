import { expect } from 'chai';
import { NOBODY } from '../support/ports.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
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

  it('leaves what the socket opens later to the network', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const socket = new QWebSocket();
    openInMemory(socket, server);
    await emitted(socket.connected);
    socket.abort();
    const failed = new SignalSpy(socket.errorOccurred);
    socket.open(`ws://127.0.0.1:${NOBODY}/`);
    await failed.wait();

    expect(socket.errorString()).to.include(`127.0.0.1:${NOBODY}`);
  });
});
