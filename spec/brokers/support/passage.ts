import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from '../../support/ports.ts';

/** A way to a broker that can lead elsewhere, be held up, or end. */
export class Passage {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The port on loopback that it leads to. */
  target: number;
  /** How many have come. */
  arrivals = 0;
  #isHeld = false;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.target = target;
    server.on('connection', (socket) => this.#lead(socket));
  }

  static async to(target: number): Promise<Passage> {
    const server = createServer();
    await listenOnLoopback(server);
    return new Passage(server, target);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets nothing pass, and keeps it, until it is called with false. */
  hold(isHeld = true): void {
    this.#isHeld = isHeld;
    for (const socket of this.#sockets) {
      if (isHeld) socket.pause();
      else socket.resume();
    }
  }

  /** Ends all connections, without a goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  end(): void {
    this.#server.close();
    this.cut();
  }

  #lead(near: Socket): void {
    this.arrivals++;
    const far = connect(this.target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.on('data', (bytes: Buffer) => to.write(bytes));
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#isHeld) from.pause();
    }
  }
}
