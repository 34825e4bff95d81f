import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { resetTcp } from '../../lib/testing/reset-tcp.ts';
import {
  frame,
  headerLength,
  payloadLength,
  readFrame,
  type FrameOptions,
  type WireFrame,
} from '../../lib/testing/wire-frame.ts';
import { listenOnLoopback } from './ports.ts';

/** A TCP server on loopback that does nothing by itself. */
export class RawPeer {
  readonly #server: Server;
  readonly #arrived: RawConnection[] = [];
  readonly #all = new Set<Socket>();
  readonly port: number;
  #wake = (): void => {};

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.#all.add(socket);
      this.#arrived.push(new RawConnection(socket));
      this.#wake();
    });
  }

  static async listen(): Promise<RawPeer> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await listenOnLoopback(server);
    return new RawPeer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  /** The next connection that comes. */
  async next(): Promise<RawConnection> {
    while (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#arrived.shift()!;
  }

  /** The next connection, after the opening handshake. */
  async accept(headers = '', early: Uint8Array = Buffer.alloc(0)): Promise<RawConnection> {
    const connection = await this.next();
    await connection.accept(headers, early);
    return connection;
  }

  /** Cuts everything. */
  close(): void {
    for (const socket of this.#all) socket.destroy();
    this.#server.close();
  }
}

/** One connection of a {@link RawPeer}, byte by byte. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the client has ended its side. */
  readonly ended: Promise<void>;
  /** Resolves when the client has ended its side or given the connection up. */
  readonly over: Promise<void>;
  /** Resolves when the connection is gone, and with what error. */
  readonly closed: Promise<Error | undefined>;
  // What was read and not asked for yet, in pieces: megabytes are not joined for each new one.
  #chunks: Buffer[] = [];
  #length = 0;
  #isOver = false;
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.socket = socket;
    let failure: Error | undefined;
    socket.on('error', (error) => (failure = error));
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    this.ended = new Promise((resolve) => socket.on('end', () => resolve()));
    this.closed = new Promise((resolve) => socket.on('close', () => resolve(failure)));
    this.over = new Promise((resolve) => {
      for (const event of ['end', 'close']) {
        socket.on(event, () => {
          this.#isOver = true;
          this.#wake();
          resolve();
        });
      }
    });
  }

  /** Everything that was read and not asked for yet. */
  get unread(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  /** The head of the client's request, with the empty line at its end. */
  async head(): Promise<string> {
    await this.#until(() => this.unread.includes('\r\n\r\n'));
    return this.#take(this.unread.indexOf('\r\n\r\n') + 4).toString('latin1');
  }

  /** Answers the upgrade request; returns its head. */
  async accept(headers = '', early: Uint8Array = Buffer.alloc(0)): Promise<string> {
    const head = await this.head();
    const key = /^sec-websocket-key: (.*)\r$/im.exec(head)![1]!;
    this.socket.write(Buffer.concat([Buffer.from(switching(key, headers)), early]));
    return head;
  }

  /** The next `count` bytes. */
  async read(count: number): Promise<Buffer> {
    await this.#until(() => this.#length >= count);
    return this.#take(count);
  }

  /** The next frame of the client. */
  async frame(): Promise<WireFrame> {
    const start = await this.read(2);
    const header = Buffer.concat([start, await this.read(headerLength(start) - 2)]);
    return readFrame(header, await this.read(payloadLength(header)));
  }

  /** Sends one frame. */
  send(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): void {
    this.socket.write(frame(opcode, payload, options));
  }

  /** Ends the connection without the words that TCP has for that. */
  reset(): void {
    resetTcp(this.socket);
  }

  #take(count: number): Buffer {
    const { unread } = this;
    this.#chunks = [unread.subarray(count)];
    this.#length -= count;
    return Buffer.from(unread.subarray(0, count));
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#isOver) throw new Error('The connection ended too early.');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** The head with which a server agrees to become a WebSocket. */
export function switching(key: string, headers = ''): string {
  const accept = createHash('sha1')
    .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${accept}\r\n${headers}\r\n`
  );
}
