// The package faye-websocket, with strings for text: it has no other way.
import { createServer } from 'node:http';
import { ready } from '../support/measured.mjs';
import { requireRival } from '../support/rivals.mjs';

const isBroadcast = process.argv[2] === 'broadcast';
const WebSocket = requireRival('faye-websocket');
const clients = new Set();

const server = createServer();
server.on('upgrade', (request, socket, head) => {
  const client = new WebSocket(request, socket, head);
  clients.add(client);
  client.on('close', () => clients.delete(client));
  client.on('message', ({ data }) => {
    if (!isBroadcast) client.send(data);
    else for (const one of clients) one.send(data);
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 511 }, () => {
  ready({ port: server.address().port });
});
