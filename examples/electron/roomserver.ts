import { CloseCode, QHostAddress, QWebSocketServer, type QWebSocket } from 'qwebsockets';
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A chat room on this machine, for those who come from one origin and know its secret. */
export class RoomServer {
  /** The value of `Authorization` that is asked for; new with each start. */
  readonly authorization: string = `Bearer ${randomBytes(32).toString('base64url')}`;
  readonly #server = new QWebSocketServer('Desk Chat', QWebSocketServer.NonSecureMode);
  readonly #members = new Map<QWebSocket, string>();
  #arrivals = 0;

  /** @param origin as clients send it: scheme and host. */
  constructor(origin: string) {
    // Keeps pages out, which cannot choose their origin.
    this.#server.originAuthenticationRequired.connect((authenticator) => {
      authenticator.setAllowed(authenticator.origin() === origin);
    });
    this.#server.newConnection.connect(() => this.#onNewConnection());
  }

  /** Listens where only this machine reaches it, on any free port. */
  listen(): boolean {
    return this.#server.listen(QHostAddress.LocalHost, 0);
  }

  /** With a path, as a QWebSocket asks for it. */
  url(): string {
    return new URL(this.#server.serverUrl().toString()).href;
  }

  errorString(): string {
    return this.#server.errorString();
  }

  close(): void {
    this.#server.close();
    for (const member of this.#members.keys()) member.close(CloseCode.CloseCodeGoingAway);
  }

  #onNewConnection(): void {
    const socket = this.#server.nextPendingConnection();
    if (socket === null) return;
    socket.disconnected.connect(() => this.#onDisconnected(socket));
    // Keeps other programs of this machine out, which write any origin they like.
    if (!this.#isKnown(socket.request().rawHeader('Authorization'))) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'The secret is missing.');
      return;
    }
    this.#arrivals++;
    const name = `Window ${this.#arrivals}`;
    this.#members.set(socket, name);
    socket.textMessageReceived.connect((text) => this.#tellAll(`${name}: ${text}`));
    this.#tellAll(`${name} is here.`);
  }

  #onDisconnected(socket: QWebSocket): void {
    const name = this.#members.get(socket);
    this.#members.delete(socket);
    socket.deleteLater();
    if (name !== undefined) this.#tellAll(`${name} has left.`);
  }

  #isKnown(value: string): boolean {
    const [given, wanted] = [Buffer.from(value), Buffer.from(this.authorization)];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  #tellAll(text: string): void {
    for (const member of this.#members.keys()) member.sendTextMessage(text);
  }
}
