import { QHostAddress, QWebSocketServer } from 'qwebsockets';
import { ready } from '../support/measured.mjs';

const isBroadcast = process.argv[2] === 'broadcast';
const clients = new Set();

const server = new QWebSocketServer('bench', QWebSocketServer.NonSecureMode);
server.newConnection.connect(() => {
  const socket = server.nextPendingConnection();
  if (isBroadcast) {
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
