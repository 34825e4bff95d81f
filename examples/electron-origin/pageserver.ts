import { QHostAddress, QWebSocketServer } from 'qwebsockets';

/** Echoes what the pages of one origin say, and lets nobody else in. */
export class PageServer {
  readonly #server = new QWebSocketServer('Electron Origin', QWebSocketServer.NonSecureMode);

  /** @param origin as its pages send it: scheme, host and, if there is one, port. */
  constructor(origin: string) {
    // A slot takes the place of the default rule, which knows http and https only.
    this.#server.originAuthenticationRequired.connect((authenticator) => {
      authenticator.setAllowed(authenticator.origin() === origin);
    });
    this.#server.newConnection.connect(() => this.#onNewConnection());
  }

  /** Listens where only this machine reaches it, on any free port. */
  listen(): boolean {
    return this.#server.listen(QHostAddress.LocalHost, 0);
  }

  /** For the `connect-src` of the page and its WebSocket. */
  url(): string {
    return this.#server.serverUrl().toString();
  }

  errorString(): string {
    return this.#server.errorString();
  }

  close(): void {
    this.#server.close();
  }

  #onNewConnection(): void {
    const socket = this.#server.nextPendingConnection();
    if (socket === null) return;

    socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
    socket.disconnected.connect(() => socket.deleteLater());
  }
}
