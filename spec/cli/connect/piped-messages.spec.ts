import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { Conversation } from '../../../lib/cli/connect/conversation.ts';
import { PipedMessages } from '../../../lib/cli/connect/piped-messages.ts';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketHandshakeOptions } from '../../../lib/websockets/qwebsockethandshakeoptions.ts';
import { listenOnLoopback } from '../../support/ports.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MIB = 1024 * 1024;

describe('PipedMessages', () => {
  let server: Server;
  let socket: QWebSocket;
  let stream: Socket;

  afterEach(() => {
    socket.abort();
    stream.destroy();
    server.closeAllConnections();
    server.close();
  });

  /** A server that reads only what it is asked to. */
  async function listen(): Promise<string> {
    server = createServer();
    server.on('upgrade', (request, upgraded: Socket) => {
      stream = upgraded;
      const key = request.headers['sec-websocket-key'] ?? '';
      const accept = createHash('sha1').update(`${key}${GUID}`).digest('base64');
      stream.on('error', () => {});
      stream.write(
        `HTTP/1.1 101 .\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
    return `ws://127.0.0.1:${await listenOnLoopback(server)}`;
  }

  it('lets the input wait while the server does not read, and only so long', async () => {
    const url = await listen();
    const line = Buffer.from(`${'x'.repeat(65_535)}\n`);
    let given = 0;
    const input = new Readable({
      read() {
        given += line.length;
        this.push(given > 64 * MIB ? null : line);
      },
    });
    socket = new QWebSocket();
    const voice = silent();
    const source = new PipedMessages(input, Infinity);
    const client = {
      socket,
      request: new QNetworkRequest(url),
      handshake: new QWebSocketHandshakeOptions(),
    };
    const upgraded = once(server, 'upgrade');
    void new Conversation(client, voice, source).run();
    await upgraded;

    // Until the system takes nothing more either.
    for (let paused = 0; paused < 100; paused = input.isPaused() ? paused + 1 : 0) {
      await new Promise(setImmediate);
    }
    expect(socket.bytesToWrite()).to.be.within(MIB, 2 * MIB);
    expect(source.isUnfinished()).to.equal(true);

    stream.resume();
    await once(input, 'end');
    expect(source.isUnfinished()).to.equal(false);
  });
});

function silent() {
  const nothing = () => {};
  return {
    connecting: nothing,
    connected: nothing,
    text: nothing,
    binary: nothing,
    pong: nothing,
    warning: nothing,
    failed: nothing,
    closed: nothing,
  };
}
