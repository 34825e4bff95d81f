import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import { listenOnLoopback } from './ports.ts';
import { RawConnection } from './raw-peer.ts';

/** An HTTP proxy on loopback: every name leads to the one port that it is given. */
export class ConnectProxy {
  readonly #server: Server;
  readonly #all = new Set<Socket>();
  /** Where all tunnels lead. */
  readonly #target: number;
  readonly port: number;
  /** The heads of all requests. */
  readonly heads: string[] = [];
  /** What is answered before a tunnel is opened, one for each request. */
  readonly refusals: string[] = [];
  /** What came behind a request that was refused. */
  readonly leaked: Buffer[] = [];

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => this.#all.add(socket));
  }

  /** @param tls for an encrypted proxy. */
  static async listen(target: number, tls?: TlsOptions): Promise<ConnectProxy> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    await listenOnLoopback(server);
    const proxy = new ConnectProxy(server, target);
    server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      // A client that goes away is no failure of the proxy.
      proxy.#serve(socket).catch(() => {});
    });
    return proxy;
  }

  close(): void {
    for (const socket of this.#all) socket.destroy();
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    const client = new RawConnection(socket);
    for (;;) {
      this.heads.push(await client.head());
      const refusal = this.refusals.shift();
      if (refusal === undefined) break;
      this.leaked.push(client.unread);
      socket.write(refusal);
    }
    const upstream = connect({ port: this.#target, host: '127.0.0.1' });
    this.#all.add(upstream);
    await once(upstream, 'connect');
    socket.removeAllListeners('data');
    socket.write('HTTP/1.1 200 Go\r\n\r\n');
    socket.on('close', () => upstream.destroy());
    upstream.on('error', () => {});
    upstream.pipe(socket);
    socket.pipe(upstream);
  }
}
