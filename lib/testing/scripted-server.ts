import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { QUrl } from '../network/qurl.ts';
import { ScriptedPeer } from './scripted-peer.ts';

/**
 * Listens on loopback for a program that opens an address of its own accord; each connection is a {@link
 * ScriptedPeer}. Not in Qt.
 */
export class ScriptedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrived: ScriptedPeer[] = [];
  readonly #waiting: ((peer: ScriptedPeer) => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      const peer = new ScriptedPeer(socket, true);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(peer);
      else waiting(peer);
    });
  }

  /** A server on a free port of 127.0.0.1. */
  static async listen(): Promise<ScriptedServer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server);
  }

  /** Where it listens: a `ws:` address. */
  serverUrl(): QUrl {
    const { address, port } = this.#server.address() as AddressInfo;
    return new QUrl(`ws://${address}:${port}/`);
  }

  /** The next connection that nobody has taken yet. */
  accept(): Promise<ScriptedPeer> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
