import { SocketError } from '../network/qabstractsocket.ts';
import type { Route, RouteEvents } from '../node/routes/route.ts';
import type { SocketFailure } from '../node/socket-errors.ts';
import type { MemoryStream } from './memory-stream.ts';

const NOTHING = Buffer.alloc(0);

const NOBODY: SocketFailure = {
  error: SocketError.ConnectionRefusedError,
  description: 'Connection refused',
  cause: { layer: 'TCP', detail: 'nobody is at the other end in memory' },
};

/** The client's end and the server's. */
export type StreamPair = readonly [client: MemoryStream, server: MemoryStream];

/** Connects to the other side, once more for each call; undefined when there is nobody. */
export type Dial = () => StreamPair | undefined;

/**
 * The connection in memory under a QWebSocket, to do to it what happens to cables.
 *
 * When the socket connects anew, after a question for a password or by another `open()`, it is the newest
 * one.
 */
export class MemoryLink {
  readonly #dial: Dial;
  #pair: StreamPair | undefined;
  #isStalled = false;

  /** @internal */
  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /**
   * Lets nothing through any more, in both directions, and tells nobody: a cable that was pulled. New
   * connections hang as well.
   */
  stall(): void {
    this.#isStalled = true;
    for (const stream of this.#pair ?? []) stream.stall();
  }

  /** Lets everything through again, first what was sent meanwhile. */
  proceed(): void {
    this.#isStalled = false;
    for (const stream of this.#pair ?? []) stream.proceed();
  }

  /** Resets the connection: both ends learn at once that it is lost. The next one gets through. */
  cut(): void {
    for (const stream of this.#pair ?? []) stream.reset();
  }

  /** @internal */
  newRoute(events: RouteEvents): Route {
    return new MemoryRoute(events, () => {
      this.#pair = this.#dial();
      if (this.#isStalled) this.stall();
      return this.#pair;
    });
  }
}

class MemoryRoute implements Route {
  readonly socket = undefined;
  readonly waitsFor = 'connecting in memory';
  readonly #events: RouteEvents;
  readonly #dial: Dial;
  #isOver = false;

  constructor(events: RouteEvents, dial: Dial) {
    this.#events = events;
    this.#dial = dial;
  }

  start(): void {
    process.nextTick(() => this.#arrive());
  }

  cancel(): void {
    this.#isOver = true;
  }

  #arrive(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const pair = this.#dial();
    if (pair === undefined) this.#events.routeFailed(NOBODY);
    else this.#events.routed(pair[0], NOTHING);
  }
}
