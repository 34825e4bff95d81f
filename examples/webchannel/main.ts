import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { QWebSocketServer, type QWebSocket } from 'qwebsockets';
import { QWebChannel, WebSocketTransport } from 'qwebsockets/webchannel';
import { CommandLine } from '../support/command-line.ts';
import { createPageServer } from '../support/page-server.ts';
import { sayGoodbye } from '../support/say-goodbye.ts';
import { runWebProgram, webOptions } from '../support/web-program.ts';
import { ChatServer, chatServerDescription } from './chatserver.ts';

/** All calls fit, in bytes. */
const MAX_MESSAGE_SIZE = 8 * 1024;

const parser = new CommandLine(
  'webchannel',
  "A chat whose pages, or Qt's clients, use an object of this program.",
  webOptions,
).process();

const chatServer = new ChatServer();
const channel = new QWebChannel();
channel.registerObject('chatserver', chatServer, chatServerDescription);
channel.messageRefused.connect((reason) => console.error(reason));

const server = new QWebSocketServer('Web channel', QWebSocketServer.NonSecureMode);
const sockets = new Set<QWebSocket>();
server.newConnection.connect(() => {
  const socket = server.nextPendingConnection();
  if (socket === null) return;
  sockets.add(socket);
  socket.disconnected.connect(() => sockets.delete(socket));
  socket.setMaxAllowedIncomingMessageSize(MAX_MESSAGE_SIZE);
  channel.connectTo(new WebSocketTransport(socket));
});

const client = createRequire(import.meta.url).resolve('qwebchannel');
const http = createPageServer({ '/': 'index.html' }, import.meta.url, {
  '/qwebchannel.js': { type: 'text/javascript; charset=utf-8', body: readFileSync(client) },
});
runWebProgram(parser, {
  title: 'Web channel',
  http,
  start: () => server.attach(http),
  shutDown: async () => {
    server.close();
    await sayGoodbye(sockets);
    chatServer[Symbol.dispose]();
  },
});
