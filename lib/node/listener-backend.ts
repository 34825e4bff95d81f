import net from 'node:net';
import type { Duplex } from 'node:stream';
import { HandshakeRequest, type Refusal } from '../codec/handshake-request.ts';
import { QHostAddress, SpecialAddress } from '../network/qhostaddress.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type {
  ByteStream,
  ServerBackend,
  ServerBackendEvents,
  ServerSettings,
  UpgradeRequest,
  UpgradeSource,
} from '../websockets/server-backend.ts';
import { Http1Acceptor, type AcceptorOwner } from './acceptors/http1.ts';
import {
  adoptListeningHandle,
  openListeningHandle,
  type ListeningHandle,
} from './listening-handle.ts';
import { toSocketFailure } from './socket-errors.ts';
import { UpgradeRouter, type UpgradeTarget } from './upgrade-router.ts';

// Each may hold a descriptor and as much of its request as a stream buffers: 64 KiB.
const MAX_HELD = 128;

const NO_TLS = 'Secure servers are not available yet.';

const NOWHERE: Refusal = {
  status: 404,
  reason: 'Not Found',
  detail: 'There is no WebSocket at this path.',
  headers: [],
};

/** Gets its connections from a listening socket of its own, from an HTTP server, or handed in. */
export class ListenerBackend implements ServerBackend, AcceptorOwner, UpgradeTarget {
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;

  #server: net.Server | undefined;
  #handle: ListeningHandle | undefined;
  #address: QHostAddress = QHostAddress.Null;
  #source: UpgradeSource | undefined;
  #isPaused = false;
  readonly #held = new Set<Http1Acceptor>();
  readonly #handshakes = new Set<Http1Acceptor>();
  readonly #open = new Map<Duplex, QWebSocketBase>();
  // Streams call it, as `this`; it is one for all of them.
  readonly #forget: (this: Duplex) => void;

  constructor(events: ServerBackendEvents, settings: Readonly<ServerSettings>) {
    this.events = events;
    this.settings = settings;
    const open = this.#open;
    this.#forget = function (this: Duplex) {
      open.delete(this);
    };
  }

  listen(address: QHostAddress, port: number): string {
    if (this.settings.isSecure) return NO_TLS;
    const handle = openListeningHandle(address, port);
    if (handle instanceof Error) return toSocketFailure(handle).description;
    this.#serve(handle);
    if (!address.isNull()) this.#address = address.clone();
    return '';
  }

  setSocketDescriptor(descriptor: number): string {
    if (this.settings.isSecure) return NO_TLS;
    const handle = adoptListeningHandle(descriptor);
    if (handle instanceof Error) return toSocketFailure(handle).description;
    this.#serve(handle);
    return '';
  }

  attach(source: UpgradeSource, path: string | undefined): void {
    this.detach();
    this.#source = source;
    UpgradeRouter.of(source).add(this, path);
  }

  detach(): void {
    if (this.#source !== undefined) UpgradeRouter.of(this.#source).remove(this);
    this.#source = undefined;
  }

  handleConnection(stream: ByteStream): void {
    this.#take(stream as Duplex)?.start();
  }

  handleUpgrade(request: UpgradeRequest, stream: ByteStream, head: Uint8Array): void {
    const { method = '', url = '', httpVersion, rawHeaders } = request;
    const early = Buffer.isBuffer(head) ? head : Buffer.from(head);
    // An HTTP server has a timeout of its own for idle connections.
    (stream as Partial<net.Socket>).setTimeout?.(0);
    this.#take(stream as Duplex)?.answer(
      HandshakeRequest.fromParts(
        method,
        url,
        `HTTP/${httpVersion}`,
        rawHeaders,
        this.settings.isSecure,
      ),
      early,
    );
  }

  refuseUpgrade(stream: ByteStream): void {
    this.#take(stream as Duplex)?.refuse(NOWHERE);
  }

  close(): void {
    this.detach();
    this.#server?.close();
    this.#server = undefined;
    this.#handle = undefined;
    for (const acceptor of this.#handshakes) acceptor.cut();
  }

  abortConnections(): void {
    // A destroyed stream has lost its socket, which may be somewhere else by now.
    for (const [stream, socket] of this.#open) if (!stream.destroyed) socket.abort();
  }

  isListening(): boolean {
    return this.#server !== undefined || this.#source?.listening === true;
  }

  address(): QHostAddress {
    if (this.#server !== undefined) return this.#address.clone();
    return toAddress(this.#source?.address());
  }

  port(): number {
    return portOf((this.#server ?? this.#source)?.address());
  }

  socketDescriptor(): number {
    return this.#handle?.fd ?? -1;
  }

  pauseAccepting(): void {
    this.#isPaused = true;
  }

  resumeAccepting(): void {
    this.#isPaused = false;
    const held = [...this.#held];
    this.#held.clear();
    for (const acceptor of held) acceptor.start();
  }

  finished(acceptor: Http1Acceptor, socket: QWebSocketBase | undefined): void {
    this.#handshakes.delete(acceptor);
    this.#held.delete(acceptor);
    if (socket === undefined) return;
    this.#open.set(acceptor.stream, socket);
    acceptor.stream.on('close', this.#forget);
    this.events.connected(socket);
  }

  #serve(handle: ListeningHandle): void {
    const server = net.createServer({ allowHalfOpen: true });
    server.on('connection', (socket) => this.#accept(socket));
    server.on('error', (error) => this.events.acceptFailed(toSocketFailure(error).error));
    server.listen(handle);
    this.#server = server;
    this.#handle = handle;
    this.#address = toAddress(server.address());
  }

  #accept(socket: net.Socket): void {
    if (this.#isPaused && this.#held.size >= MAX_HELD) {
      socket.destroy();
      return;
    }
    const acceptor = this.#take(socket);
    if (acceptor === undefined) return;
    if (this.#isPaused) this.#held.add(acceptor);
    else acceptor.start();
  }

  #take(stream: Duplex & { setNoDelay?(noDelay: boolean): unknown }): Http1Acceptor | undefined {
    if (stream.destroyed) return undefined;
    // The system would keep small messages back until the last one is acknowledged. Qt leaves it so.
    stream.setNoDelay?.(true);
    const acceptor = new Http1Acceptor(stream, this);
    this.#handshakes.add(acceptor);
    return acceptor;
  }
}

type BoundTo = net.AddressInfo | ReturnType<UpgradeSource['address']> | undefined;

/** Where something listens; null for a path of the file system or nothing. */
function toAddress(bound: BoundTo): QHostAddress {
  if (typeof bound !== 'object' || bound === null) return new QHostAddress();
  // Node listens on :: for both protocols, unless it is told otherwise.
  return new QHostAddress(bound.address === '::' ? SpecialAddress.Any : bound.address);
}

function portOf(bound: BoundTo): number {
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
