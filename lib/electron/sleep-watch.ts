import type { Connection } from '../core/connection.ts';
import { explained } from '../network/failure-text.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import { lose, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { NetWebSocket } from './net-websocket.ts';

/** What is used of Electron's `powerMonitor`. */
export interface WakeSource {
  /** Has `listener` called before the machine goes to sleep. */
  on(event: 'suspend', listener: () => void): unknown;
  /** Has `listener` called when it has woken up. */
  on(event: 'resume', listener: () => void): unknown;
  /** Has `listener` called when its screen was unlocked. */
  on(event: 'unlock-screen', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'suspend', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'resume', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'unlock-screen', listener: () => void): unknown;
}

/** How a {@link SleepWatch} goes about it. */
export interface SleepWatchOptions {
  /** How long the peer has to answer after waking up, in milliseconds; 5,000 unless given. */
  readonly deadline?: number;
}

const DEFAULT_DEADLINE = 5_000;

// A timer would fire at once for anything longer.
const MAX_DEADLINE = 2 ** 31 - 1;

const PROBE = new TextEncoder().encode('awake?');

/**
 * Finds out whether connections have outlived the sleep of the machine.
 *
 * A machine that wakes up often has connections that are open as far as it knows and that the
 * server, or a router on the way, has forgotten. TCP takes minutes to notice. So when the machine
 * wakes up or its screen is unlocked, each open socket that was {@link add}ed is pinged. Without a
 * pong within the deadline it is given up: `errorOccurred(SocketTimeoutError)`, `disconnected`,
 * close code 1006, and an `errorString()` that says why. Whatever the program does to reconnect
 * begins at once.
 */
export class SleepWatch {
  readonly #source: WakeSource;
  readonly #deadline: number;
  readonly #probes = new Map<QWebSocketBase, Probe>();

  // Kept, so that the source can be told to forget them.
  readonly #onSuspend = (): void => {
    // What is in the air will not be answered, and the time of sleep must not count.
    for (const probe of this.#probes.values()) probe.cancel();
  };

  readonly #onWake = (): void => {
    for (const probe of this.#probes.values()) probe.begin(this.#deadline);
  };

  /**
   * @param source Electron's `powerMonitor`, which exists once the application is ready.
   * @throws RangeError for a deadline that is no number of milliseconds above 0.
   */
  constructor(source: WakeSource, { deadline = DEFAULT_DEADLINE }: SleepWatchOptions = {}) {
    if (!(deadline > 0)) throw new RangeError('A deadline must be a number of milliseconds.');
    this.#source = source;
    this.#deadline = Math.min(deadline, MAX_DEADLINE);
    source.on('suspend', this.#onSuspend);
    source.on('resume', this.#onWake);
    source.on('unlock-screen', this.#onWake);
  }

  /**
   * Watches `socket` until it is destroyed, in each of its connections.
   *
   * @throws TypeError for a {@link NetWebSocket}, which cannot ping: nothing would ever answer.
   */
  add(socket: QWebSocketBase): void {
    if (socket instanceof NetWebSocket) {
      throw new TypeError('A NetWebSocket cannot ping: Chromium sees to it itself.');
    }
    if (this.#probes.has(socket)) return;
    this.#probes.set(socket, new Probe(socket, () => this.remove(socket)));
  }

  /** Leaves `socket` alone from now on. */
  remove(socket: QWebSocketBase): void {
    this.#probes.get(socket)?.end();
    this.#probes.delete(socket);
  }

  /** Leaves all sockets alone, for good. */
  stop(): void {
    this.#source.off('suspend', this.#onSuspend);
    this.#source.off('resume', this.#onWake);
    this.#source.off('unlock-screen', this.#onWake);
    for (const socket of this.#probes.keys()) this.remove(socket);
  }
}

/** The question whether one socket's peer is still there. */
class Probe {
  readonly #socket: QWebSocketBase;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onAnswer = (): void => this.cancel();
  readonly #gone: Connection;

  /** @param onGone is called when `socket` is destroyed. */
  constructor(socket: QWebSocketBase, onGone: () => void) {
    this.#socket = socket;
    this.#gone = socket.destroyed.connect(onGone);
    socket.on('pong', this.#onAnswer);
    // The deadline of a connection that has ended is none for the next one.
    socket.on('stateChanged', this.#onAnswer);
  }

  begin(deadline: number): void {
    // The screen is unlocked soon after waking up: the first deadline counts.
    if (this.#timer !== undefined || this.#socket.state() !== SocketState.ConnectedState) return;
    this.#timer = setTimeout(() => this.#giveUp(deadline), deadline);
    this.#socket.ping(PROBE);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  end(): void {
    this.cancel();
    this.#socket.off('pong', this.#onAnswer);
    this.#socket.off('stateChanged', this.#onAnswer);
    this.#gone.disconnect();
  }

  #giveUp(deadline: number): void {
    this.#timer = undefined;
    const text = explained('Socket operation timed out', {
      layer: 'timeout',
      detail: `${deadline} ms without a pong after the machine woke up`,
      advice: 'The connection did not outlive the sleep: connect again.',
    });
    lose(this.#socket, SocketError.SocketTimeoutError, text);
  }
}
