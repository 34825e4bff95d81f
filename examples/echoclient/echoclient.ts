import { connect, QObject, QWebSocket, Version, type QUrl } from 'qwebsockets';
import { quoted } from '../support/quoted.ts';

/** Sends `Hello, world!`, waits for a message and closes. Emits `closed` when it is done. */
export class EchoClient extends QObject<{ closed: [] }> {
  readonly #webSocket = new QWebSocket('', Version.VersionLatest, this);
  readonly #debug: boolean;

  constructor(url: QUrl, debug = false) {
    super();
    this.#debug = debug;
    if (debug) console.error(`WebSocket server: QUrl(${quoted(url.toString())})`);
    connect(this.#webSocket, 'connected', this, this.#onConnected);
    connect(this.#webSocket, 'disconnected', this, () => this.emit('closed'));
    this.#webSocket.open(url);
  }

  #onConnected(): void {
    if (this.#debug) console.error('WebSocket connected');
    connect(this.#webSocket, 'textMessageReceived', this, this.#onTextMessageReceived);
    this.#webSocket.sendTextMessage('Hello, world!');
  }

  #onTextMessageReceived(message: string): void {
    if (this.#debug) console.error(`Message received: ${quoted(message)}`);
    this.#webSocket.close();
  }
}
