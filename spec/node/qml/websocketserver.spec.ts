import { expect } from 'chai';
import { WebSocket } from '../../../lib/node/qml/websocket.ts';
import { WebSocketServer } from '../../../lib/node/qml/websocketserver.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { emitted } from '../../support/emitted.ts';

describe('WebSocketServer', () => {
  it('brings the WebSocket of this platform', async () => {
    const server = new WebSocketServer({ listen: true });
    const accepted = emitted(server.clientConnected);
    const socket = new QWebSocket();
    socket.open(server.url);

    const [client] = await accepted;

    expect(client instanceof WebSocket).to.equal(true);
    socket.abort();
    server[Symbol.dispose]();
  });
});
