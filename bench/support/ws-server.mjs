import { ready } from './measured.mjs';

/**
 * A program that uses ws.
 *
 * @param WebSocketServer that of ws.
 * @param {boolean} [wantsStrings] whether it makes strings of text, which ws passes on as bytes.
 */
export function serve(WebSocketServer, wantsStrings = false) {
  const [, , mode] = process.argv;
  const isBroadcast = mode.startsWith('broadcast');
  const isBare = mode === 'deflate-each';
  const contentOf = wantsStrings
    ? (data, isBinary) => (isBinary ? data : data.toString())
    : (data) => data;

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
}
