import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ScriptedPeer as Peer } from '../../lib/testing/scripted-peer.ts';
import { listenOnLoopback } from './ports.ts';

/**
 * A TCP server on loopback that says what a spec tells it to.
 *
 * The library's ScriptedServer cannot tell how many connections there have been, nor reset those that are left.
 */
export class ScriptedPeer {
  readonly #server: Server;
  readonly #arrived: ScriptedConnection[] = [];
  readonly #waiting: ((connection: ScriptedConnection) => void)[] = [];
  readonly #all: ScriptedConnection[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      const connection = new ScriptedConnection(socket);
      this.#all.push(connection);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(connection);
      else waiting(connection);
    });
  }

  static async listen(): Promise<ScriptedPeer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await listenOnLoopback(server);
    return new ScriptedPeer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many connections there have been. */
  get count(): number {
    return this.#all.length;
  }

  /** The next connection that nobody has taken yet. */
  accept(): Promise<ScriptedConnection> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Cuts all connections and stops listening. */
  async close(): Promise<void> {
    for (const connection of this.#all) connection.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** One connection to a {@link ScriptedPeer}: the library's, in hexadecimal digits, lines and Latin-1. */
export class ScriptedConnection {
  readonly #peer: Peer;

  constructor(socket: Socket) {
    this.#peer = new Peer(socket, true);
  }

  /** The next `count` bytes, as hexadecimal digits. */
  async bytes(count: number): Promise<string> {
    return (await this.#peer.receive(count)).toString('hex');
  }

  /** The next head of HTTP, its lines in a list. */
  async head(): Promise<string[]> {
    return (await this.#peer.receiveHead()).split('\r\n').slice(0, -2);
  }

  /** Waits for the other side's end; what came before it, and nobody took, as Latin-1. */
  async ended(): Promise<string> {
    return (await this.#peer.ended()).toString('latin1');
  }

  say(data: string | Uint8Array): void {
    this.#peer.send(data);
  }

  end(): void {
    this.#peer.end();
  }

  reset(): void {
    this.#peer.reset();
  }
}
