import { connect, QHostAddress, QObject, QWebSocketServer, type QWebSocket } from 'qwebsockets';

/** Passes every text on to all other clients. */
export class ChatServer extends QObject {
  readonly #webSocketServer: QWebSocketServer;
  readonly #clients = new Set<QWebSocket>();

  constructor(port: number) {
    super();
    this.#webSocketServer = new QWebSocketServer(
      'Chat Server',
      QWebSocketServer.NonSecureMode,
      this,
    );
    if (this.#webSocketServer.listen(QHostAddress.Any, port)) {
      console.log(`Chat Server listening on port ${this.port()}`);
      connect(this.#webSocketServer, 'newConnection', this, this.#onNewConnection);
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

    socket.setParent(this);
    console.log(`${identifier(socket)} connected!`);
    connect(socket, 'textMessageReceived', this, this.#processMessage);
    connect(socket, 'disconnected', this, this.#socketDisconnected);
    this.#clients.add(socket);
  }

  #processMessage(message: string): void {
    const sender = this.sender();
    for (const client of this.#clients) {
      if (client !== sender) client.sendTextMessage(message);
    }
  }

  #socketDisconnected(): void {
    const client = this.sender() as QWebSocket | null;
    if (client === null) return;

    console.log(`${identifier(client)} disconnected!`);
    this.#clients.delete(client);
    client.deleteLater();
  }
}

function identifier(peer: QWebSocket): string {
  return `${peer.peerAddress().toString()}:${peer.peerPort()}`;
}
