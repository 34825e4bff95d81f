import { expect } from 'chai';
import { WebSocket } from '../../../lib/node/qml/websocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';

describe('WebSocket', () => {
  it('dials over the sockets of Node', async () => {
    const server = new QWebSocketServer();
    server.listen('127.0.0.1');
    const connection = emitted(server.newConnection);

    const socket = new WebSocket({ url: server.serverUrl(), active: true });
    await connection;

    expect(server.nextPendingConnection()!.peerAddress().toString()).to.equal('127.0.0.1');
    socket[Symbol.dispose]();
    server[Symbol.dispose]();
  });
});
