import type { PeerWatch } from '../websockets/peer-watch.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { wakeProbe } from '../websockets/wake-probe.ts';
import type { WakeSource } from '../websockets/wake-source.ts';
import { NetWebSocket } from './net-websocket.ts';

/** How a {@link SleepWatch} goes about it. */
export interface SleepWatchOptions {
  /** How long the peer has to answer after waking up, in milliseconds; 5,000 unless given. */
  readonly deadline?: number;
}

const DEFAULT_DEADLINE = 5_000;

/**
 * Finds out whether connections have outlived the sleep of the machine.
 *
 * A machine that wakes up often has connections that are open as far as it knows and that the
 * server, or a router on the way, has forgotten. TCP takes minutes to notice. So when the machine
 * wakes up or its screen is unlocked, each open socket that was {@link add}ed is pinged. Without a
 * pong within the deadline, which begins anew with every other sign of life, it is given up:
 * `errorOccurred(SocketTimeoutError)`, `disconnected`, close code 1006, and an `errorString()` that
 * says why. Whatever the program does to reconnect begins at once.
 */
export class SleepWatch {
  readonly #source: WakeSource;
  readonly #watch: PeerWatch;

  // Kept, so that the source can be told to forget them. What is in the air before the machine
  // sleeps will not be answered, and the time of sleep must not count.
  readonly #onSuspend = (): void => this.#watch.forgive();
  readonly #onWake = (): void => this.#watch.probe();

  /**
   * @param source Electron's `powerMonitor`, which exists once the application is ready.
   * @throws RangeError for a deadline that is no number of milliseconds above 0.
   */
  constructor(source: WakeSource, { deadline = DEFAULT_DEADLINE }: SleepWatchOptions = {}) {
    this.#watch = wakeProbe(deadline);
    this.#source = source;
    source.on('suspend', this.#onSuspend);
    source.on('resume', this.#onWake);
    source.on('unlock-screen', this.#onWake);
  }

  /**
   * Watches `socket` until it is destroyed, in each of its connections; a server's socket has one.
   *
   * @throws TypeError for a {@link NetWebSocket}, which cannot ping: nothing would ever answer.
   */
  add(socket: QWebSocketBase): void {
    if (socket instanceof NetWebSocket) {
      throw new TypeError('A NetWebSocket cannot ping: Chromium sees to it itself.');
    }
    this.#watch.add(socket);
  }

  /** Leaves `socket` alone from now on. */
  remove(socket: QWebSocketBase): void {
    this.#watch.remove(socket);
  }

  /** Leaves all sockets alone, for good. */
  stop(): void {
    this.#source.off('suspend', this.#onSuspend);
    this.#source.off('resume', this.#onWake);
    this.#source.off('unlock-screen', this.#onWake);
    this.#watch.clear();
  }
}
