import {
  connect,
  QObject,
  QSslConfiguration,
  QWebSocket,
  Version,
  type QSslError,
  type QUrl,
} from 'qwebsockets';
import { fileURLToPath } from 'node:url';
import { quoted } from '../support/quoted.ts';

/**
 * Sends `Hello, world!` over TLS and waits for a message.
 *
 * Emits `closed` when there is nothing more to do, and why when it is because something failed.
 */
export class SslEchoClient extends QObject<{ closed: [failure?: string] }> {
  readonly #webSocket = new QWebSocket('', Version.VersionLatest, this);

  constructor(url: QUrl) {
    super();
    const configuration = new QSslConfiguration();
    configuration.addCaCertificates(
      fileURLToPath(new URL('../sslechoserver/localhost.cert', import.meta.url)),
    );
    this.#webSocket.setSslConfiguration(configuration);

    connect(this.#webSocket, 'connected', this, this.#onConnected);
    connect(this.#webSocket, 'sslErrors', this, this.#onSslErrors);
    connect(this.#webSocket, 'errorOccurred', this, this.#onErrorOccurred);
    this.#webSocket.open(url);
  }

  #onConnected(): void {
    console.error('WebSocket connected');
    connect(this.#webSocket, 'textMessageReceived', this, this.#onTextMessageReceived);
    this.#webSocket.sendTextMessage('Hello, world!');
  }

  #onTextMessageReceived(message: string): void {
    console.error(`Message received: ${quoted(message)}`);
    this.emit('closed');
  }

  #onSslErrors(errors: readonly QSslError[]): void {
    const texts = errors.map((error) => quoted(error.errorString()));
    console.error(`SSL errors: QList(${texts.join(', ')})`);
    // The server may be trusted in spite of these errors, and only these:
    // this.#webSocket.ignoreSslErrors(errors)
    this.emit('closed');
  }

  // Qt's example hears nothing of other errors and waits for ever.
  #onErrorOccurred(): void {
    this.emit('closed', this.#webSocket.errorString());
  }
}
