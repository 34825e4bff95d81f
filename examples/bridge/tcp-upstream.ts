import { connect, type Socket } from 'node:net';
import { BackOff } from '../support/back-off.ts';
import { LineReader, MAX_LINE } from './line-reader.ts';
import { reasonOf, type Timers, type Upstream, type UpstreamEvents } from './upstream.ts';

/** How long the service may take to accept a connection, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;

/** After so long a silence the system asks whether the service is still there, in milliseconds. */
const KEEP_ALIVE_DELAY = 30_000;

/** A service that does not read is sent no more than this, in bytes. */
const MAX_BACKLOG = 64 * 1024;

/** A service that speaks in lines, over one TCP connection. */
export class TcpUpstream implements Upstream {
  readonly name: string;
  readonly #host: string;
  readonly #port: number;
  readonly #backOff: BackOff;
  readonly #timers: Timers;
  #events: UpstreamEvents | undefined;
  #socket: Socket | undefined;
  #retry: ReturnType<Timers['setTimeout']> | undefined;

  constructor(host: string, port: number, backOff = new BackOff(), timers: Timers = globalThis) {
    this.name = `tcp ${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#host = host;
    this.#port = port;
    this.#backOff = backOff;
    this.#timers = timers;
  }

  start(events: UpstreamEvents): void {
    this.#events = events;
    this.#connect();
  }

  stop(): void {
    this.#events = undefined;
    this.#timers.clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  send(line: string): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== 'open' || socket.writableLength > MAX_BACKLOG) return false;
    socket.write(`${line}\n`);
    return true;
  }

  #connect(): void {
    let reason = 'The service has closed the connection.';
    const reader = new LineReader({
      line: (text) => this.#events?.message(text),
      tooLong: () => this.#events?.skipped(`A line is longer than ${MAX_LINE} bytes.`),
    });
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    this.#socket = socket;
    socket.setTimeout(CONNECT_TIMEOUT, () => socket.destroy(new Error('connect ETIMEDOUT')));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.setKeepAlive(true, KEEP_ALIVE_DELAY);
      this.#events?.connected();
    });
    socket.on('data', (bytes) => {
      // A service that accepts and closes at once is not there.
      this.#backOff.succeed();
      reader.push(bytes);
    });
    socket.once('end', () => reader.end());
    socket.once('error', (error) => (reason = reasonOf(error)));
    socket.once('close', () => this.#wait(reason));
  }

  #wait(reason: string): void {
    if (this.#events === undefined) return;
    const delay = this.#backOff.next();
    this.#retry = this.#timers.setTimeout(() => this.#connect(), delay);
    this.#events.lost(reason, delay);
  }
}
