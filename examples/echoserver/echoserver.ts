import { connect, QHostAddress, QObject, QWebSocketServer, type QWebSocket } from 'qwebsockets';
import { quoted } from '../support/quoted.ts';

/** Sends every message back to where it came from. Emits `closed` when it stops listening. */
export class EchoServer extends QObject<{ closed: [] }> {
  readonly #webSocketServer: QWebSocketServer;
  readonly #clients = new Set<QWebSocket>();
  readonly #debug: boolean;

  constructor(port: number, debug = false) {
    super();
    this.#debug = debug;
    this.#webSocketServer = new QWebSocketServer(
      'Echo Server',
      QWebSocketServer.NonSecureMode,
      this,
    );
    if (this.#webSocketServer.listen(QHostAddress.Any, port)) {
      if (debug) console.error(`Echoserver listening on port ${port}`);
      connect(this.#webSocketServer, 'newConnection', this, this.#onNewConnection);
      connect(this.#webSocketServer, 'closed', this, () => this.emit('closed'));
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

    connect(socket, 'textMessageReceived', this, this.#processTextMessage);
    connect(socket, 'binaryMessageReceived', this, this.#processBinaryMessage);
    connect(socket, 'disconnected', this, this.#socketDisconnected);
    this.#clients.add(socket);
  }

  #processTextMessage(message: string): void {
    const client = this.sender() as QWebSocket | null;
    if (this.#debug) console.error(`Message received: ${quoted(message)}`);
    client?.sendTextMessage(message);
  }

  #processBinaryMessage(message: Uint8Array): void {
    const client = this.sender() as QWebSocket | null;
    if (this.#debug) console.error(`Binary Message received: ${quoted(message)}`);
    client?.sendBinaryMessage(message);
  }

  #socketDisconnected(): void {
    const client = this.sender() as QWebSocket | null;
    if (client === null) return;

    // Objects have no address here; the peer's port tells the sockets apart as well.
    if (this.#debug) {
      console.error(`socketDisconnected: QWebSocket(0x${client.peerPort().toString(16)})`);
    }
    this.#clients.delete(client);
    client.deleteLater();
  }
}
