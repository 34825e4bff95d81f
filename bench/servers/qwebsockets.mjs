import { QHostAddress, QWebSocketServer } from 'qwebsockets';
import { ready } from '../support/measured.mjs';

const [, , mode] = process.argv;
// Of one's own sockets, as in a program for Qt.
const clients = new Set();

const server = new QWebSocketServer('bench', QWebSocketServer.NonSecureMode);
if (mode.startsWith('deflate')) {
  const isBare = mode === 'deflate-each';
  server.setCompressionEnabled(true);
  server.setCompressionOptions({
    serverNoContextTakeover: isBare,
    clientNoContextTakeover: isBare,
  });
}
server.newConnection.connect(() => {
  const socket = server.nextPendingConnection();
  if (mode === 'broadcast') {
    socket.textMessageReceived.connect((message) => server.broadcastTextMessage(message));
  } else if (mode === 'broadcast-loop') {
    clients.add(socket);
    socket.disconnected.connect(() => clients.delete(socket));
    socket.textMessageReceived.connect((message) => {
      for (const client of clients) client.sendTextMessage(message);
    });
  } else {
    socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
    socket.binaryMessageReceived.connect((message) => socket.sendBinaryMessage(message));
  }
});
server.listen(QHostAddress.LocalHost, 0);
ready({ port: server.serverPort() });
