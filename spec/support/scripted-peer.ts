import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from './ports.ts';
import { resetTcp } from '../../lib/testing/reset-tcp.ts';

/** A TCP server on loopback that says what a spec tells it to. */
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
    const server = createServer({ allowHalfOpen: true });
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

/** One connection to a {@link ScriptedPeer}. */
export class ScriptedConnection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#wake?.();
      });
    }
    // How a connection ends is told by ended().
    socket.on('error', () => {});
  }

  /** The next `count` bytes, as hexadecimal digits. */
  async bytes(count: number): Promise<string> {
    await this.#until(() => this.#received.length >= count);
    return this.#take(count).toString('hex');
  }

  /** The next head of HTTP, its lines in a list. */
  async head(): Promise<string[]> {
    await this.#until(() => this.#received.includes('\r\n\r\n'));
    const head = this.#take(this.#received.indexOf('\r\n\r\n') + 4).toString('latin1');
    return head.split('\r\n').slice(0, -2);
  }

  /** Waits for the other side's end; what came before it, and nobody took, as Latin-1. */
  async ended(): Promise<string> {
    while (!this.#hasEnded) await this.#news();
    return this.#received.toString('latin1');
  }

  say(data: string | Uint8Array): void {
    this.#socket.write(data);
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    resetTcp(this.#socket);
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#hasEnded) throw new Error(`It ended after ${this.#received.toString('latin1')}.`);
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(count: number): Buffer {
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return taken;
  }
}
