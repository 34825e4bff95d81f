import type { ServerHttp2Stream } from 'node:http2';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { HandshakeRequest } from '../codec/handshake-request.ts';
import { CROWDED } from '../codec/handshake-response.ts';
import { PathPattern, type PathParameters } from '../codec/path-pattern.ts';
import type { Refusal } from '../codec/refusal.ts';
import { addressBlock } from '../network/address-block.ts';
import { explained, placeOf } from '../network/failure-text.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import type { QHostAddress } from '../network/qhostaddress.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import { backendOf, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { RefusalReason, ServerStatistics } from '../websockets/server-statistics.ts';
import { CloseCode } from '../websockets/qwebsocketprotocol.ts';
import type {
  ByteStream,
  ServerBackend,
  ServerBackendEvents,
  ServerSettings,
  UpgradeRequest,
  UpgradeSource,
} from '../websockets/server-backend.ts';
import type { ProxiedEnds } from '../codec/proxy-header.ts';
import { overcrowded } from './acceptors/denials.ts';
import { Http1Acceptor, type AcceptorOwner } from './acceptors/http1.ts';
import { Http2Acceptor, type Http2AcceptorOwner, type StreamHost } from './acceptors/http2.ts';
import { ProxyProtocolAcceptor, type ProxyProtocolOwner } from './acceptors/proxy-protocol.ts';
import { Census } from './census.ts';
import { Capacity, EXCESSES, type Excess } from './capacity.ts';
import { ServerRecord } from './diagnostics/server-record.ts';
import { GateKeeper } from './gate-keeper.ts';
import { HeadBudget } from './head-budget.ts';
import { Http2Guests } from './http2-guests.ts';
import { Http2Host, type Http2HostOwner } from './http2-host.ts';
import { ALPN_HTTP2 } from './http2-limits.ts';
import {
  ListeningSocket,
  toAddress,
  type BoundTo,
  type ListeningSocketOwner,
} from './listening-socket.ts';
import { PendingHandshakes } from './pending-handshakes.ts';
import { isTrusted, mayBeForwarded, recognize, type Recognized } from './recognition.ts';
import { carrierOf, carry, hasLostPeer, localEndOf, noteEnds, peerOf } from './stream-ends.ts';
import { keep, type StreamKeeper } from './stream-listener.ts';
import { sessionConfiguration, TlsAcceptor, type TlsAcceptorOwner } from './tls-acceptor.ts';
import { PathTable, type PathMatch } from './path-table.ts';
import { isUpgradeSource, UpgradeDispatcher, type UpgradeTarget } from './upgrade-dispatcher.ts';
import type { WireBackend } from './wire-backend.ts';

// Each may hold a descriptor and as much of its request as a stream buffers: 64 KiB.
const MAX_HELD = 128;

// So many of those who are too many hear why at a time; the others are cut.
const MAX_TURNED_AWAY = 64;

// Who counts for nobody, as no address is known, or not yet.
const NOBODY = '';

type RequestAcceptor = Http1Acceptor | Http2Acceptor;

type Acceptor = RequestAcceptor | TlsAcceptor | ProxyProtocolAcceptor;

type AnyStream = Duplex & {
  setNoDelay?(noDelay: boolean): unknown;
  readonly encrypted?: boolean;
};

/** Gets its connections from a listening socket of its own, from an HTTP server, or handed in. */
export class ListenerBackend
  implements
    ServerBackend,
    AcceptorOwner,
    Http2AcceptorOwner,
    Http2HostOwner,
    TlsAcceptorOwner,
    ProxyProtocolOwner,
    ListeningSocketOwner,
    UpgradeTarget,
    StreamKeeper
{
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;
  readonly headBudget: HeadBudget = new HeadBudget();
  readonly record: ServerRecord;

  readonly #listeningSocket: ListeningSocket;
  // Of somebody else's requests: an HTTP server, or another of these.
  #source: UpgradeSource | ListenerBackend | undefined;
  // Who takes the requests that this one reads.
  readonly #paths = new PathTable<ListenerBackend>();
  readonly #gateKeeper: GateKeeper;
  #isPaused = false;
  readonly #held = new Set<Acceptor>();
  readonly #handshakes = new PendingHandshakes<Acceptor | Http2Host>();
  readonly #hosts = new Set<Http2Host>();
  readonly #turnedAway = new Set<Acceptor>();
  readonly #census = new Census();
  readonly #capacity: Capacity;
  readonly #open = new Map<Duplex, QWebSocketBase>();

  constructor(events: ServerBackendEvents, settings: Readonly<ServerSettings>) {
    this.events = events;
    this.settings = settings;
    this.record = new ServerRecord(events.server);
    this.#listeningSocket = new ListeningSocket(this, !settings.isSecure);
    this.#capacity = new Capacity(settings, this.#census, this.#handshakes);
    this.#gateKeeper = new GateKeeper(events, settings.isSecure);
  }

  listen(address: QHostAddress, port: number): string {
    return this.#prepare() || this.#listeningSocket.listen(address, port);
  }

  listenLocal(path: string): string {
    return this.#prepare() || this.#listeningSocket.listenLocal(path);
  }

  setSocketDescriptor(descriptor: number): string {
    return this.#prepare() || this.#listeningSocket.adopt(descriptor);
  }

  attach(source: UpgradeSource | ServerBackend, path: string | undefined): string {
    const pattern = path === undefined ? undefined : PathPattern.read(path);
    if (typeof pattern === 'string') return pattern;
    if (source === this) return 'A server cannot be attached to itself.';
    if (!(source instanceof ListenerBackend) && !isUpgradeSource(source)) {
      return 'attach() takes an HTTP server, such as createServer(app) of node:http, or a QWebSocketServer.';
    }
    this.detach();
    this.#source = source;
    // All servers of this door have this backend.
    if (source instanceof ListenerBackend) source.#paths.add(this, pattern);
    else UpgradeDispatcher.of(source).add(this, pattern);
    return '';
  }

  detach(): void {
    const source = this.#source;
    this.#source = undefined;
    if (source instanceof ListenerBackend) source.#paths.remove(this);
    else if (source !== undefined) UpgradeDispatcher.of(source).remove(this);
  }

  handleConnection(stream: ByteStream): void {
    this.#admit(stream as Duplex)?.start();
  }

  handleUpgrade(
    request: UpgradeRequest,
    stream: ByteStream,
    head: Uint8Array,
    parameters?: PathParameters,
  ): void {
    if (isOfStream(request)) {
      const acceptor = this.#takeStream(stream as ServerHttp2Stream, request.rawHeaders);
      if (acceptor !== undefined) this.#begin(acceptor, parameters);
      return;
    }
    const { method = '', url = '', httpVersion, rawHeaders } = request;
    const early = Buffer.isBuffer(head) ? head : Buffer.from(head);
    // An HTTP server has a timeout of its own for idle connections.
    (stream as Partial<net.Socket>).setTimeout?.(0);
    const acceptor = this.#take(stream as Duplex);
    if (acceptor === undefined) return;
    const recognized = this.recognize(acceptor, rawHeaders);
    if (recognized === undefined) {
      acceptor.denied(overcrowded(acceptor.peer()));
      return;
    }
    const { isSecure, authority } = recognized;
    const version = `HTTP/${httpVersion}`;
    acceptor.answer(
      HandshakeRequest.fromParts(method, url, version, rawHeaders, isSecure, authority),
      early,
      parameters,
    );
  }

  refuseUpgrade(
    request: UpgradeRequest,
    stream: ByteStream,
    refusal: Refusal,
    reason: RefusalReason,
  ): void {
    if (isOfStream(request)) {
      const { rawHeaders } = request;
      this.#takeStream(stream as ServerHttp2Stream, rawHeaders)?.refuse(refusal, reason);
      return;
    }
    const isHeadOnly = request.method === 'HEAD';
    this.#take(stream as Duplex)?.refuse({ ...refusal, isHeadOnly }, reason);
  }

  findPath(path: string): PathMatch<ListenerBackend> | undefined {
    return this.#paths.size === 0 ? undefined : this.#paths.find(path);
  }

  handOver(acceptor: RequestAcceptor, other: ListenerBackend): boolean {
    this.#handshakes.delete(acceptor);
    this.#census.remove(carrierOf(acceptor.stream));
    this.record.handedOver();
    return other.#receive(acceptor);
  }

  close(): void {
    this.detach();
    this.#listeningSocket.close();
    this.#handshakes.cutAll();
    for (const host of this.#hosts) host.close();
    for (const acceptor of this.#turnedAway) acceptor.cut('closed');
  }

  sockets(): QWebSocketBase[] {
    return [...this.#open.values()];
  }

  statistics(waiting: number): ServerStatistics {
    return this.record.counters.statistics(waiting);
  }

  abortConnections(): void {
    // A destroyed stream has lost its socket, which may be somewhere else by now; asked anew for
    // each, because a slot of one may open another one there.
    for (const [stream, socket] of this.#open) if (!stream.destroyed) socket.abort();
  }

  isListening(): boolean {
    const reader = this.#reader;
    return reader.#listeningSocket.isOpen || reader.#httpServer?.listening === true;
  }

  address(): QHostAddress {
    const reader = this.#reader;
    if (reader.#listeningSocket.isOpen) return reader.#listeningSocket.address;
    return toAddress(reader.#httpServer?.address());
  }

  isOnLoopback(): boolean {
    const reader = this.#reader;
    const places = [
      this.#listeningSocket.bound(),
      reader.#listeningSocket.bound(),
      reader.#httpServer?.address(),
    ];
    return places.some((bound) => toAddress(bound).isLoopback());
  }

  port(): number {
    const bound = this.#reader.#bound();
    return typeof bound === 'object' && bound !== null ? bound.port : 0;
  }

  localPath(): string {
    const bound = this.#reader.#bound();
    return typeof bound === 'string' ? bound : '';
  }

  socketDescriptor(): number {
    return this.#listeningSocket.descriptor;
  }

  accept(socket: net.Socket): void {
    if (this.#isPaused && this.#held.size >= MAX_HELD) {
      this.record.accepted(socket);
      this.record.refused(socket, 'closed', 0);
      socket.destroy();
      return;
    }
    const acceptor = this.#admit(socket);
    if (acceptor === undefined) return;
    if (this.#isPaused) this.#held.add(acceptor);
    else acceptor.start();
  }

  acceptFailed(error: SocketError): void {
    this.events.acceptFailed(error);
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

  sslConfiguration(): QSslConfiguration {
    return this.#gateKeeper.configuration;
  }

  setSslConfiguration(configuration: QSslConfiguration): string {
    return this.#gateKeeper.change(configuration, this.#listeningSocket.isOpen);
  }

  secured(
    acceptor: TlsAcceptor,
    socket: tls.TLSSocket,
    configuration: QSslConfiguration,
    timeLeft: number,
  ): void {
    this.#handshakes.delete(acceptor);
    carry(socket, acceptor.stream);
    if (socket.alpnProtocol === ALPN_HTTP2) {
      this.#beginHttp2(socket, configuration, timeLeft);
      return;
    }
    const next = new Http1Acceptor(socket, this, configuration);
    this.#follow(next, this.#clientOf(socket)).start(timeLeft);
  }

  unsecured(acceptor: TlsAcceptor): void {
    this.#handshakes.delete(acceptor);
    this.#held.delete(acceptor);
  }

  introduced(
    acceptor: ProxyProtocolAcceptor,
    ends: ProxiedEnds | undefined,
    timeLeft: number,
  ): void {
    const { stream } = acceptor;
    this.#handshakes.delete(acceptor);
    if (ends !== undefined) noteEnds(stream, ends);
    const client = this.#clientOf(stream);
    if (this.#capacity.isCrowdedBy(client)) {
      this.#refuseRoom(stream, !this.settings.isSecure, 'tooManyFromOneAddress');
      return;
    }
    this.#census.move(stream, client);
    const next = this.settings.isSecure ? this.#beginTls(stream) : this.#beginHttp(stream);
    next?.start(timeLeft);
  }

  dropped(acceptor: ProxyProtocolAcceptor, reason: RefusalReason, fault?: string): void {
    this.#handshakes.delete(acceptor);
    this.#held.delete(acceptor);
    this.record.refused(acceptor.stream, reason, 0);
    if (fault === undefined) return;
    const { address, port } = peerOf(acceptor.stream);
    const detail = `${fault} from ${placeOf(address, port)}`;
    const text = explained('The PROXY header is invalid.', { layer: 'proxy', detail });
    this.events.refused(CloseCode.CloseCodeProtocolError, text);
  }

  requested(host: Http2Host, stream: ServerHttp2Stream, fields: readonly string[]): void {
    // From here on, each request counts, and not the connection.
    if (!host.hasAsked) this.record.handedOver();
    this.#census.remove(carrierOf(host.stream));
    const acceptor = this.#takeStream(stream, fields, host);
    if (acceptor !== undefined) {
      host.carries(acceptor.stream);
      this.#begin(acceptor);
    } else if (!host.isUsed) {
      this.unused(host);
    }
  }

  unused({ stream }: Http2Host): void {
    const carrier = carrierOf(stream);
    // It would never be forgotten.
    if (!carrier.destroyed) this.#census.add(carrier, this.#clientOf(stream));
  }

  idle(host: Http2Host): number {
    const client = this.#clientOf(host.stream);
    if (!this.#capacity.mayBegin(client)) return 0;
    this.#handshakes.add(host, client);
    return this.settings.handshakeTimeout;
  }

  busy(host: Http2Host): void {
    this.#handshakes.delete(host);
  }

  left(host: Http2Host, reason: RefusalReason): void {
    this.#handshakes.delete(host);
    this.#hosts.delete(host);
    if (!host.hasAsked) this.record.refused(host.stream, reason, 0);
  }

  recognize(acceptor: RequestAcceptor, fields: readonly string[]): Recognized | undefined {
    const { stream } = acceptor;
    const isOpen = mayBeForwarded(stream, this.settings);
    const recognized = recognize(stream, fields, this.settings);
    if (!isOpen) return recognized;
    const client = addressBlock(peerOf(stream).address);
    if (this.#capacity.isCrowdedBy(client)) return undefined;
    this.#census.move(carrierOf(stream), client);
    this.#handshakes.move(acceptor, client);
    return recognized;
  }

  finished(acceptor: RequestAcceptor, socket: QWebSocketBase | undefined): void {
    this.#handshakes.delete(acceptor);
    this.#held.delete(acceptor);
    this.#turnedAway.delete(acceptor);
    if (socket === undefined) return;
    this.#open.set(acceptor.stream, socket);
    keep(acceptor.stream, this);
    const id = this.record.opened(acceptor.stream);
    (backendOf(socket) as WireBackend).observe(this.record.counters, id);
    this.events.connected(socket);
  }

  forget(stream: Duplex): void {
    this.#open.delete(stream);
    this.#census.remove(stream);
  }

  /** Who reads the requests that come here: this one, unless it has them of another. */
  get #reader(): ListenerBackend {
    const source = this.#source;
    return !this.#listeningSocket.isOpen && source instanceof ListenerBackend ? source : this;
  }

  get #httpServer(): UpgradeSource | undefined {
    return this.#source instanceof ListenerBackend ? undefined : this.#source;
  }

  #bound(): BoundTo {
    return this.#listeningSocket.isOpen
      ? this.#listeningSocket.bound()
      : this.#httpServer?.address();
  }

  /** Takes a handshake over from another one, unless there is no room for it. */
  #receive(acceptor: RequestAcceptor): boolean {
    const { stream } = acceptor;
    // Whom proxies name is known by now.
    const client = addressBlock(peerOf(stream).address);
    this.record.accepted(stream);
    const excess = this.#capacity.excess(client);
    if (excess !== undefined) {
      this.#tellOfExcess(stream, excess, () => this.#turnAway(acceptor, excess));
      return false;
    }
    this.#count(carrierOf(stream), client);
    this.#follow(acceptor, client);
    return true;
  }

  /** Takes a stream on which nothing has been said yet. */
  #admit(stream: AnyStream): Acceptor | undefined {
    // What TLS is spoken on already has its PROXY header behind it.
    if (stream.encrypted === true) return this.#take(stream);
    if (this.settings.isProxyProtocolEnabled === true) return this.#awaitProxy(stream);
    if (!this.settings.isSecure) return this.#take(stream);
    if (stream.destroyed || !this.#hasRoom(stream, false)) return undefined;
    return this.#beginTls(stream);
  }

  #take(stream: AnyStream): Http1Acceptor | undefined {
    if (stream.destroyed || !this.#hasRoom(stream, true)) return undefined;
    return this.#beginHttp(stream);
  }

  #awaitProxy(stream: AnyStream): ProxyProtocolAcceptor | undefined {
    if (stream.destroyed) return undefined;
    if (hasLostPeer(stream)) {
      // As health checks do, which connect and reset.
      this.record.accepted(stream);
      this.record.refused(stream, 'left', 0);
      stream.destroy();
      return undefined;
    }
    if (!isTrusted(stream, this.settings)) {
      const { address, port } = peerOf(stream);
      this.record.accepted(stream);
      this.record.refused(stream, 'proxy', 0);
      stream.destroy();
      const detail = `${placeOf(address, port)} is no trusted proxy`;
      const text = explained('Access forbidden.', { layer: 'proxy', detail });
      this.events.refused(CloseCode.CloseCodePolicyViolated, text);
      return undefined;
    }
    // It would take an answer for one to its header.
    if (!this.#hasRoom(stream, false, NOBODY)) return undefined;
    this.#count(stream, NOBODY);
    return this.#follow(new ProxyProtocolAcceptor(stream, this), NOBODY);
  }

  #beginTls(stream: AnyStream): TlsAcceptor | undefined {
    const gate = this.#gateKeeper.open();
    if (typeof gate === 'string') {
      this.record.refused(stream, 'failed', 0);
      stream.destroy();
      this.events.refused(CloseCode.CloseCodeAbnormalDisconnection, gate);
      return undefined;
    }
    sendAtOnce(stream);
    const client = this.#clientOf(stream);
    this.#count(stream, client);
    return this.#follow(new TlsAcceptor(stream, gate, this), client);
  }

  #beginHttp(stream: AnyStream): Http1Acceptor {
    sendAtOnce(stream);
    const client = this.#clientOf(stream);
    this.#count(stream, client);
    let configuration: QSslConfiguration | undefined;
    if (stream instanceof tls.TLSSocket) {
      forbidRenegotiation(stream);
      configuration = sessionConfiguration(this.sslConfiguration(), stream);
    }
    return this.#follow(new Http1Acceptor(stream, this, configuration), client);
  }

  #beginHttp2(socket: tls.TLSSocket, configuration: QSslConfiguration, timeLeft: number): void {
    const host = new Http2Host(socket, this, configuration);
    this.#hosts.add(host);
    this.#handshakes.add(host, this.#clientOf(socket));
    host.start(timeLeft);
  }

  #takeStream(
    carrier: ServerHttp2Stream,
    fields: readonly string[],
    host: StreamHost | undefined = this.#hostOf(carrier),
  ): Http2Acceptor | undefined {
    // A listener of the application's own may have answered already.
    if (carrier.destroyed || carrier.headersSent || host === undefined) return undefined;
    const acceptor = new Http2Acceptor(carrier, fields, host, this);
    const { stream } = acceptor;
    const client = this.#clientOf(stream);
    this.record.accepted(stream);
    const excess = this.#capacity.excess(client);
    if (excess !== undefined) {
      this.#tellOfExcess(stream, excess, () => this.#turnAway(acceptor, excess));
      return undefined;
    }
    this.#count(stream, client);
    return this.#follow(acceptor, client);
  }

  #begin(acceptor: Http2Acceptor, parameters?: PathParameters): void {
    if (!this.#isPaused) {
      acceptor.start(parameters);
    } else if (this.#held.size < MAX_HELD) {
      acceptor.hold(parameters);
      this.#held.add(acceptor);
    } else {
      acceptor.cut('closed');
    }
  }

  /** The connection of a stream that comes from a server of the application's own. */
  #hostOf({ session }: ServerHttp2Stream): StreamHost | undefined {
    const socket = session?.socket;
    if (session === undefined || socket === undefined) return undefined;
    return {
      ends: { peer: peerOf(socket), local: localEndOf(socket) },
      sslConfiguration:
        socket instanceof tls.TLSSocket
          ? sessionConfiguration(this.sslConfiguration(), socket)
          : undefined,
      opened: () => Http2Guests.of(session).came(),
      closed: () => Http2Guests.of(session).left(),
    };
  }

  #count(stream: Duplex, client: string): void {
    this.#census.add(stream, client);
    keep(stream, this);
  }

  #follow<T extends Acceptor>(acceptor: T, client: string): T {
    this.#handshakes.add(acceptor, client);
    return acceptor;
  }

  /**
   * As whose connection `stream` counts; '' where streams have no address, and as long as a proxy may
   * still say whom it comes from.
   */
  #clientOf(stream: Duplex): string {
    const isOpen = mayBeForwarded(stream, this.settings);
    return isOpen ? NOBODY : addressBlock(peerOf(stream).address);
  }

  /** Whether there may be one more; otherwise it is turned away, with an answer if it speaks HTTP. */
  #hasRoom(
    stream: AnyStream,
    speaksHttp: boolean,
    client: string = this.#clientOf(stream),
  ): boolean {
    this.record.accepted(stream);
    const excess = this.#capacity.excess(client);
    if (excess === undefined) return true;
    this.#refuseRoom(stream, speaksHttp, excess);
    return false;
  }

  #refuseRoom(stream: AnyStream, speaksHttp: boolean, excess: Excess): void {
    this.#tellOfExcess(stream, excess, () => {
      if (speaksHttp) {
        this.#turnAway(new Http1Acceptor(stream, this), excess);
      } else {
        this.record.refused(stream, excess, 0);
        stream.destroy();
      }
    });
  }

  #tellOfExcess(stream: AnyStream, excess: Excess, turnAway: () => void): void {
    // A stream that was destroyed does not know its peer any more.
    const { address, port } = peerOf(stream);
    const detail = `${placeOf(address, port)} was turned away`;
    turnAway();
    const text = explained(EXCESSES[excess], { layer: 'TCP', detail });
    this.events.refused(CloseCode.CloseCodeAbnormalDisconnection, text);
  }

  #turnAway(acceptor: RequestAcceptor, excess: Excess): void {
    if (this.#turnedAway.size >= MAX_TURNED_AWAY) {
      acceptor.cut(excess);
      return;
    }
    this.#turnedAway.add(acceptor);
    acceptor.refuse(CROWDED, excess);
  }

  /** Sees to it that TLS can be spoken; returns why it cannot, or the empty string. */
  #prepare(): string {
    const gate = this.settings.isSecure ? this.#gateKeeper.open() : '';
    return typeof gate === 'string' ? gate : '';
  }
}

/**
 * What our own servers leave to OpenSSL: of a client of somebody else's that negotiates anew, Node
 * only tells, and goes on.
 */
function forbidRenegotiation(socket: tls.TLSSocket): void {
  socket.disableRenegotiation();
  socket.on('error', destroy);
}

/** Whether it asks for a stream of HTTP/2, and not for an upgrade. */
function isOfStream({ httpVersion }: UpgradeRequest): boolean {
  return httpVersion.startsWith('2');
}

function destroy(this: tls.TLSSocket): void {
  this.destroy();
}

/** The system would keep small messages back until the last is acknowledged; Qt leaves it so. */
function sendAtOnce(stream: AnyStream): void {
  stream.setNoDelay?.(true);
}
