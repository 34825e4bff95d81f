import type { Duplex } from 'node:stream';
import type { DeflateAgreement } from '../codec/deflate-parameters.ts';
import { reservedHeaders } from '../codec/handshake-request.ts';
import { requestedSubprotocols } from '../codec/negotiation.ts';
import { Slab } from '../codec/slab.ts';
import { explained, printable, type FailureCause } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { Session } from '../session/session.ts';
import { SharedMessage } from '../session/shared-message.ts';
import type { Meter } from '../session/meter.ts';
import type { MessageCoder } from '../session/wire.ts';
import { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { CompressionSettings } from '../websockets/compression-options.ts';
import type {
  Endpoint,
  OpenRefusal,
  OpenRequest,
  PreparedContent,
  Pulse,
  SocketBackend,
  SocketBackendEvents,
  SocketSettings,
} from '../websockets/socket-backend.ts';
import type { ServerCounters } from '../websockets/server-counters.ts';
import type { TrafficStatistics } from '../websockets/server-statistics.ts';
import { DeflateCoder } from './deflate-coder.ts';
import { destinationOf } from './destination.ts';
import { AttemptRecord } from './diagnostics/attempt-record.ts';
import { socketChannels } from './diagnostics/channels.ts';
import { ConnectionRecord } from './diagnostics/connection-record.ts';
import { http2Pool } from './http2-pool.ts';
import { withoutHttp2 } from './next-protocols.ts';
import {
  Http1Opener,
  type Http1Request,
  type OpenerOwner,
  type OpenerParts,
} from './openers/http1.ts';
import { Http2Opener } from './openers/http2.ts';
import { possibleDeflate } from './possible-deflate.ts';
import { substituteFor } from './routes/substitute.ts';
import type { SocketFailure } from './socket-errors.ts';
import { localEndOf, peerOf } from './stream-ends.ts';
import { StreamWire, type WireOwner } from './stream-wire.ts';

// A microtask of its own costs half of one of queueMicrotask(), which keeps books on it.
const NOW = Promise.resolve();

const NOWHERE: Endpoint = { address: '', port: 0 };
const NOTHING_CARRIED: TrafficStatistics = new ConnectionRecord(
  undefined,
  undefined,
  0,
  0,
).statistics();
const NO_PULSE: Pulse = { heard: 0, taken: 0 };

// What is longer, in UTF-16 code units, may be a token: of that, only the start is shown.
const LONGEST_NAME = 24;
const SHOWN_OF_TOKEN = 4;

// The frames of all connections of a turn lie in one piece of memory.
const slab = new Slab();

/** What one open() has begun. */
interface Attempt {
  /** Until the handshake has come to an end. */
  opener: Http1Opener | Http2Opener | undefined;
  /** Behind a proxy the socket does not know the peer; a name is resolved there. */
  readonly target: Endpoint | undefined;
  /** What is offered. */
  readonly compression: CompressionSettings | undefined;
  /** The bytes of a request that TLS has never let out; Qt goes on counting it. */
  unsent: number;
  /** As long as the opener. */
  record: AttemptRecord | undefined;
}

/** Backs a QWebSocket by our own codec over the sockets of Node. */
export class WireBackend implements SocketBackend, OpenerOwner, WireOwner {
  readonly #events: SocketBackendEvents;
  readonly #settings: Readonly<SocketSettings>;
  // Of the last attempt of a client; a server's sockets have none.
  #attempt: Attempt | undefined;
  #session: Session | undefined;
  #stream: Duplex | undefined;
  #early: Buffer | undefined;
  #openedAt = 0;
  // Once the connection has carried something, or was told of: most carry nothing for long.
  #record: ConnectionRecord | undefined;
  #counters: ServerCounters | undefined;

  constructor(events: SocketBackendEvents, settings: Readonly<SocketSettings>) {
    this.#events = events;
    this.#settings = settings;
  }

  open(request: OpenRequest): OpenRefusal | undefined {
    this.#attempt = undefined;
    const record = new AttemptRecord(this.#events.socket);
    record.started(request.url);
    const refusal = this.#open(request, record);
    if (refusal !== undefined) record.failed(refusal.error, refusal.description);
    return refusal;
  }

  /** Takes over the stream of a handshake that a server has answered; waits for {@link begin}. */
  accept(stream: Duplex, early: Buffer, coder?: MessageCoder): void {
    this.#connect(stream, false, coder);
    this.#early = early;
  }

  /**
   * Has an accepted connection counted with the others of its server, and told of with `id`, unless
   * that is 0; to be called right behind {@link accept}.
   */
  observe(counters: ServerCounters, id: number): void {
    this.#counters = counters;
    const { socket } = this.#events;
    this.#reportOpen('server', id, socket?.subprotocol() ?? '', socket?.extensions() ?? '');
  }

  begin(): void {
    // The slots are connected when the code that has fetched the socket is through.
    if (this.#early !== undefined) void NOW.then(() => this.#startReading());
  }

  holdBack(): () => void {
    let session = this.#session;
    session?.holdBack();
    return () => {
      const held = session;
      session = undefined;
      // Whoever lets go may be in a slot, and nothing may come before that has returned.
      if (held !== undefined) void NOW.then(() => held.letGo());
    };
  }

  sendText(message: string, compress?: boolean): number {
    return this.#session?.sendText(message, compress) ?? 0;
  }

  sendBinary(data: Uint8Array, compress?: boolean): number {
    return this.#session?.sendBinary(data, compress) ?? 0;
  }

  sendPrepared(message: PreparedContent): boolean {
    return this.#session?.sendShared(sharedFormOf(message)) ?? false;
  }

  ping(payload: Uint8Array): void {
    this.#session?.sendPing(payload);
  }

  pulse(): Pulse {
    return this.#session?.pulse() ?? NO_PULSE;
  }

  close(code: number, reason: string): void {
    this.#session?.close(code, reason);
    // The answer has to be read, also when nobody has fetched the socket.
    this.begin();
  }

  abort(): void {
    this.#attempt?.opener?.cancel();
    this.#endAttempt()?.failed(SocketError.UnfinishedSocketOperationError, '');
    this.#session?.abort();
    this.#session = undefined;
  }

  release(): void {
    this.#session = undefined;
    this.#stream = undefined;
    this.#early = undefined;
  }

  flush(): boolean {
    return this.#session?.flush() ?? false;
  }

  bytesToWrite(): number {
    return this.#session?.bytesToWrite() ?? this.#attempt?.unsent ?? 0;
  }

  localEndpoint(): Endpoint {
    return this.#stream === undefined ? NOWHERE : localEndOf(this.#stream);
  }

  peerEndpoint(): Endpoint {
    if (this.#stream === undefined) return NOWHERE;
    return this.#attempt?.target ?? peerOf(this.#stream);
  }

  isDialling(): boolean {
    return this.#attempt?.opener?.hasReachedPeer === false;
  }

  resume(isIgnored: boolean): void {
    this.#attempt?.opener?.resume(isIgnored);
  }

  defaultSslConfiguration(): QSslConfiguration {
    return QSslConfiguration['~default'];
  }

  handshakeDone(
    stream: Duplex,
    early: Buffer,
    subprotocol: string,
    deflate: DeflateAgreement | undefined,
  ): void {
    const id = this.#endAttempt()?.id ?? 0;
    const session = this.#connect(stream, true, this.#coderFor(deflate));
    this.#reportOpen('client', id, subprotocol, deflate?.extensions ?? '');
    this.#events.opened(subprotocol, deflate?.extensions);
    session.start(early);
  }

  routeFailed({ error, description, cause }: SocketFailure): void {
    const text = explained(description, cause);
    this.#endAttempt()?.failed(error, text);
    this.#events.unreachable(error, text);
  }

  handshakeFailed({ error, description, cause, refusal }: SocketFailure): void {
    if (this.#attempt !== undefined) this.#attempt.unsent = this.#attempt.opener?.unsent ?? 0;
    const text = explained(description, cause);
    this.#endAttempt()?.failed(error, text);
    this.#events.handshakeFailed(error, text, refusal);
  }

  meter(): Meter {
    return this.#openRecord();
  }

  /** What the connection has carried, also one that has ended. */
  statistics(): TrafficStatistics {
    return this.#record?.statistics() ?? NOTHING_CARRIED;
  }

  bytesWritten(count: number): void {
    this.#openRecord().written(count);
    this.#events.bytesWritten(count);
  }

  /** Returns why the attempt cannot begin. */
  #open(request: OpenRequest, record: AttemptRecord): OpenRefusal | undefined {
    const { openTimeout, readBufferSize } = this.#settings;
    const destination = destinationOf(request, readBufferSize, substituteFor(this));
    if ('error' in destination) return destination;

    const { url, headers } = request;
    const { names, ignored } = requestedSubprotocols(
      request.subprotocols,
      headers.values('sec-websocket-protocol'),
    );
    for (const name of ignored) {
      warn(`Ignoring invalid WebSocket subprotocol name "${shortened(name)}"`);
    }
    for (const name of reservedHeaders(headers)) {
      warn(`Ignoring the header "${name}": it belongs to the handshake`);
    }
    const { host, authority, http2, sslConfiguration } = destination;
    const wanted: Http1Request = {
      host,
      authority,
      resourceName: request.resourceName,
      origin: request.origin,
      subprotocols: names,
      headers,
      user: url.userName(),
      password: url.password(),
      sslConfiguration,
      deflate: request.compression && possibleDeflate(request.compression),
    };
    const parts: OpenerParts = {
      openTimeout,
      nextKey: () => this.#nextKey(),
      newRoute: (events) => destination.newRoute(events),
      record,
    };
    const opener = http2
      ? Http2Opener.prepare(wanted, { ...parts, ...http2, pool: http2Pool }, this, this.#events)
      : Http1Opener.prepare(
          { ...wanted, sslConfiguration: sslConfiguration && withoutHttp2(sslConfiguration) },
          parts,
          this,
          this.#events,
        );
    if (typeof opener === 'string') {
      const cause: FailureCause = { layer: 'request', detail: 'nothing was sent' };
      return {
        error: SocketError.ConnectionRefusedError,
        description: explained(opener, cause),
      };
    }
    const { compression } = request;
    this.#attempt = { opener, target: destination.endpoint, compression, unsent: 0, record };
    opener.start();
    return undefined;
  }

  /** Returns whom to tell how it has ended, once. */
  #endAttempt(): AttemptRecord | undefined {
    const attempt = this.#attempt;
    const record = attempt?.record;
    if (attempt !== undefined) attempt.opener = attempt.record = undefined;
    return record;
  }

  #coderFor(deflate: DeflateAgreement | undefined): MessageCoder | undefined {
    const compression = this.#attempt?.compression;
    if (deflate === undefined || compression === undefined) return undefined;
    return new DeflateCoder(true, deflate.parameters, compression);
  }

  #connect(stream: Duplex, isClient: boolean, coder: MessageCoder | undefined): Session {
    // Asked for at once, so that Node remembers it: a socket that was reset does not know its peer.
    peerOf(stream);
    const wire = new StreamWire(stream, this);
    const session = new Session(isClient, wire, slab, this.#settings, this.#events, coder);
    this.#session = session;
    this.#stream = stream;
    this.#openedAt = Math.floor(performance.now());
    this.#record = undefined;
    wire.attach(session);
    return session;
  }

  /** @param id the one that the connection was told of with before; 0 for none. */
  #openRecord(id = 0): ConnectionRecord {
    const { socket } = this.#events;
    return (this.#record ??= new ConnectionRecord(socket, this.#counters, this.#openedAt, id));
  }

  #reportOpen(
    side: 'client' | 'server',
    id: number,
    subprotocol: string,
    extensions: string,
  ): void {
    const { open } = socketChannels;
    if (id !== 0 || open.isWatched) this.#openRecord(id);
    if (!open.isWatched) return;
    this.#openRecord().opened(this.#stream!, side, shortened(subprotocol), extensions);
  }

  #startReading(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) this.#session?.start(early);
  }

  /** The nonce of the handshake: four keys of the mask generator, as in Qt (RFC 6455 §4.1). */
  #nextKey(): string {
    const nonce = Buffer.alloc(16);
    for (let at = 0; at < 16; at += 4) {
      nonce.writeUInt32LE(this.#settings.maskGenerator.nextMask() >>> 0, at);
    }
    return nonce.toString('base64');
  }
}

function sharedFormOf(message: PreparedContent): SharedMessage {
  const { form } = message;
  if (form instanceof SharedMessage) return form;
  const { text, data, compress } = message;
  const shared = new SharedMessage(text !== undefined, data, compress);
  message.form = shared;
  return shared;
}

/** Programs put tokens where names belong, and those are for no log. */
function shortened(name: string): string {
  return printable(name, name.length > LONGEST_NAME ? SHOWN_OF_TOKEN : LONGEST_NAME);
}

function warn(text: string): void {
  process.emitWarning(text, 'QWebSocketWarning');
}
