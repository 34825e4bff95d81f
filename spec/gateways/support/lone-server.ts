import {
  type ForwardedHeader,
  QSslConfiguration,
  QWebSocketServer,
  SslMode,
  type QWebSocket,
} from '../../../lib/index.ts';
import { certificate, serverKey } from '../../ssl/support/certs.ts';
import { emitted } from '../../support/emitted.ts';
import type { RawClient } from '../../support/raw-client.ts';

/** A server of ours on a port of its own, which trusts the gateways of this machine. */
export class LoneServer {
  readonly server: QWebSocketServer;
  /** What it has told of those whom it has refused. */
  readonly errors: string[] = [];
  readonly #clients: RawClient[] = [];

  constructor(mode: SslMode, header?: ForwardedHeader) {
    this.server = new QWebSocketServer('only', mode);
    this.server.serverError.connect(() => this.errors.push(this.server.errorString()));
    if (mode === SslMode.SecureMode) {
      const configuration = new QSslConfiguration();
      configuration.setLocalCertificate(certificate('server'));
      configuration.setPrivateKey(serverKey());
      this.server.setSslConfiguration(configuration);
    }
    this.server.setTrustedProxies(['127.0.0.1'], header);
    this.server.listen('127.0.0.1');
  }

  get port(): number {
    return this.server.serverPort();
  }

  /** The server's side of the client that `connect` makes, and that client. */
  async accepted(
    connect: () => Promise<RawClient>,
  ): Promise<[accepted: QWebSocket, client: RawClient]> {
    const [client] = await Promise.all([connect(), emitted(this.server.newConnection)]);
    this.#clients.push(client);
    return [this.server.nextPendingConnection()!, client];
  }

  stop(): void {
    for (const { socket } of this.#clients) socket.destroy();
    this.server[Symbol.dispose]();
  }
}
