import type { AnyQObject } from '../core/any-qobject.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { PeerWatch } from './peer-watch.ts';
import { QWebSocketBase } from './qwebsocket-base.ts';
import { attend, QWebSocketServerBase, unattend } from './qwebsocketserver-base.ts';
import { WakeListener } from './wake-listener.ts';
import type { WakeSource } from './wake-source.ts';

/** How often a {@link KeepAlive} pings, and how long it waits. */
export interface KeepAliveOptions {
  /**
   * The time from one ping of a socket to the next, in milliseconds; 30,000 unless given. With Infinity
   * only `probe()` pings, and the {@link wakeSource} has it called.
   */
  readonly interval?: number;
  /** How long a peer that was pinged may show no sign of life, in milliseconds; 10,000 unless given. */
  readonly timeout?: number;
  /** What tells that the machine has woken up, such as Electron's `powerMonitor` or a `ClockJumps`. */
  readonly wakeSource?: WakeSource;
}

/** The signals of a KeepAlive and what they carry. */
export interface KeepAliveSignals {
  peerLost: [socket: QWebSocketBase];
}

const DEFAULT_INTERVAL = 30_000;
const DEFAULT_TIMEOUT = 10_000;

/**
 * Keeps connections alive, and finds out which are dead (not in Qt).
 *
 * Gateways cut connections on which nothing is sent, and a peer whose cable was pulled says nothing
 * at all. So each socket that was {@link add}ed is pinged every {@link interval}. A peer that shows
 * no sign of life for the {@link timeout} after a ping is given up, as if the system had told that it
 * is gone: `errorOccurred(SocketTimeoutError)`, `disconnected`, close code 1006, an `errorString()`
 * that says why, and then {@link peerLost}.
 *
 * Every byte of the peer is a sign of life, also in the middle of a large message that keeps its pong
 * waiting; and so is, while our ping waits behind what else we send, that it takes some of that. When
 * the machine has slept or this program did not get to run, every peer is asked anew first: at once
 * with a {@link KeepAliveOptions.wakeSource}, and otherwise when a ping or an answer is due.
 *
 * All sockets share one timer, which keeps no process alive. Pings are those of {@link
 * QWebSocketBase.ping}: they are not sent while more waits than the limit of `setBacklogLimit()`.
 */
export class KeepAlive extends QObject<KeepAliveSignals> {
  readonly #interval: number;
  readonly #timeout: number;
  readonly #watch: PeerWatch;
  readonly #wakes: WakeListener | undefined;
  readonly #servers = new Set<QWebSocketServerBase>();
  readonly #arrived = (socket: QWebSocketBase): void => {
    this.#watch.add(socket);
  };

  /**
   * @param parent destroys the object when it is destroyed itself.
   * @throws RangeError for times that are no number of milliseconds above 0.
   */
  constructor(
    { interval = DEFAULT_INTERVAL, timeout = DEFAULT_TIMEOUT, wakeSource }: KeepAliveOptions = {},
    parent: AnyQObject | null = null,
  ) {
    const watch = new PeerWatch({
      interval,
      timeout,
      detail: `${timeout} ms without a sign of life after a ping`,
      lost: (socket) => this.announce('peerLost', socket),
    });
    super(parent);
    this.#interval = interval;
    this.#timeout = timeout;
    this.#watch = watch;
    if (wakeSource === undefined) return;
    // What is in the air before the machine sleeps will not be answered.
    this.#wakes = new WakeListener(
      wakeSource,
      () => watch.forgive(),
      () => watch.probe(),
    );
    this.#wakes.start();
  }

  /** Emitted when a peer was given up, after the socket's own signals. */
  get peerLost(): Signal<KeepAliveSignals['peerLost']> {
    return this.signal('peerLost');
  }

  /** The time from one ping of a socket to the next, in milliseconds. */
  interval(): number {
    return this.#interval;
  }

  /** How long a peer that was pinged may show no sign of life, in milliseconds. */
  timeout(): number {
    return this.#timeout;
  }

  /**
   * Keeps a socket alive, or all sockets of a server: those that `nextPendingConnection()` has
   * returned, and will return.
   *
   * A client is kept alive in each of its connections until it is destroyed, a server's socket until
   * it disconnects. The first ping comes an {@link interval} after the connection.
   *
   * @returns whether it does. Not where there is no ping: in a page, whose browser answers pings but
   * sends none, and for a NetWebSocket. Nor when the connection of a server's socket is over.
   * @throws TypeError for what is neither, such as an element of QML.
   */
  add(target: QWebSocketBase | QWebSocketServerBase): boolean {
    if (this.isDestroyed) return false;
    if (target instanceof QWebSocketBase) return this.#watch.add(target);
    if (!(target instanceof QWebSocketServerBase)) {
      throw new TypeError('A KeepAlive takes a QWebSocket or a QWebSocketServer.');
    }
    if (this.#servers.has(target)) return true;
    this.#servers.add(target);
    target.destroyed.connect(this, () => this.#servers.delete(target));
    attend(target, this.#arrived);
    return true;
  }

  /** Leaves a socket alone from now on, or a server with all of its sockets. */
  remove(target: QWebSocketBase | QWebSocketServerBase): void {
    if (target instanceof QWebSocketBase) {
      this.#watch.remove(target);
    } else if (this.#servers.delete(target)) {
      target.destroyed.disconnect(this);
      for (const socket of unattend(target, this.#arrived)) this.#watch.remove(socket);
    }
  }

  /** Whether the socket is kept alive, or the server was added. */
  has(target: QWebSocketBase | QWebSocketServerBase): boolean {
    return target instanceof QWebSocketBase ? this.#watch.has(target) : this.#servers.has(target);
  }

  /**
   * How long the peer took for its last pong, in milliseconds; −1 before the first one of a connection
   * and for sockets that are not kept alive.
   *
   * What waited on either side before the ping and the pong is part of it.
   */
  roundTripTime(socket: QWebSocketBase): number {
    return this.#watch.roundTripTime(socket);
  }

  /**
   * Pings all peers now, as after the sleep of a machine: when the network is back, for example.
   *
   * What comes from them may have been sent before, so they have to answer with a pong; more signs of
   * life give them more time for it.
   */
  probe(): void {
    this.#watch.probe();
  }

  protected override destroy(): void {
    this.#wakes?.stop();
    this.#watch.clear();
    for (const server of this.#servers) this.remove(server);
  }
}
