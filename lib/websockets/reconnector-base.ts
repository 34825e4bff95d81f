import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { SocketError, SocketState } from '../network/qabstractsocket.ts';
import type { Bytes } from './bytes.ts';
import type { SendOptions } from './compression-options.ts';
import { Countdown } from './countdown.ts';
import { HookCall, type Hook, type HookOutcome } from './hook-call.ts';
import { Outbox } from './outbox.ts';
import type { PeerWatch } from './peer-watch.ts';
import { clientOf, isServerSide, lose, type QWebSocketBase } from './qwebsocket-base.ts';
import { QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import {
  failureOfHook,
  failureOfSocket,
  hookFailed,
  type ReconnectFailure,
} from './reconnect-failure.ts';
import {
  toReconnectSettings,
  type Destination,
  type ReconnectOptions,
  type ReconnectSettings,
} from './reconnect-options.ts';
import { RetryPlan, type Wait } from './retry-plan.ts';
import { Stopwatch } from './stopwatch.ts';
import { WakeListener } from './wake-listener.ts';
import type { WakeSource } from './wake-source.ts';

/** The signals of a Reconnector and what they carry. */
export interface ReconnectorSignals {
  gaveUp: [reason: string];
  messageRefused: [message: string | Uint8Array];
  reconnected: [];
  reconnecting: [attempt: number, delay: number];
}

/** What a platform brings along. */
export interface ReconnectorPlatform {
  /** What tells that the machine has woken up, unless the application knows better. */
  readonly wakeSource: WakeSource;
  /** Asks peers after waking up, where that is possible. */
  readonly createProbe?: (deadline: number) => PeerWatch;
}

/**
 * Opens a socket again whenever its connection is lost or cannot be made, as long as there is a point
 * in it (not in Qt).
 *
 * It is told by the socket itself: `socket.open()` makes it {@link isActive}, `socket.close()` and
 * `socket.abort()` end that, and all slots of the socket stay where they are. A socket that is
 * connected or connecting is taken over as it is. Whatever slots and hooks throw, it goes on: what they
 * throw is reported as an uncaught exception, or is the reason why an attempt has failed.
 *
 * An attempt begins when the one before has come to an end, and a wait of random length with it. While
 * it waits, it keeps the process alive, as a connection does.
 */
export abstract class ReconnectorBase extends QObject<ReconnectorSignals> {
  readonly #socket: QWebSocketBase;
  readonly #settings: ReconnectSettings;
  readonly #wakes: WakeListener;
  readonly #probe: PeerWatch | undefined;
  readonly #plan: RetryPlan;
  readonly #countdown = new Countdown((late) => {
    this.#plan.oversleep(late);
    this.#attempt();
  });
  // Open when the connection was told what is wanted of it.
  readonly #outbox: Outbox;
  #isSocketDestroyed = false;
  #isActive = false;
  // Whether it is this object that calls open().
  #isOpening = false;
  // Whether there was a wait since the application has opened the socket.
  #isReconnecting = false;
  #isHurried = false;
  #connection: Stopwatch | undefined;
  #failure: ReconnectFailure | undefined;
  // What the hook has thrown for which the connection is given up.
  #cause: unknown;
  // The last one.
  #call: Pick<HookCall<unknown>, 'cancel' | 'isOver'> | undefined;

  protected constructor(
    socket: QWebSocketBase,
    options: ReconnectOptions,
    parent: AnyQObject | null,
    platform: ReconnectorPlatform,
  ) {
    if (isServerSide(socket)) {
      throw new TypeError('The socket of a server cannot connect again: its client does.');
    }
    if (clientOf(socket).keeper !== undefined) {
      throw new TypeError('The socket has a Reconnector already.');
    }
    const settings = toReconnectSettings(options);
    const probe = platform.createProbe?.(settings.wakeTimeout);
    super(parent);
    this.#socket = socket;
    this.#settings = settings;
    this.#probe = probe;
    this.#wakes = new WakeListener(
      settings.wakeSource ?? platform.wakeSource,
      () => probe?.forgive(),
      () => this.#wake(),
    );
    this.#plan = new RetryPlan(settings);
    this.#outbox = new Outbox(socket, settings, (message) => {
      this.announce('messageRefused', message);
    });
    clientOf(socket).keeper = { left: () => this.stop() };
    socket.stateChanged.connect(this, (state) => this.#stateChanged(state));
    socket.connected.connect(this, () => this.#connected());
    socket.disconnected.connect(this, () => this.#disconnected());
    socket.errorOccurred.connect(this, () => this.#refused());
    socket.destroyed.connect(this, () => {
      this.#isSocketDestroyed = true;
      this.stop();
    });
    this.#takeOver();
  }

  /**
   * Emitted when there will be no further attempt, with the reason in words: it is fatal, or one of
   * the limits was reached. {@link lastFailure} has the details.
   */
  get gaveUp(): Signal<ReconnectorSignals['gaveUp']> {
    return this.signal('gaveUp');
  }

  /**
   * Emitted when a message that has waited is thrown away: the socket does not take it, although
   * nothing else waits there, as one that is too large for Electron's SocketBridge.
   */
  get messageRefused(): Signal<ReconnectorSignals['messageRefused']> {
    return this.signal('messageRefused');
  }

  /**
   * Emitted when there is a connection again, after {@link reconnecting}: it has been subscribed, and
   * what has waited was sent.
   */
  get reconnected(): Signal<ReconnectorSignals['reconnected']> {
    return this.signal('reconnected');
  }

  /**
   * Emitted when it has begun to wait: `attempt` counts from 1 since the last connection that has
   * lasted, `delay` is the wait in milliseconds. Emitted again when the wait is cut short because the
   * machine has woken up. {@link lastFailure} tells why.
   */
  get reconnecting(): Signal<ReconnectorSignals['reconnecting']> {
    return this.signal('reconnecting');
  }

  /** The socket that is opened. */
  socket(): QWebSocketBase {
    return this.#socket;
  }

  /** Whether it sees to a connection: since `open()` or {@link start}, until {@link stop} or {@link gaveUp}. */
  isActive(): boolean {
    return this.#isActive;
  }

  /** The time until the next attempt in milliseconds; −1 unless it waits for one. */
  remainingTime(): number {
    return this.#countdown.remainingTime();
  }

  /** Why the last connection has ended, or the last attempt has failed; undefined before that. */
  lastFailure(): ReconnectFailure | undefined {
    return this.#failure;
  }

  /**
   * Connects, now and again: to where the hook `destination` says or, without it, to what was opened
   * last. Where it waits, the attempt begins at once. A connection or an attempt that is there is kept.
   */
  start(): void {
    if (this.isDestroyed || this.#isSocketDestroyed) return;
    this.#activate();
    // It waits for a hook already.
    if (this.#call?.isOver === false) return;
    const state = this.#socket.state();
    if (state === SocketState.ConnectedState) this.#connected();
    if (state !== SocketState.UnconnectedState) return;
    this.#plan.reset();
    this.#attempt();
  }

  /**
   * Connects no more, until {@link start} or the next `open()` of the socket. A connection or an
   * attempt that is there is left to the socket. What has waited to be sent is kept.
   */
  stop(): void {
    this.#isReconnecting = false;
    if (this.#isActive) {
      this.#isActive = false;
      this.#probe?.remove(this.#socket);
      this.#wakes.stop();
    }
    this.#cancel();
  }

  /**
   * Sends `message` as the socket's `sendTextMessage()`, or keeps it for the next connection.
   *
   * While it is active, messages are sent once and in their order. What the socket has taken is not kept: when the
   * connection is lost then, it may or may not have arrived.
   *
   * @returns the number of bytes of its UTF-8 form; 0 when there is no room for it, or no connection
   *   while it is not active.
   */
  sendTextMessage(message: string, options?: SendOptions): number {
    if (this.#isPassing()) return this.#socket.sendTextMessage(message, options);
    return this.#outbox.keep(QWebSocketPreparedMessage.fromText(message, options));
  }

  /** The same for the socket's `sendBinaryMessage()`; a copy of `data` is kept. */
  sendBinaryMessage(data: Bytes, options?: SendOptions): number {
    if (this.#isPassing()) return this.#socket.sendBinaryMessage(data, options);
    return this.#outbox.keep(QWebSocketPreparedMessage.fromBinary(data, options));
  }

  /** The same for the socket's `sendPreparedMessage()`. */
  sendPreparedMessage(message: QWebSocketPreparedMessage): number {
    if (this.#isPassing()) return this.#socket.sendPreparedMessage(message);
    return this.#outbox.keep(message);
  }

  /** How many messages wait for a connection. */
  unsentMessages(): number {
    return this.#outbox.count;
  }

  /** How many bytes these have. */
  unsentBytes(): number {
    return this.#outbox.size;
  }

  /** Takes the messages that wait, the oldest first: none of them was ever handed to a socket. */
  takeUnsentMessages(): (string | Uint8Array)[] {
    return this.#outbox.take();
  }

  protected override destroy(): void {
    this.stop();
    clientOf(this.#socket).keeper = undefined;
    this.#outbox.close();
    this.#outbox.take();
  }

  #takeOver(): void {
    const state = this.#socket.state();
    if (state === SocketState.UnconnectedState || state === SocketState.ClosingState) return;
    this.#begin();
    if (state !== SocketState.ConnectedState) return;
    this.#connection = new Stopwatch();
    this.#outbox.open();
  }

  #activate(): void {
    if (this.#isActive) return;
    this.#isActive = true;
    this.#probe?.add(this.#socket);
    this.#wakes.start();
  }

  /** Learns that the application has opened the socket. */
  #begin(): void {
    this.#isReconnecting = false;
    this.#plan.reset();
    this.#activate();
    this.#cancel();
  }

  /** Ends what is waited for; comes last, since a hook that hears of that may do anything. */
  #cancel(): void {
    this.#countdown.stop();
    this.#call?.cancel();
  }

  #stateChanged(state: SocketState): void {
    this.#outbox.close();
    if (state === SocketState.ConnectedState) this.#connection = new Stopwatch();
    if (state !== SocketState.ConnectingState || this.isDestroyed) return;
    this.#connection = undefined;
    this.#cause = undefined;
    // Another one that slots ask for meanwhile is theirs.
    if (this.#isOpening) this.#isOpening = false;
    else this.#begin();
  }

  #attempt(): void {
    this.#countdown.stop();
    this.#isHurried = false;
    const { destination } = this.#settings;
    if (destination === undefined) {
      const socket = this.#socket;
      this.#open({ target: socket.request(), handshakeOptions: socket.handshakeOptions() }, true);
      return;
    }
    this.#ask('destination', destination, {
      // The next one may be better.
      done: (result) => this.#open(result, false),
      failed: (error) => this.#failed(failureOfHook('destination', error)),
    });
  }

  #open(destination: Destination | Destination['target'], isFinal: boolean): void {
    const socket = this.#socket;
    this.#isOpening = true;
    try {
      const isWhole = typeof destination === 'object' && 'target' in destination;
      const { target, handshakeOptions } = isWhole ? destination : { target: destination };
      socket.open(target, handshakeOptions);
    } catch (error) {
      this.#failed(failureOfHook('destination', error));
      return;
    } finally {
      this.#isOpening = false;
    }
    if (!this.#isActive || socket.state() !== SocketState.UnconnectedState) return;
    // It has failed already, and what follows has begun.
    if (this.#isBusy()) return;
    const failure = failureOfSocket(socket, false, undefined);
    // What cannot be opened at all will not be better later.
    this.#failed({ ...failure, isFatal: isFinal || failure.isFatal });
  }

  #connected(): void {
    const { resubscribe } = this.#settings;
    if (!this.#isActive || this.#socket.state() !== SocketState.ConnectedState) return;
    // A slot that heard of it before may have called start().
    if (this.#outbox.isOpen || this.#isBusy()) return;
    if (resubscribe === undefined) {
      this.#makeReady();
      return;
    }
    this.#ask('resubscribe', (signal) => resubscribe(this.#socket, signal), {
      done: () => this.#makeReady(),
      failed: (error) => {
        this.#cause = error;
        lose(this.#socket, SocketError.OperationError, hookFailed('resubscribe', error));
      },
    });
  }

  #makeReady(): void {
    if (this.#socket.state() !== SocketState.ConnectedState) return;
    this.#outbox.open();
    if (this.#outbox.isOpen && this.#isReconnecting) this.announce('reconnected');
  }

  /** Calls a hook of the application in the place of the one before. */
  #ask<Result>(name: string, hook: Hook<Result>, outcome: HookOutcome<Result>): void {
    this.#call?.cancel();
    const call = new HookCall(outcome);
    this.#call = call;
    call.start(name, hook, this.#settings.hookTimeout);
  }

  #disconnected(): void {
    const socket = this.#socket;
    // A slot before this one may have opened it again.
    if (!this.#isActive || socket.state() !== SocketState.UnconnectedState) return;
    const wasConnected = this.#connection !== undefined;
    this.#failed(failureOfSocket(socket, wasConnected, this.#cause));
  }

  /** Learns of an error, which may be that an open() of the application has led to nothing. */
  #refused(): void {
    const isUnconnected = this.#socket.state() === SocketState.UnconnectedState;
    if (!this.#isActive || this.#isOpening || this.#isBusy() || !isUnconnected) return;
    this.#failed({ ...failureOfSocket(this.#socket, false, undefined), isFatal: true });
  }

  #failed(failure: ReconnectFailure): void {
    const lasted = this.#connection?.elapsed();
    this.#connection = undefined;
    this.#cause = undefined;
    this.#failure = failure;
    this.#cancel();
    const isFatal = this.#isFatal(failure);
    // Whoever was asked may have stopped it, or begun something else.
    if (!this.#isActive || this.#isBusy() || this.#failure !== failure) return;
    if (this.#socket.state() !== SocketState.UnconnectedState) return;
    const next = isFatal ? failure.reason : this.#plan.after(failure, lasted);
    if (typeof next === 'string') this.#giveUp(next);
    else this.#wait(next);
  }

  /** Whether there is something to wait for. */
  #isBusy(): boolean {
    return this.#countdown.isRunning || this.#call?.isOver === false;
  }

  #isFatal(failure: ReconnectFailure): boolean {
    try {
      return this.#settings.isFatal?.(failure) ?? failure.isFatal;
    } catch (error) {
      reportUncaught(error);
      return failure.isFatal;
    }
  }

  #giveUp(reason: string): void {
    this.stop();
    this.announce('gaveUp', reason);
  }

  #wait({ delay, least }: Wait): void {
    this.#isReconnecting = true;
    this.#countdown.start(delay, least);
    this.announce('reconnecting', this.#plan.attempts, delay);
  }

  /** Goes on at once, since the network may be back; once for each wait. */
  #wake(): void {
    this.#probe?.probe();
    if (!this.#countdown.isRunning || this.#isHurried) return;
    // The network takes a moment, and a whole house may have waited for it.
    const delay = this.#plan.wake();
    if (delay === undefined) return;
    this.#isHurried = true;
    this.announce('reconnecting', this.#plan.attempts, this.#countdown.cut(delay));
  }

  /** Whether the socket has messages at once; what it does with them without us is its own. */
  #isPassing(): boolean {
    return !this.#isActive || this.#outbox.isPassing;
  }
}
