import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { explained, withoutUrlSecrets } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { QHttpHeaders } from '../network/qhttpheaders.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { BRIDGE_NAME, type BridgeRequest, type Tell } from './bridge-messages.ts';
import { readAsk, readRequest } from './bridge-request.ts';
import { BridgedConnection, type ConnectionLimits } from './bridged-connection.ts';
import type { BridgeEvent, IpcReceiver, MainPort } from './ports.ts';

/** Who asks, as Electron says: a page cannot choose it. */
export interface BridgePage {
  /** The URL of the frame. */
  readonly url: string;
  /** Its origin; `null` in words for pages without one, `file://` for files. */
  readonly origin: string;
  /** The id of its WebContents. */
  readonly contentsId: number;
}

/** What a page asks for. All of it is the page's word, apart from `page`. */
export interface PageRequest {
  /**
   * A `ws:` or `wss:` URL as the URL class writes it, and as it is opened: never without a path
   * (`wss://a.example/` for `wss://a.example`), without `..` in it and without a fragment.
   */
  readonly url: string;
  readonly page: BridgePage;
  /** What the page has given its QWebSocket as origin; not sent unless you do. */
  readonly origin: string;
  /** The subprotocols that will be asked for. */
  readonly subprotocols: readonly string[];
  /** The headers of the page's QNetworkRequest; not sent unless you do. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A connection that a page may have. */
export interface Admission {
  /** A new socket that belongs to the bridge from now on, which opens it, and destroys it at the end. */
  readonly socket: QWebSocketBase;
  /** The headers to send; none unless they are given. */
  readonly headers?: QHttpHeaders;
}

/** What {@link SocketBridge} may do for pages, and how much of it. */
export interface SocketBridgeOptions {
  /**
   * Decides about each connection: a new socket for it, with everything set that it needs, or null
   * to refuse. What it throws or rejects with refuses as well, and is reported as an uncaught
   * exception.
   */
  readonly admit: (
    request: PageRequest,
  ) => QWebSocketBase | Admission | null | Promise<QWebSocketBase | Admission | null>;
  /**
   * How many connections one page may have at a time, those included that `admit` has not decided
   * about; 32 unless given.
   */
  readonly maxSockets?: number;
  /** The largest message that a page may send, in bytes; 16 MiB unless given. */
  readonly maxMessageSize?: number;
  /** How many bytes of a page may wait for a server before it is cut off; 64 MiB unless given. */
  readonly maxBacklog?: number;
  /** How many bytes of a server may wait for a page before it is cut off; 64 MiB unless given. */
  readonly maxUnread?: number;
}

/** The signals of a {@link SocketBridge}. */
export interface SocketBridgeSignals {
  refused: [reason: string, page: BridgePage | null];
}

const MIB = 1024 * 1024;

/**
 * Lets pages use sockets that live in the main process: the main process's end of the bridge.
 *
 * Pages are taken for hostile. They get the connections that `admit` gives them and no others;
 * everything they say is checked, and all they can use up is bounded. When a page is reloaded or
 * goes away its connections are closed with 1001.
 *
 * In the preload script there is `exposeBridge()`, in the page the QWebSocket of
 * `qwebsockets/electron/renderer`.
 */
export class SocketBridge extends QObject<SocketBridgeSignals> {
  readonly #ipc: IpcReceiver;
  readonly #admit: SocketBridgeOptions['admit'];
  readonly #maxSockets: number;
  readonly #limits: ConnectionLimits;
  // Those whose port is open, each with the id of its page's WebContents.
  readonly #visits = new Map<Visit, number>();
  // Those that admit() has not answered about: a page that leaves at once must not have it asked
  // without end.
  readonly #undecided = new Map<Visit, number>();
  readonly #onRequest = (event: BridgeEvent, request: unknown): void => this.#open(event, request);

  /**
   * @param ipcMain Electron's.
   * @param parent destroys the bridge when it is destroyed itself.
   */
  constructor(
    ipcMain: IpcReceiver,
    options: SocketBridgeOptions,
    parent: AnyQObject | null = null,
  ) {
    super(parent);
    this.#ipc = ipcMain;
    this.#admit = options.admit;
    this.#maxSockets = options.maxSockets ?? 32;
    this.#limits = {
      maxMessageSize: options.maxMessageSize ?? 16 * MIB,
      maxBacklog: options.maxBacklog ?? 64 * MIB,
      maxUnread: options.maxUnread ?? 64 * MIB,
    };
    ipcMain.on(BRIDGE_NAME, this.#onRequest);
  }

  /**
   * Emitted when something of a page was refused; `reason` is for logs. `page` is null when it is
   * gone already.
   */
  get refused(): Signal<SocketBridgeSignals['refused']> {
    return this.signal('refused');
  }

  /** How many connections of pages there are, those included that are being opened or closed. */
  connections(): number {
    return this.#visits.size;
  }

  /** Lets pages open no more connections, and closes those there are with 1001. */
  close(): void {
    this.#ipc.removeListener(BRIDGE_NAME, this.#onRequest);
    for (const visit of this.#visits.keys()) visit.close();
  }

  protected override destroy(): void {
    this.close();
  }

  #open(event: BridgeEvent, data: unknown): void {
    const { ports, sender, senderFrame } = event;
    const [port] = ports;
    const page =
      senderFrame === null
        ? null
        : { url: senderFrame.url, origin: senderFrame.origin, contentsId: sender.id };
    if (port === undefined || ports.length > 1 || page === null) {
      for (const each of ports) each.close();
      this.announce('refused', 'A request did not come with one port from one page.', page);
      return;
    }
    const visit = new Visit(port, this.#limits, {
      ended: () => this.#visits.delete(visit),
      broken: () => this.announce('refused', 'A message made no sense, or was too long.', page),
    });
    const request = readRequest(data);
    if (typeof request === 'string') {
      this.#refuse(visit, page, SocketError.UnsupportedSocketOperationError, request);
      return;
    }
    if (this.#countOf(page.contentsId) >= this.#maxSockets) {
      const text = `The page has ${this.#maxSockets} connections already: maxSockets of the SocketBridge.`;
      this.#refuse(visit, page, SocketError.SocketResourceError, text);
      return;
    }
    this.#visits.set(visit, page.contentsId);
    this.#undecided.set(visit, page.contentsId);
    visit.start();
    void this.#decide(visit, request, page);
  }

  async #decide(visit: Visit, request: BridgeRequest, page: BridgePage): Promise<void> {
    const { url, origin, subprotocols, headers } = request;
    let admission: QWebSocketBase | Admission | null | undefined;
    try {
      admission = await this.#admit({ url, page, origin, subprotocols, headers });
    } catch (error) {
      this.#refuseAccess(visit, page, url);
      reportUncaught(error);
      return;
    } finally {
      this.#undecided.delete(visit);
    }
    // Nothing at all is what a program in JavaScript gives that forgets to return.
    if (admission === null || admission === undefined) {
      this.#refuseAccess(visit, page, url);
      return;
    }
    const { socket, headers: chosen = new QHttpHeaders() } =
      'socket' in admission ? admission : { socket: admission };
    visit.open(socket, request, chosen);
  }

  #refuseAccess(visit: Visit, page: BridgePage, url: string): void {
    const text = `The main process does not allow ${withoutUrlSecrets(url, url)}.`;
    this.#refuse(visit, page, SocketError.SocketAccessError, text);
  }

  #refuse(visit: Visit, page: BridgePage, error: SocketError, reason: string): void {
    this.#visits.delete(visit);
    visit.refuse(error, reason);
    this.announce('refused', reason, page);
  }

  #countOf(contentsId: number): number {
    const counted = new Map([...this.#visits, ...this.#undecided]);
    return [...counted.values()].filter((id) => id === contentsId).length;
  }
}

interface VisitOwner {
  ended(): void;
  broken(): void;
}

/** One port of a page, from its arrival until it is closed. */
class Visit {
  readonly #port: MainPort;
  readonly #limits: ConnectionLimits;
  readonly #owner: VisitOwner;
  #connection: BridgedConnection | undefined;
  #isOver = false;

  constructor(port: MainPort, limits: ConnectionLimits, owner: VisitOwner) {
    this.#port = port;
    this.#limits = limits;
    this.#owner = owner;
  }

  start(): void {
    this.#port.on('message', ({ data }) => this.#take(data));
    this.#port.on('close', () => this.#end());
    this.#port.start();
  }

  open(socket: QWebSocketBase, request: BridgeRequest, headers: QHttpHeaders): void {
    // The page was quicker.
    if (this.#isOver) {
      socket.deleteLater();
      return;
    }
    this.#connection = new BridgedConnection(this.#port, socket, this.#limits);
    this.#connection.open(request, headers);
  }

  refuse(error: SocketError, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const text = explained('Access denied', { layer: 'bridge', detail: reason.replace(/\.$/, '') });
    this.#port.postMessage({ tell: 'unreachable', error, text } satisfies Tell);
    // What was posted still arrives; a page that listens to nothing must not keep the port.
    this.#port.close();
  }

  close(): void {
    if (this.#connection !== undefined) {
      this.#connection.close();
      return;
    }
    this.refuse(SocketError.OperationError, 'The main process takes no connections any more.');
    this.#owner.ended();
  }

  #take(data: unknown): void {
    if (this.#isOver) return;
    const ask = readAsk(data, this.#limits.maxMessageSize);
    if (ask?.ask === 'leave') {
      this.#port.close();
      this.#end();
      return;
    }
    if (ask !== undefined && this.#connection?.take(ask) !== false) return;
    this.#connection?.cutOff('the page has sent what makes no sense, or is too long');
    this.#port.close();
    this.#end();
    this.#owner.broken();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.end();
    this.#owner.ended();
  }
}
