// The package ws behind a pipe, for the interoperation specs; see README.md.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const sockets = new Map();
const fragmentSizes = new Map();

function tell(event, more) {
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

/** Sends a message, in pieces where that was asked for. */
function send(id, message, isBinary) {
  const socket = sockets.get(id);
  const size = fragmentSizes.get(id) ?? Infinity;
  let at = 0;
  while (message.length - at > size) {
    socket.send(message.subarray(at, at + size), { binary: isBinary, fin: false });
    at += size;
  }
  socket.send(message.subarray(at), { binary: isBinary });
}

function watch(id, socket) {
  sockets.set(id, socket);
  socket.on('pong', (payload) => tell('pong', { id, payload: payload.toString() }));
  socket.on('close', (code, reason) => {
    if (sockets.delete(id)) tell('closed', { id, code, reason: reason.toString() });
  });
}

/** It takes RFC 7692's parameters by the same names; everything is compressed, however short. */
function compression(deflate) {
  return deflate === undefined ? {} : { perMessageDeflate: { ...deflate, threshold: 0 } };
}

const commands = {
  listen({ subprotocols, tls, deflate }) {
    const server =
      tls === undefined
        ? createPlainServer()
        : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) });
    const handleProtocols = (asked) => subprotocols.find((name) => asked.has(name)) ?? false;
    const webSockets = new WebSocketServer({
      server,
      handleProtocols,
      ...compression(deflate),
    });
    webSockets.on('connection', (socket, request) => {
      const id = `port ${request.socket.remotePort}`;
      watch(id, socket);
      socket.on('error', () => {});
      socket.on('message', (data, isBinary) => send(id, data, isBinary));
      tell('open', { id, subprotocol: socket.protocol });
    });
    server.listen(0, '127.0.0.1', () => tell('listening', { port: server.address().port }));
  },

  open({ id, url, subprotocols, ca, deflate }) {
    const options = {
      ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
      ...compression(deflate),
    };
    const socket = new WebSocket(url, subprotocols, options);
    socket.on('open', () => tell('open', { id, subprotocol: socket.protocol }));
    socket.on('error', ({ message }) => tell('failed', { id, description: message }));
    socket.on('message', (data, isBinary) => {
      const kind = isBinary ? 'binary' : 'text';
      const sha1 = createHash('sha1').update(data).digest('hex');
      tell('message', { id, kind, size: data.length, sha1 });
    });
    watch(id, socket);
  },

  fragment({ id, size }) {
    fragmentSizes.set(id, size);
    tell('fragmenting', { id });
  },

  send({ id, kind, unit, times }) {
    const isBinary = kind === 'binary';
    const one = Buffer.from(unit, isBinary ? 'hex' : 'utf8');
    send(id, Buffer.alloc(one.length * times, one), isBinary);
  },

  ping({ id, payload }) {
    sockets.get(id).ping(payload);
  },

  close({ id, code, reason }) {
    sockets.get(id).close(code, reason);
  },

  abort({ id }) {
    sockets.get(id).terminate();
  },
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const command = JSON.parse(line);
  commands[command.do](command);
});
input.on('close', () => process.exit());
tell('ready', { version: `ws on Node ${process.versions.node}` });
