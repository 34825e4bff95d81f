import { expect } from 'chai';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { WebSocketClientWrapper } from '../../lib/webchannel/websocket-client-wrapper.ts';
import { emitted } from '../support/emitted.ts';

describe('WebSocketClientWrapper', () => {
  it('makes a transport of each socket that connects', async () => {
    const server = new QWebSocketServer('Chat');
    server.listen(QHostAddress.LocalHost);
    const wrapper = new WebSocketClientWrapper(server);
    const client = new QWebSocket();
    client.open(server.serverUrl());

    const [transport] = await emitted(wrapper.clientConnected);
    transport.sendMessage({ type: 4 });

    expect(await emitted(client.textMessageReceived)).to.deep.equal(['{"type":4}']);
    expect(server.hasPendingConnections()).to.equal(false);
    server[Symbol.dispose]();
  });
});
