import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { switching } from '../../support/raw-peer.ts';
import { identified } from '../../support/secure-client.ts';
import { showing, trusting } from '../../support/secure-peer.ts';

/** How long what is timed out in an arena takes, in milliseconds. */
export const SOON = 5;

/** A client and its end on the server. */
export type Pair = readonly [client: QWebSocket, peer: QWebSocket];

/** What a raw peer does with a connection; `head` is that of the request. */
export type Script = (socket: Socket, head: string) => void;

/** Servers of every kind, which live as long as the soak; connections come and go. */
export class Arena {
  readonly plain: QWebSocketServer = new QWebSocketServer('Arena');
  readonly secure: QWebSocketServer = new QWebSocketServer('Arena', QWebSocketServer.SecureMode);
  /** Shares an HTTP server, on the path /chat. */
  readonly shared: QWebSocketServer = new QWebSocketServer('Arena');
  /** Compresses. */
  readonly dense: QWebSocketServer = new QWebSocketServer('Arena');
  /** Has no time for handshakes. */
  readonly hasty: QWebSocketServer = new QWebSocketServer('Arena');
  /** Has no room. */
  readonly full: QWebSocketServer = new QWebSocketServer('Arena');
  readonly http: HttpServer = createHttpServer();
  readonly #proxy: Server = createServer((socket) => tunnel(socket));
  readonly #untrusted: Server = createTlsServer(showing('self-signed'));
  readonly #scripts = new Map<string, Script>();
  readonly #raw: Server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  readonly #arrived = new Map<string, QWebSocket>();
  #names = 0;

  async open(): Promise<void> {
    const servers = [this.plain, this.secure, this.dense, this.hasty, this.full];
    this.secure.setSslConfiguration(identified());
    this.dense.setCompressionEnabled(true);
    this.hasty.setHandshakeTimeout(SOON);
    this.full.setMaxPendingConnections(0);
    for (const server of servers) server.listen(QHostAddress.LocalHost);
    for (const server of [...servers, this.shared]) {
      server.setMaxPendingConnections(server === this.full ? 0 : 1000);
      server.newConnection.connect(() => this.#fetch(server));
    }
    for (const server of [this.http, this.#proxy, this.#untrusted, this.#raw]) {
      await listenOnLoopback(server);
    }
    this.#untrusted.on('tlsClientError', () => {});
    this.shared.attach(this.http, { path: '/chat' });
  }

  close(): void {
    for (const server of [
      this.plain,
      this.secure,
      this.dense,
      this.hasty,
      this.full,
      this.shared,
    ]) {
      server[Symbol.dispose]();
    }
    for (const server of [this.http, this.#proxy, this.#untrusted, this.#raw]) server.close();
  }

  get untrustedUrl(): string {
    return `wss://127.0.0.1:${portOf(this.#untrusted)}/`;
  }

  get httpUrl(): string {
    return `ws://127.0.0.1:${portOf(this.http)}/chat`;
  }

  proxy(): QNetworkProxy {
    return new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', portOf(this.#proxy));
  }

  /** How many slots there are for what lasts as long as the arena does. */
  listeners(): number[] {
    const emitters = [process, this.http, this.#proxy, this.#untrusted, this.#raw];
    return emitters.map((emitter) =>
      emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name as string), 0),
    );
  }

  /** A peer that does not know TLS. */
  get deafUrl(): string {
    return `wss://127.0.0.1:${portOf(this.#raw)}/`;
  }

  /** The URL of a peer that does what `script` says, once. */
  scripted(script: Script): string {
    const name = `/${this.#names++}`;
    this.#scripts.set(name, script);
    return `ws://127.0.0.1:${portOf(this.#raw)}${name}`;
  }

  client(origin = ''): QWebSocket {
    const client = new QWebSocket(origin);
    client.setSslConfiguration(trusting());
    return client;
  }

  /** Connects `client` to one of the servers. */
  async connect(url: string, client: QWebSocket = this.client()): Promise<Pair> {
    const connected = emitted(client.connected);
    const failed = emitted(client.errorOccurred).then(() => {
      throw new Error(`${url}: ${client.errorString()}`);
    });
    client.open(url);
    await Promise.race([connected, failed]);
    const key = `${client.localPort()} ${client.peerPort()}`;
    const peer = this.#arrived.get(key)!;
    this.#arrived.delete(key);
    return [client, peer];
  }

  #fetch(server: QWebSocketServer): void {
    const peer = server.nextPendingConnection();
    if (peer === null) return;
    // The same port may lead to several servers at a time.
    const key = `${peer.peerPort()} ${peer.localPort()}`;
    this.#arrived.set(key, peer);
    peer.disconnected.connect(() => {
      if (this.#arrived.get(key) === peer) this.#arrived.delete(key);
    });
  }

  #serve(socket: Socket): void {
    let head = '';
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      socket.on('data', () => {});
      const name = head.split(' ', 2)[1]!;
      const script = this.#scripts.get(name);
      this.#scripts.delete(name);
      if (script === undefined) socket.destroy();
      else script(socket, head);
    };
    socket.on('data', read);
  }
}

/** The answer of a peer that agrees. */
export function agree(socket: Socket, head: string, early: Uint8Array = Buffer.alloc(0)): void {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(head)![1]!;
  socket.write(Buffer.concat([Buffer.from(switching(key)), early]));
}

/** A proxy that does what it is asked. */
function tunnel(socket: Socket): void {
  let head = '';
  socket.on('error', () => {});
  const read = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    socket.off('data', read);
    const upstream = connect({ host: '127.0.0.1', port: Number(/:(\d+) /.exec(head)![1]) });
    upstream.on('error', () => socket.destroy());
    upstream.on('connect', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
    socket.pipe(upstream);
    upstream.pipe(socket);
  };
  socket.on('data', read);
}

function portOf(server: Server | HttpServer): number {
  return (server.address() as AddressInfo).port;
}
