import type { AnyQObject } from '../../lib/core/any-qobject.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { Version } from '../../lib/websockets/qwebsocketprotocol.ts';
import type {
  Endpoint,
  OpenRefusal,
  OpenRequest,
  PreparedContent,
  Pulse,
  SocketBackend,
  SocketBackendEvents,
  SocketSettings,
} from '../../lib/websockets/socket-backend.ts';

const NOWHERE: Endpoint = { address: '', port: 0 };

/** What ends an attempt, in one way or the other. */
const OUTCOMES: ReadonlySet<string> = new Set(['opened', 'unreachable', 'handshakeFailed']);

/** The machinery below a socket, in the hands of a spec. */
export class FakeBackend implements SocketBackend {
  readonly settings: Readonly<SocketSettings>;
  /** What the socket asked for, in order: the name and what came with it. */
  readonly asked: unknown[][] = [];
  /** What the last open() asked for. */
  request: OpenRequest | undefined;
  refusal: OpenRefusal | undefined;
  local: Endpoint = NOWHERE;
  peer: Endpoint = NOWHERE;
  waiting = 0;
  /** Whether what is sent waits until {@link take} is called. */
  isStalled = false;
  isPeerReached = false;
  canPing = true;
  heard = 0;
  taken = 0;
  /** Whether a prepared message is taken. */
  isRoomy = true;
  readonly #events: SocketBackendEvents;
  #connection = 0;
  #isOpening = false;

  constructor(events: SocketBackendEvents, settings: Readonly<SocketSettings>) {
    this.#events = events;
    this.settings = settings;
  }

  /**
   * What the present connection or attempt tells.
   *
   * It keeps to the port: when the socket has given it up, nothing is told any more.
   */
  connection(): SocketBackendEvents {
    const events = this.#events;
    const own = this.#connection;
    return new Proxy(events, {
      get: (_, name: Exclude<keyof SocketBackendEvents, 'socket'>) => {
        return (...args: never[]) => {
          const tell: (...told: never[]) => unknown = events[name].bind(events);
          if (own !== this.#connection) return undefined;
          if (OUTCOMES.has(name)) this.#isOpening = false;
          return tell(...args);
        };
      },
    });
  }

  open(request: OpenRequest): OpenRefusal | undefined {
    this.request = request;
    this.asked.push(['open', request.url.toString()]);
    this.#isOpening = this.refusal === undefined;
    return this.refusal;
  }

  begin(): void {
    this.asked.push(['begin']);
  }

  holdBack(): () => void {
    this.asked.push(['holdBack']);
    return () => this.asked.push(['letGo']);
  }

  sendText(message: string): number {
    this.asked.push(['sendText', message]);
    return this.#sent(new TextEncoder().encode(message).length);
  }

  sendBinary(data: Uint8Array): number {
    this.asked.push(['sendBinary', [...data]]);
    return this.#sent(data.length);
  }

  sendPrepared({ text, data, compress }: PreparedContent): boolean {
    this.asked.push(['sendPrepared', text ?? [...data], compress]);
    this.#sent(data.length);
    return this.isRoomy;
  }

  /** The system takes some of what waits, or all. */
  take(count: number = this.waiting): void {
    this.waiting -= count;
    this.connection().bytesWritten(count);
  }

  ping(payload: Uint8Array): void {
    this.asked.push(['ping', [...payload]]);
  }

  pulse(): Pulse | undefined {
    return this.canPing ? { heard: this.heard, taken: this.taken } : undefined;
  }

  close(code: number, reason: string): void {
    this.asked.push(['close', code, reason]);
  }

  abort(): void {
    this.#connection++;
    this.#isOpening = false;
    this.asked.push(['abort']);
  }

  release(): void {
    this.local = NOWHERE;
    this.peer = NOWHERE;
    this.asked.push(['release']);
  }

  flush(): boolean {
    this.asked.push(['flush']);
    return this.waiting > 0;
  }

  bytesToWrite(): number {
    return this.waiting;
  }

  localEndpoint(): Endpoint {
    return this.local;
  }

  peerEndpoint(): Endpoint {
    return this.peer;
  }

  isDialling(): boolean {
    return this.#isOpening && !this.isPeerReached;
  }

  resume(isIgnored: boolean): void {
    this.asked.push(['resume', isIgnored]);
  }

  defaultSslConfiguration(): QSslConfiguration {
    return new QSslConfiguration();
  }

  #sent(size: number): number {
    if (this.isStalled) this.waiting += size;
    return size;
  }
}

/** A QWebSocket whose backend belongs to the spec. */
export class TestSocket extends QWebSocketBase {
  readonly backend: FakeBackend;

  constructor(
    origin = '',
    version: Version = Version.VersionLatest,
    parent: AnyQObject | null = null,
  ) {
    let backend: FakeBackend | undefined;
    super(origin, version, parent, (events, settings) => {
      backend = new FakeBackend(events, settings);
      return backend;
    });
    this.backend = backend!;
  }

  /** Opens it, and is accepted at once. */
  connect(): void {
    this.open('ws://host.example/');
    this.backend.connection().opened('');
  }
}
