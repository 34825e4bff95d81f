import type { EventEmitter } from 'node:events';
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { UpgradeRequest, UpgradeSource } from '../websockets/server-backend.ts';

/** Gets the requests of an {@link Http2Source}. */
export type StreamRequestListener = (request: UpgradeRequest, stream: ServerHttp2Stream) => void;

type Server = EventEmitter & {
  updateSettings(settings: { readonly enableConnectProtocol: true }): void;
};

/**
 * The part of an HTTP server that speaks HTTP/2: it passes on the requests for a WebSocket (RFC 8441).
 *
 * Node emits 'stream' for each request, and makes a 'connect' of them besides when somebody listens to
 * 'request'; without a listener to that, it would answer with 405.
 */
export class Http2Source {
  readonly #server: Server;
  readonly #listener: StreamRequestListener;

  private constructor(server: Server, listener: StreamRequestListener) {
    this.#server = server;
    this.#listener = listener;
  }

  /** Undefined when `source` does not speak HTTP/2. */
  static of(source: UpgradeSource, listener: StreamRequestListener): Http2Source | undefined {
    const isHttp2 = 'updateSettings' in source;
    return isHttp2 ? new Http2Source(source as unknown as Server, listener) : undefined;
  }

  /** Whether somebody else may answer a request for a WebSocket. */
  get isShared(): boolean {
    return this.#server.listenerCount('connect') > 1;
  }

  /** Begins; connections that are made from now on are told that they may ask. */
  start(): void {
    this.#server.updateSettings({ enableConnectProtocol: true });
    this.#server.on('stream', this.#onStream);
    this.#server.on('connect', this.#onConnect);
  }

  stop(): void {
    this.#server.off('stream', this.#onStream);
    this.#server.off('connect', this.#onConnect);
  }

  readonly #onStream = (
    stream: ServerHttp2Stream,
    headers: Readonly<Record<string, unknown>>,
    _flags: number,
    rawHeaders: readonly string[],
  ): void => {
    if (headers[':method'] !== 'CONNECT' || headers[':protocol'] !== 'websocket') return;
    const url = String(headers[':path']);
    this.#listener({ method: 'CONNECT', url, httpVersion: '2.0', rawHeaders }, stream);
  };

  /** Answers, as Node would, what is no request for a WebSocket; of those, 'stream' tells. */
  readonly #onConnect = (
    request: Http2ServerRequest,
    response: Http2ServerResponse | Duplex,
  ): void => {
    if (this.isShared) return;
    // The CONNECT of HTTP/1.1 brings a socket.
    if (!('stream' in response)) response.destroy();
    else if (request.headers[':protocol'] !== 'websocket') response.writeHead(405).end();
  };
}
