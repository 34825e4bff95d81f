import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenOnLoopback } from './ports.ts';
import { RawClient, upgradeRequest } from './raw-client.ts';

/** An HTTP server that a QWebSocketServer may share, and its clients. */
export class SharedHttp {
  #server!: Server;
  readonly #clients: RawClient[] = [];

  /** A new one for each spec of the `describe` that this is called in. */
  static forEachSpec(): SharedHttp {
    const http = new SharedHttp();
    beforeEach(async () => {
      http.#server = createServer();
      await listenOnLoopback(http.#server);
    });
    afterEach(() => {
      for (const { socket } of http.#clients.splice(0)) socket.destroy();
      http.#server.closeAllConnections();
      http.#server.close();
    });
    return http;
  }

  get server(): Server {
    return this.#server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A client that has its answer to a request for `path`. */
  async ask(path = '/'): Promise<RawClient> {
    const client = await RawClient.connect(this.port);
    this.#clients.push(client);
    client.write(upgradeRequest({}, `GET ${path} HTTP/1.1`));
    await client.hears('\r\n\r\n');
    return client;
  }
}
