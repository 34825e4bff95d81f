import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import type { CompressionOptions } from '../../lib/websockets/compression-options.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from './emitted.ts';
import { identified } from './secure-client.ts';
import { trusting } from './secure-peer.ts';

/** Two ends of a connection over loopback. */
export class SocketPair {
  readonly server: QWebSocketServer;
  readonly client: QWebSocket;
  /** The server's end. */
  readonly accepted: QWebSocket;

  private constructor(server: QWebSocketServer, client: QWebSocket, accepted: QWebSocket) {
    this.server = server;
    this.client = client;
    this.accepted = accepted;
  }

  static async connect(isSecure = false, compression?: CompressionOptions): Promise<SocketPair> {
    const server = new QWebSocketServer('Pair', isSecure ? SslMode.SecureMode : undefined);
    const client = new QWebSocket();
    if (isSecure) {
      server.setSslConfiguration(identified());
      client.setSslConfiguration(trusting());
    }
    if (compression !== undefined) {
      server.setCompressionEnabled(true);
      client.setCompressionEnabled(true);
      client.setCompressionOptions(compression);
    }
    server.listen(QHostAddress.LocalHost);
    const both = Promise.all([emitted(server.newConnection), emitted(client.connected)]);
    client.open(server.serverUrl());
    await both;
    return new SocketPair(server, client, server.nextPendingConnection()!);
  }

  /** Cuts everything. */
  close(): void {
    this.client.abort();
    this.server[Symbol.dispose]();
  }
}
