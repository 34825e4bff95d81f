import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { listenOnLoopback } from './ports.ts';
import { showing } from './secure-peer.ts';

/** A stream that a client has asked an {@link Http2Peer} for. */
export interface AskedStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
}

/** A server of HTTP/2 on loopback, which is not ours and does nothing by itself. */
export class Http2Peer {
  readonly server: Http2SecureServer | Http2Server;
  readonly port: number;
  readonly #isSecure: boolean;
  readonly sessions: ServerHttp2Session[] = [];
  readonly #all = new Set<Socket>();
  readonly #arrived: AskedStream[] = [];
  #wake = (): void => {};

  private constructor(server: Http2SecureServer | Http2Server, isSecure: boolean) {
    this.server = server;
    this.#isSecure = isSecure;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => this.#all.add(socket));
    server.on('session', (session: ServerHttp2Session) => this.sessions.push(session));
    server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => {});
      this.#arrived.push({ stream, headers });
      this.#wake();
    });
  }

  /** @param options in place of those that allow WebSockets. */
  static async listen(options: SecureServerOptions = ALLOWING): Promise<Http2Peer> {
    const server = createSecureServer({ ...showing('server'), ...options });
    await listenOnLoopback(server);
    return new Http2Peer(server, true);
  }

  /** The same without TLS. */
  static async listenInTheClear(options: ServerOptions = ALLOWING): Promise<Http2Peer> {
    const server = createServer(options);
    await listenOnLoopback(server);
    return new Http2Peer(server, false);
  }

  get url(): string {
    return `${this.#isSecure ? 'wss' : 'ws'}://127.0.0.1:${this.port}/`;
  }

  /** How many TCP connections there have been. */
  get count(): number {
    return this.#all.size;
  }

  /** How many of them are open. */
  get openCount(): number {
    return [...this.#all].filter((socket) => !socket.destroyed).length;
  }

  /** The next stream that is asked for. */
  async next(): Promise<AskedStream> {
    while (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#arrived.shift()!;
  }

  /** The next one, after it was answered with 200. */
  async accept(headers: Record<string, string> = {}): Promise<ServerHttp2Stream> {
    const { stream } = await this.next();
    stream.respond({ ':status': 200, ...headers });
    return stream;
  }

  /** Cuts everything. */
  close(): void {
    for (const socket of this.#all) socket.destroy();
    this.server.close();
  }
}

export const ALLOWING: SecureServerOptions = {
  allowHTTP1: true,
  settings: { enableConnectProtocol: true },
};
