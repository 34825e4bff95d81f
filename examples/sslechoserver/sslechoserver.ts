import {
  connect,
  KeyAlgorithm,
  PeerVerifyMode,
  QHostAddress,
  QObject,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  QWebSocketServer,
  type QWebSocket,
} from 'qwebsockets';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { quoted } from '../support/quoted.ts';

/** Sends every message back to where it came from, over TLS. */
export class SslEchoServer extends QObject {
  readonly #webSocketServer: QWebSocketServer;
  readonly #clients = new Set<QWebSocket>();

  constructor(port: number) {
    super();
    this.#webSocketServer = new QWebSocketServer(
      'SSL Echo Server',
      QWebSocketServer.SecureMode,
      this,
    );
    const configuration = new QSslConfiguration();
    const certificate = fileURLToPath(new URL('./localhost.cert', import.meta.url));
    const key = readFileSync(new URL('./localhost.key', import.meta.url));
    configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
    configuration.setLocalCertificateChain(QSslCertificate.fromPath(certificate));
    configuration.setPrivateKey(new QSslKey(key, KeyAlgorithm.Rsa));
    this.#webSocketServer.setSslConfiguration(configuration);

    if (this.#webSocketServer.listen(QHostAddress.Any, port)) {
      console.error(`SSL Echo Server listening on port ${this.port()}`);
      connect(this.#webSocketServer, 'newConnection', this, this.#onNewConnection);
      connect(this.#webSocketServer, 'sslErrors', this, this.#onSslErrors);
    }
  }

  /** The port it listens on: the chosen one when it was made with port 0; 0 when it does not listen. */
  port(): number {
    return this.#webSocketServer.serverPort();
  }

  errorString(): string {
    return this.#webSocketServer.errorString();
  }

  /** Stops listening and leaves all clients. */
  close(): void {
    this.#webSocketServer.close();
    for (const client of this.#clients) client.deleteLater();
    this.#clients.clear();
  }

  #onNewConnection(): void {
    const socket = this.#webSocketServer.nextPendingConnection();
    if (socket === null) return;

    // The name of a peer is that which a client has asked for; a server has none, in Qt too.
    console.error(`Client connected: ${quoted(socket.peerName())} ${quoted(socket.origin())}`);
    connect(socket, 'textMessageReceived', this, this.#processTextMessage);
    connect(socket, 'binaryMessageReceived', this, this.#processBinaryMessage);
    connect(socket, 'disconnected', this, this.#socketDisconnected);
    this.#clients.add(socket);
  }

  #processTextMessage(message: string): void {
    const client = this.sender() as QWebSocket | null;
    client?.sendTextMessage(message);
  }

  #processBinaryMessage(message: Uint8Array): void {
    const client = this.sender() as QWebSocket | null;
    client?.sendBinaryMessage(message);
  }

  #socketDisconnected(): void {
    const client = this.sender() as QWebSocket | null;
    if (client === null) return;

    console.error('Client disconnected');
    this.#clients.delete(client);
    client.deleteLater();
  }

  #onSslErrors(): void {
    console.error('Ssl errors occurred');
  }
}
