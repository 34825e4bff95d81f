// No WebSocket at all: whatever comes is sent back as it is. Nothing in Node can be cheaper.
import { createServer } from 'node:net';
import { ready } from '../support/measured.mjs';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';

const isBroadcast = process.argv[2] === 'broadcast';
const clients = new Set();

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.write(SWITCHING);
    clients.add(socket);
    if (isBroadcast) {
      socket.on('data', (chunk) => {
        for (const client of clients) client.write(chunk);
      });
    } else {
      socket.on('data', (chunk) => socket.write(chunk));
    }
  });
  socket.on('close', () => clients.delete(socket));
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 511 }, () => {
  ready({ port: server.address().port });
});
