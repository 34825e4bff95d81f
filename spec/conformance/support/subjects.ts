import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import {
  QHostAddress,
  QNetworkRequest,
  QSslConfiguration,
  QWebSocket,
  QWebSocketServer,
  SslMode,
} from '../../../lib/index.ts';
import { certificate, pemText, serverKey } from '../../ssl/support/certs.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { Http2Peer } from '../../support/http2-peer.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { upgradeRequest } from '../../support/raw-client.ts';
import { RawConnection, RawPeer } from '../../support/raw-peer.ts';
import { identified } from '../../support/secure-client.ts';
import { SecurePeer, trusting } from '../../support/secure-peer.ts';
import { Compression } from './compression.ts';
import type { Terms } from './conversation.ts';
import { StrictPeer } from './strict-peer.ts';

export type Scheme = 'ws' | 'wss';

/** An endpoint of ours that sends every message back, and the way to talk to it. */
export interface Subject {
  /** A peer of a new connection, after the opening handshake; compression is on where there are `terms`. */
  connect(terms?: Terms): Promise<StrictPeer>;
  /** Whether the endpoint is the one that has to end TCP first (RFC 6455 §7.1.1). */
  readonly endsFirst: boolean;
  stop(): void;
}

/** Our server, and clients that are not ours. */
export class ServerSubject implements Subject {
  readonly endsFirst = true;
  readonly #server: QWebSocketServer;
  readonly #scheme: Scheme;
  readonly #port: number;
  readonly #peers = new Set<RawConnection>();

  private constructor(server: QWebSocketServer, scheme: Scheme, port: number) {
    this.#server = server;
    this.#scheme = scheme;
    this.#port = port;
    server.newConnection.connect(() => echo(server.nextPendingConnection()!));
  }

  /** On a port of its own. */
  static async listen(scheme: Scheme): Promise<ServerSubject> {
    const isSecure = scheme === 'wss';
    const mode = isSecure ? SslMode.SecureMode : SslMode.NonSecureMode;
    const server = new QWebSocketServer('conformance', mode);
    if (isSecure) server.setSslConfiguration(secureConfiguration());
    if (!server.listen(QHostAddress.LocalHost)) throw new Error(server.errorString());
    return new ServerSubject(server, scheme, server.serverPort());
  }

  /** On a port of node:http. */
  static async attach(): Promise<ServerSubject> {
    const server = new QWebSocketServer('conformance');
    const http = createServer();
    const port = await listenOnLoopback(http);
    server.attach(http);
    server.destroyed.connect(() => void http.close());
    return new ServerSubject(server, 'ws', port);
  }

  async connect(terms?: Terms): Promise<StrictPeer> {
    // A server is asked by each client by itself.
    this.#server.setCompressionEnabled(terms !== undefined);
    const options = { port: this.#port, host: '127.0.0.1', allowHalfOpen: true };
    const isSecure = this.#scheme === 'wss';
    const socket = isSecure ? connectTls({ ...options, ca: pemText('ca.crt') }) : connect(options);
    await once(socket, isSecure ? 'secureConnect' : 'connect');
    const connection = new RawConnection(socket);
    this.#peers.add(connection);
    void connection.closed.then(() => this.#peers.delete(connection));
    socket.write(upgradeRequest({ 'Sec-WebSocket-Extensions': terms?.offer }));
    const head = await connection.head();
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head);
    const agreed = /^Sec-WebSocket-Extensions: (.*)\r$/m.exec(head)?.[1] ?? '';
    if (agreed !== (terms?.agreed ?? '')) throw new Error(`The server agrees to "${agreed}".`);
    return new StrictPeer(connection, true, Compression.of(agreed, true));
  }

  stop(): void {
    for (const { socket } of this.#peers) socket.destroy();
    this.#server[Symbol.dispose]();
  }
}

/** Our server, and a client that is not ours, which has all of its WebSockets on one connection of HTTP/2. */
export class Http2ServerSubject implements Subject {
  readonly endsFirst = true;
  readonly #server: QWebSocketServer;
  readonly #client: Http2Client;

  private constructor(server: QWebSocketServer, client: Http2Client) {
    this.#server = server;
    this.#client = client;
    server.newConnection.connect(() => echo(server.nextPendingConnection()!));
  }

  static async listen(): Promise<Http2ServerSubject> {
    const server = new QWebSocketServer('conformance', SslMode.SecureMode);
    const configuration = identified();
    configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
    server.setSslConfiguration(configuration);
    if (!server.listen(QHostAddress.LocalHost)) throw new Error(server.errorString());
    return new Http2ServerSubject(server, await Http2Client.connect(server.serverPort()));
  }

  async connect(terms?: Terms): Promise<StrictPeer> {
    this.#server.setCompressionEnabled(terms !== undefined);
    const { stream, status, headers } = await this.#client.ask({
      'sec-websocket-extensions': terms?.offer,
    });
    if (status !== 200) throw new Error(`The status is ${status}.`);
    const agreed = headers['sec-websocket-extensions'] ?? '';
    if (agreed !== (terms?.agreed ?? '')) throw new Error(`The server agrees to "${agreed}".`);
    return new StrictPeer(connectionOver(stream), true, Compression.of(agreed, true));
  }

  stop(): void {
    this.#client.close();
    this.#server[Symbol.dispose]();
  }
}

/** Our client over HTTP/2, and a server that is not ours. */
export class Http2ClientSubject implements Subject {
  readonly endsFirst = false;
  readonly #peer: Http2Peer;
  readonly #clients = new Set<QWebSocket>();

  private constructor(peer: Http2Peer) {
    this.#peer = peer;
  }

  static async start(): Promise<Http2ClientSubject> {
    return new Http2ClientSubject(await Http2Peer.listen());
  }

  async connect(terms?: Terms): Promise<StrictPeer> {
    const client = new QWebSocket();
    this.#clients.add(client);
    client.disconnected.connect(() => void this.#clients.delete(client));
    client.setSslConfiguration(trusting());
    client.setCompressionEnabled(terms !== undefined);
    echo(client);
    const request = new QNetworkRequest(this.#peer.url);
    request.setAttribute(QNetworkRequest.Http2AllowedAttribute, true);
    client.open(request);
    const answer = terms?.answer ?? '';
    const stream = await this.#peer.accept(
      answer === '' ? {} : { 'sec-websocket-extensions': answer },
    );
    return new StrictPeer(connectionOver(stream), false, Compression.of(answer, false));
  }

  stop(): void {
    for (const client of this.#clients) client.abort();
    this.#peer.close();
  }
}

/** A stream of HTTP/2 has nearly all of a socket that a peer needs. */
function connectionOver(stream: Duplex): RawConnection {
  return new RawConnection(Object.assign(stream, { setNoDelay: () => stream }) as Socket);
}

/** Our client, and a server that is not ours. */
export class ClientSubject implements Subject {
  readonly endsFirst = false;
  readonly #scheme: Scheme;
  readonly #peer: RawPeer | SecurePeer;
  readonly #clients = new Set<QWebSocket>();

  private constructor(scheme: Scheme, peer: RawPeer | SecurePeer) {
    this.#scheme = scheme;
    this.#peer = peer;
  }

  static async start(scheme: Scheme): Promise<ClientSubject> {
    const certificates = { cert: pemText('server.crt'), key: pemText('server.key') };
    const peer = scheme === 'wss' ? SecurePeer.listen(certificates) : RawPeer.listen();
    return new ClientSubject(scheme, await peer);
  }

  async connect(terms?: Terms): Promise<StrictPeer> {
    const client = new QWebSocket();
    this.#clients.add(client);
    client.disconnected.connect(() => void this.#clients.delete(client));
    if (this.#scheme === 'wss') {
      const configuration = QSslConfiguration.defaultConfiguration();
      configuration.setCaCertificates([certificate('ca')]);
      client.setSslConfiguration(configuration);
    }
    client.setCompressionEnabled(terms !== undefined);
    echo(client);
    client.open(this.#peer.url);
    const connection = await this.#peer.next();
    const answer = terms?.answer ?? '';
    await connection.accept(answer === '' ? '' : `Sec-WebSocket-Extensions: ${answer}\r\n`);
    return new StrictPeer(connection, false, Compression.of(answer, false));
  }

  stop(): void {
    for (const client of this.#clients) client.abort();
    this.#peer.close();
  }
}

function secureConfiguration(): QSslConfiguration {
  const configuration = new QSslConfiguration();
  configuration.setLocalCertificate(certificate('server'));
  configuration.setPrivateKey(serverKey());
  return configuration;
}

function echo(socket: QWebSocket): void {
  socket.textMessageReceived.connect((message) => void socket.sendTextMessage(message));
  socket.binaryMessageReceived.connect((message) => void socket.sendBinaryMessage(message));
}
