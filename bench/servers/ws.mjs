import { WebSocketServer } from 'ws';
import { ready } from '../support/measured.mjs';

const [, , mode, textAs] = process.argv;
const isBroadcast = mode === 'broadcast';
const isBare = mode === 'deflate-each';

/** Text comes as bytes; a program that wants text makes a string of it. */
const contentOf =
  textAs === 'strings' ? (data, isBinary) => (isBinary ? data : data.toString()) : (data) => data;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  backlog: 511,
  perMessageDeflate: mode.startsWith('deflate') && {
    // What zlib does by default, and so do we.
    zlibDeflateOptions: { level: 6 },
    serverNoContextTakeover: isBare,
    clientNoContextTakeover: isBare,
  },
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  if (isBroadcast) {
    socket.on('message', (data, isBinary) => {
      const content = contentOf(data, isBinary);
      for (const client of server.clients) client.send(content, { binary: isBinary });
    });
  } else {
    socket.on('message', (data, isBinary) => {
      socket.send(contentOf(data, isBinary), { binary: isBinary });
    });
  }
});
server.on('listening', () => ready({ port: server.address().port }));
