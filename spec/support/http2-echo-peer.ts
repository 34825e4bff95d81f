import type { ServerHttp2Stream } from 'node:http2';
import { createRequire } from 'node:module';
import { answer, type WsSocket } from './echo-peer.ts';
import { Http2Peer } from './http2-peer.ts';
import type { EchoPeer } from './socket-contract.ts';

interface AdoptingSocket extends WsSocket {
  setSocket(stream: object, head: Buffer, options: object): void;
}

// ws has no way of its own to take a stream whose handshake others have done.
const { WebSocket } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (address: null, protocols: undefined, options: object) => AdoptingSocket;
};

const NO_LIMITS = { allowSynchronousEvents: true, maxPayload: 0, skipUTF8Validation: false };

/** A server that is not ours, which sends every message back, over HTTP/2 without TLS. */
export class Http2EchoPeer implements EchoPeer {
  readonly #peer: Http2Peer;

  private constructor(peer: Http2Peer) {
    this.#peer = peer;
    peer.server.on('stream', (stream: ServerHttp2Stream, headers) => {
      const names = (headers['sec-websocket-protocol'] ?? '').split(', ');
      const chosen = names.includes('chat') ? { 'sec-websocket-protocol': 'chat' } : {};
      stream.respond({ ':status': 200, ...chosen });
      const socket = new WebSocket(null, undefined, { autoPong: true, closeTimeout: 30_000 });
      socket.on('error', () => {});
      socket.setSocket(stream, Buffer.alloc(0), NO_LIMITS);
      socket.on('message', (data: Buffer, isBinary: boolean) => answer(socket, data, isBinary));
    });
  }

  static async start(): Promise<Http2EchoPeer> {
    return new Http2EchoPeer(await Http2Peer.listenInTheClear());
  }

  get url(): string {
    return this.#peer.url;
  }

  stop(): void {
    this.#peer.close();
  }
}
