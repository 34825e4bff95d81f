import { expect } from 'chai';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { openInMemory } from '../../lib/testing/open-in-memory.ts';
import { settled } from '../../lib/testing/settled.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';

describe('MemoryLink', () => {
  it('holds up a handshake that has not begun', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const socket = new QWebSocket();
    const open = new SignalSpy(socket.connected);
    const link = openInMemory(socket, server);
    link.stall();
    await settled();
    expect(open.count()).to.equal(0);

    link.proceed();
    await settled();

    expect(open.count()).to.equal(1);
  });

  it('cuts a connection that is stalled', async () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const socket = new QWebSocket();
    const link = openInMemory(socket, server);
    await settled();
    const over = new SignalSpy(socket.disconnected);
    link.stall();
    link.cut();
    await settled();

    expect(over.count()).to.equal(1);
  });

  it('may be cut when there is nothing to cut', () => {
    const server = new QWebSocketServer('Test', QWebSocketServer.NonSecureMode);
    const socket = new QWebSocket();
    const link = openInMemory(socket, server);
    link.cut();
    link.proceed();

    expect(socket.state()).to.equal(2);
  });
});
