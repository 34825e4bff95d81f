import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { LineReader } from './line-reader.ts';

const INTERVAL = 1000;

/** Which part of the way to the wanted temperature is made in one interval. */
const PACE = 0.15;

/**
 * A device as there are many: it speaks in lines over TCP, and has never heard of WebSockets.
 *
 * It says its temperature every second, and takes `set 23.5`.
 */
export class Thermostat {
  readonly #server: Server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  #temperature = 19;
  #wanted = 21;

  /** Listens on a free port of this machine, and returns it. */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#timer = setInterval(() => this.#step(), INTERVAL);
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new LineReader({
      line: (text) => socket.write(`${this.#obey(text)}\n`),
      tooLong: () => socket.destroy(),
    });
    socket.on('data', (bytes) => reader.push(bytes));
    // What goes wrong ends in 'close' as well.
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.write(`${this.#state()}\n`);
  }

  #step(): void {
    // The weather has its part in it.
    const drift = (Math.random() - 0.5) / 5;
    this.#temperature += (this.#wanted - this.#temperature) * PACE + drift;
    for (const socket of this.#sockets) socket.write(`${this.#state()}\n`);
  }

  #state(): string {
    return `temperature ${this.#temperature.toFixed(1)} wanted ${this.#wanted.toFixed(1)}`;
  }

  #obey(line: string): string {
    const value = Number(/^set (\d\d(?:\.\d)?)$/.exec(line)?.[1] ?? NaN);
    if (!(value >= 10 && value <= 30)) return 'error: say "set 21.5", from 10 to 30';
    this.#wanted = value;
    return this.#state();
  }
}
