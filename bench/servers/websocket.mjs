// The package websocket, with strings for text: it has no other way.
import { createServer } from 'node:http';
import { ready } from '../support/measured.mjs';
import { requireRival } from '../support/rivals.mjs';

const MiB = 1024 * 1024;

const isBroadcast = process.argv[2] === 'broadcast';
const { server: WebSocketServer } = requireRival('websocket');

const httpServer = createServer();
const server = new WebSocketServer({
  httpServer,
  autoAcceptConnections: true,
  maxReceivedFrameSize: 64 * MiB,
  maxReceivedMessageSize: 64 * MiB,
});
server.on('connect', (connection) => {
  connection.on('message', ({ type, utf8Data, binaryData }) => {
    if (isBroadcast) server.broadcastUTF(utf8Data);
    else if (type === 'utf8') connection.sendUTF(utf8Data);
    else connection.sendBytes(binaryData);
  });
});
httpServer.listen({ host: '127.0.0.1', port: 0, backlog: 511 }, () => {
  ready({ port: httpServer.address().port });
});
