import {
  type CompressionOptions,
  QHostAddress,
  QSslConfiguration,
  QWebSocketServer,
  SslMode,
  type QWebSocket,
} from '../../../lib/index.ts';
import { certificate, serverKey } from '../../ssl/support/certs.ts';

/** A server of ours that sends every message back, in one of two ways. */
export class OurServer {
  readonly url: string;
  /** What each client is sent as soon as it is connected; nothing unless it is set. */
  greeting = '';
  readonly #server: QWebSocketServer;
  readonly #arrived: QWebSocket[] = [];
  readonly #open = new Set<QWebSocket>();
  #wake = (): void => {};

  /** @param compression how to compress; without it, not at all. */
  constructor(
    scheme: 'ws' | 'wss',
    subprotocols: readonly string[],
    compression?: CompressionOptions,
  ) {
    const mode = scheme === 'wss' ? SslMode.SecureMode : SslMode.NonSecureMode;
    this.#server = new QWebSocketServer('interop', mode);
    this.#server.setSupportedSubprotocols(subprotocols);
    this.#server.setMaxPendingConnections(1000);
    if (compression !== undefined) {
      this.#server.setCompressionEnabled(true);
      this.#server.setCompressionOptions(compression);
    }
    if (scheme === 'wss') this.#server.setSslConfiguration(secureConfiguration());
    this.#server.newConnection.connect(this, this.#welcome);
    if (!this.#server.listen(QHostAddress.LocalHost)) throw new Error(this.#server.errorString());
    this.url = this.#server.serverUrl().toString();
  }

  /** The next connection that nobody has taken yet. */
  async accept(): Promise<QWebSocket> {
    await this.#until(() => this.#arrived.length > 0);
    return this.#arrived.shift()!;
  }

  /** Waits until no connection is open. */
  async idle(): Promise<void> {
    await this.#until(() => this.#open.size === 0);
  }

  stop(): void {
    this.#server[Symbol.dispose]();
  }

  #welcome(): void {
    const socket = this.#server.nextPendingConnection()!;
    // Sent and broadcast by turns, so that compressed messages refer to those of both ways.
    let count = 0;
    const isItself = (one: QWebSocket): boolean => one === socket;
    socket.textMessageReceived.connect((message) => {
      if (count++ % 2 === 0) socket.sendTextMessage(message);
      else this.#server.broadcastTextMessage(message, isItself);
    });
    socket.binaryMessageReceived.connect((message) => {
      if (count++ % 2 === 0) socket.sendBinaryMessage(message);
      else this.#server.broadcastBinaryMessage(message, isItself);
    });
    socket.disconnected.connect(() => {
      this.#open.delete(socket);
      this.#wake();
    });
    if (this.greeting !== '') socket.sendTextMessage(this.greeting);
    this.#open.add(socket);
    this.#arrived.push(socket);
    this.#wake();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function secureConfiguration(): QSslConfiguration {
  const configuration = new QSslConfiguration();
  configuration.setLocalCertificate(certificate('server'));
  configuration.setPrivateKey(serverKey());
  return configuration;
}
