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
import { Gateway, type Recipe } from './gateway.ts';
import { strangerAt } from './stranger.ts';

/** A server of ours on a port of its own, behind a gateway that it trusts. */
export class LoneServer {
  readonly server: QWebSocketServer;
  /** What it has told of those whom it has refused. */
  readonly errors: string[] = [];
  readonly #clients: RawClient[] = [];
  #gateway: Gateway | undefined;

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

  /** Has a gateway lead to it, until it is stopped; returns the port of that. */
  async standBehind(recipe: Recipe): Promise<number> {
    this.#gateway = await Gateway.start(recipe);
    return this.#gateway.port;
  }

  /** The server's side of a stranger who has come through the gateway, and that. */
  meets(
    headers?: Readonly<Record<string, string>>,
  ): Promise<[accepted: QWebSocket, client: RawClient]> {
    return this.accepted(() => strangerAt(this.#gateway!.port, headers));
  }

  /** The same with the client that `connect` makes. */
  async accepted(
    connect: () => Promise<RawClient>,
  ): Promise<[accepted: QWebSocket, client: RawClient]> {
    const [client] = await Promise.all([connect(), emitted(this.server.newConnection)]);
    this.#clients.push(client);
    return [this.server.nextPendingConnection()!, client];
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    for (const { socket } of this.#clients) socket.destroy();
    this.server[Symbol.dispose]();
  }
}
