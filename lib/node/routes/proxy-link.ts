import type { Socket } from 'node:net';
import { placeOf } from '../../network/failure-text.ts';
import { SocketError } from '../../network/qabstractsocket.ts';
import type { QNetworkProxy } from '../../network/qnetworkproxy.ts';
import type { SocketFailure } from '../socket-errors.ts';
import type { RouteEvents, RouteOptions } from './route.ts';
import { connectTcp, dialling } from './tcp.ts';

/** What Qt says when a proxy cannot be reached: each kind of proxy in its own words. */
export interface ProxyTexts {
  readonly refused: string;
  readonly closed: string;
  readonly timedOut: string;
  readonly notFound: string;
}

/** What an error of a socket means when its peer is a proxy. */
const PROXY_ERRORS = new Map<SocketError, { error: SocketError; text: keyof ProxyTexts }>([
  [
    SocketError.ConnectionRefusedError,
    { error: SocketError.ProxyConnectionRefusedError, text: 'refused' },
  ],
  [
    SocketError.RemoteHostClosedError,
    { error: SocketError.ProxyConnectionClosedError, text: 'closed' },
  ],
  [
    SocketError.SocketTimeoutError,
    { error: SocketError.ProxyConnectionTimeoutError, text: 'timedOut' },
  ],
  [SocketError.HostNotFoundError, { error: SocketError.ProxyNotFoundError, text: 'notFound' }],
]);

/**
 * The connection to a proxy that becomes the connection to a peer: dials, if need be more than once,
 * and ends the attempt in one of its ways, once.
 */
export class ProxyLink {
  readonly proxy: QNetworkProxy;
  readonly #options: RouteOptions;
  readonly #events: RouteEvents;
  readonly #texts: ProxyTexts;
  #socket: Socket | undefined;
  #isOver = false;

  constructor(proxy: QNetworkProxy, options: RouteOptions, events: RouteEvents, texts: ProxyTexts) {
    this.proxy = proxy.clone();
    this.#options = options;
    this.#events = events;
    this.#texts = texts;
  }

  /** What {@link dial} or {@link wrapped} gave last. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  /** The proxy, for people. */
  get place(): string {
    return placeOf(this.proxy.hostName(), this.proxy.port());
  }

  /** What is waited for. */
  get waitsFor(): string {
    const socket = this.#socket;
    if (socket?.connecting === false) return `waiting for the answer of the proxy ${this.place}`;
    return dialling(socket, `the proxy ${this.place}`);
  }

  /** Whether the attempt has ended, in whatever way. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Connects to the proxy, and lets go of an earlier connection.
   *
   * @returns undefined when the proxy has no address that could be dialled; the attempt then fails
   * in the next turn.
   */
  dial(): Socket | undefined {
    this.#drop();
    const host = this.proxy.hostName();
    const port = this.proxy.port();
    // Node would take an empty name for the local host, and throws on numbers that are no ports.
    if (host === '') return this.#failSoon(SocketError.HostNotFoundError, 'it has no host name');
    // The system would read a name no further.
    if (host.includes('\0')) {
      return this.#failSoon(SocketError.HostNotFoundError, 'its host name holds a NUL');
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      return this.#failSoon(SocketError.ConnectionRefusedError, `there is no port ${port}`);
    }
    const carriesTls = this.#options.carriesTls === true || this.proxy.isEncrypted();
    this.#socket = connectTcp(host, port, { ...this.#options, carriesTls });
    this.#events.record?.dialled(this.#socket);
    return this.#socket;
  }

  /** Puts a stream that runs inside of the connection in its place. */
  wrapped(socket: Socket): void {
    this.#socket = socket;
  }

  /** Hands the connection over, which nobody may be listening to. */
  routed(early: Buffer): void {
    this.#isOver = true;
    this.#events.routed(this.#socket!, early);
  }

  /** Ends the attempt because of the connection to the proxy. */
  broken({ error, description, cause }: SocketFailure): void {
    const ofProxy = PROXY_ERRORS.get(error);
    const { detail, advice } = cause;
    if (ofProxy === undefined) this.fail(error, description, detail, advice);
    else this.fail(ofProxy.error, this.#texts[ofProxy.text], detail, advice);
  }

  /**
   * Ends the attempt.
   *
   * @param description Qt's words.
   * @param detail what was found, and where.
   */
  fail(error: SocketError, description: string, detail: string, advice?: string): void {
    if (this.#isOver) return;
    this.cancel();
    this.#events.routeFailed({ error, description, cause: { layer: 'proxy', detail, advice } });
  }

  /** Ends the attempt without a word, unless it has ended. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#drop();
  }

  #failSoon(error: SocketError, detail: string): undefined {
    const failure: SocketFailure = { error, description: '', cause: { layer: 'proxy', detail } };
    process.nextTick(() => this.broken(failure));
  }

  #drop(): void {
    // An error of a socket that nobody needs any more is nobody's business.
    this.#socket?.on('error', ignore).destroy();
    this.#socket = undefined;
  }
}

function ignore(): void {}
