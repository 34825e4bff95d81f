import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** RFC 6455 §1.3. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const SAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** A TCP client that says and hears exact bytes. */
export class RawClient {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    // How a connection ends is told by ended().
    socket.on('error', () => {});
  }

  /** @param from the address that it has itself; loopback has many on Linux. */
  static async connect(port: number, host = '127.0.0.1', from?: string): Promise<RawClient> {
    const socket = connect({
      port,
      host,
      noDelay: true,
      allowHalfOpen: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** What has come, as Latin-1. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Waits until `expected` has come; fails when the server ends without it. */
  async hears(expected: string): Promise<string> {
    while (!this.text.includes(expected)) {
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`The connection ended after ${JSON.stringify(this.text)}.`);
      }
      await Promise.race([once(this.socket, 'data'), this.#ending()]);
    }
    return this.text;
  }

  /** Waits for the end of the connection; returns all that has come. */
  async ended(): Promise<string> {
    if (!this.socket.readableEnded && !this.socket.destroyed) await this.#ending();
    this.socket.destroy();
    return this.text;
  }

  #ending(): Promise<unknown> {
    return new Promise((resolve) => {
      this.socket.once('end', resolve);
      this.socket.once('close', resolve);
    });
  }
}

/** A good upgrade request; `changes` replace headers, `undefined` leaves them out. */
export function upgradeRequest(
  changes: Readonly<Record<string, string | undefined>> = {},
  requestLine = 'GET / HTTP/1.1',
): string {
  const headers: Record<string, string | undefined> = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': SAMPLE_KEY,
    'Sec-WebSocket-Version': '13',
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return [requestLine, ...lines, '', ''].join('\r\n');
}
