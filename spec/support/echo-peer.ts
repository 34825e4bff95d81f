import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { EchoPeer } from './socket-contract.ts';

/** As much of the class WebSocket of the package ws, which ships no types, as is used here. */
export interface WsSocket extends NodeJS.EventEmitter {
  send(data: string | Uint8Array, options?: { binary: boolean }): void;
  ping(payload: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

interface WsServer extends NodeJS.EventEmitter {
  readonly clients: Iterable<WsSocket>;
  address(): AddressInfo;
  close(): void;
}

const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
  WebSocketServer: new (options: object) => WsServer;
};

/** A server that is not ours, which sends every message back. */
export class WsEchoPeer implements EchoPeer {
  readonly url: string;
  readonly #server: WsServer;
  /** The requests and sockets of the clients, in the order of their coming. */
  readonly clients: { request: IncomingMessage; socket: WsSocket }[] = [];

  private constructor(server: WsServer) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${server.address().port}/`;
    server.on('connection', (socket: WsSocket, request: IncomingMessage) => {
      this.clients.push({ socket, request });
      socket.on('error', () => {});
      socket.on('message', (data: Buffer, isBinary: boolean) => answer(socket, data, isBinary));
    });
  }

  static async start(): Promise<WsEchoPeer> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      perMessageDeflate: false,
      handleProtocols: (names: Set<string>) => (names.has('chat') ? 'chat' : false),
    });
    await once(server, 'listening');
    return new WsEchoPeer(server);
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

/** Does what a client asks an {@link EchoPeer} for. */
export function answer(socket: WsSocket, data: Buffer, isBinary: boolean): void {
  const [command, code, reason] = isBinary ? [] : data.toString().split(' ');
  if (command === 'close!') socket.close(code === undefined ? undefined : Number(code), reason);
  else if (command === 'vanish!') socket.terminate();
  else socket.send(data, { binary: isBinary });
}
