import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** A server whose answers to upgrade requests are exact bytes. */
export class RawServer {
  readonly #server: Server;
  readonly #streams: Duplex[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('upgrade', (_, stream) => this.#streams.push(stream));
  }

  static async listen(
    answer: (stream: Duplex, request: IncomingMessage) => void,
  ): Promise<RawServer> {
    const server = createServer();
    server.on('upgrade', (request, stream) => answer(stream, request));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return new RawServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Cuts everything. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
  }
}

/** The answer that accepts `request` (RFC 6455 §4.2.2). */
export function switchingProtocols(request: IncomingMessage): string {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    '\r\n',
  ].join('\r\n');
}
