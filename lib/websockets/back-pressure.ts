import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import { onLaterTurn } from '../core/later-turn.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { written, type DrainOptions } from './drained.ts';
import { prepare, transmit, type OutgoingMessage } from './outgoing-message.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import { CloseCode } from './qwebsocketprotocol.ts';
import {
  receiversOf,
  type QWebSocketServerBase,
  type SocketFilter,
} from './qwebsocketserver-base.ts';
import { QueuePolicy } from './queue-policy.ts';
import { hasRoom, isWithin, SlowPeer, type SlowPeerKeeper, type WaterMarks } from './slow-peer.ts';
import { WaitingMessages, type QueueLimits } from './waiting-messages.ts';

/** When a peer reads too slowly for a {@link BackPressure}, and what becomes of its messages then. */
export interface BackPressureOptions {
  /**
   * What becomes of messages when too many wait; `QueuePolicy.Disconnect` unless given. A function
   * chooses for each socket, whenever that is found to be congested.
   */
  readonly policy?: QueuePolicy | ((socket: QWebSocketBase) => QueuePolicy);
  /** A socket is congested with more than so many bytes to write; 65,536 unless given. */
  readonly highWaterMark?: number;
  /**
   * It has drained with at most so many bytes to write; a quarter of the {@link highWaterMark} unless
   * given.
   */
  readonly lowWaterMark?: number;
  /** How many messages may wait for a congested socket; 10,000 unless given. */
  readonly maxMessages?: number;
  /**
   * How many bytes those may have in all; 1,048,576 unless given. Of messages that were given as
   * strings, UTF-16 code units count.
   */
  readonly maxBytes?: number;
}

/** How a message is sent through a {@link BackPressure}. */
export interface KeyOptions {
  /** What the message is the latest value of; only `QueuePolicy.LatestPerKey` asks. */
  readonly key?: string | undefined;
}

/** How a message is broadcast through a {@link BackPressure}. */
export interface BroadcastOptions extends KeyOptions {
  /** Asked about all of the sockets before the first one gets the message. */
  readonly filter?: SocketFilter | undefined;
}

/** The signals of a BackPressure and what they carry. */
export interface BackPressureSignals {
  congested: [socket: QWebSocketBase];
  drained: [socket: QWebSocketBase];
}

const DEFAULT_HIGH_WATER_MARK = 64 * 1024;
const DEFAULT_MAX_MESSAGES = 10_000;
const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * Sends messages to peers of which some read too slowly (not in Qt).
 *
 * What it sends goes straight to the socket until that has more than the {@link highWaterMark} to
 * write. Then {@link congested} is emitted, and what is sent from there on waits here, within
 * {@link maxMessages} and {@link maxBytes}; what becomes of the rest is the policy's. As the peer
 * reads, what waits goes on its way, and {@link drained} is emitted when all of it has gone and no more
 * than the {@link lowWaterMark} is left to write.
 *
 * Sockets need not be made known to it. Only those that are congested take memory, and none has a
 * timer: `bytesWritten` drives it.
 *
 * Messages keep their order, as far as they are sent through one object: what is sent by the methods
 * of the socket itself overtakes what waits. Before `close()` of the socket, {@link waitForDrained} lets
 * that go out; what still waits when the connection ends is dropped.
 */
export class BackPressure extends QObject<BackPressureSignals> {
  readonly #policy: QueuePolicy | ((socket: QWebSocketBase) => QueuePolicy);
  readonly #marks: WaterMarks;
  readonly #limits: QueueLimits;
  readonly #peers = new Map<QWebSocketBase, SlowPeer>();
  // Of the sockets of which messages were dropped.
  readonly #droppedOf = new WeakMap<QWebSocketBase, number>();
  #dropped = 0;
  // Whether a socket was made to write in this turn of the event loop. That may have failed, which
  // only shows when the turn is over: who sends and waits for ever would never get there.
  #hasFlushed = false;
  // What is to be done when a broadcast has reached all; undefined while there is none.
  #acts: (() => unknown)[] | undefined;

  readonly #keeper: SlowPeerKeeper = {
    dropped: ({ socket }, count) => this.#drop(socket, count),
    tooSlow: ({ socket }, reason) => {
      // The code that has clients come again; it is told if the peer reads on before the close timeout.
      this.#act(() => socket.isValid() && socket.close(CloseCode.CloseCodeTryAgainLater, reason));
    },
    drained: ({ socket }) => {
      this.#peers.delete(socket);
      this.#act(() => this.announce('drained', socket));
    },
    ended: ({ socket }) => this.#peers.delete(socket),
  };

  /**
   * @param parent destroys the object when it is destroyed itself.
   * @throws RangeError for numbers that are negative or none, and for a `lowWaterMark` above the
   * `highWaterMark`.
   */
  constructor(options: BackPressureOptions = {}, parent: AnyQObject | null = null) {
    const { policy = QueuePolicy.Disconnect, highWaterMark = DEFAULT_HIGH_WATER_MARK } = options;
    const { lowWaterMark = highWaterMark / 4 } = options;
    const { maxMessages = DEFAULT_MAX_MESSAGES, maxBytes = DEFAULT_MAX_BYTES } = options;
    for (const number of [highWaterMark, lowWaterMark, maxMessages, maxBytes]) {
      if (!(number >= 0)) throw new RangeError('Marks and limits must be numbers from 0 on.');
    }
    if (lowWaterMark > highWaterMark) {
      throw new RangeError('The lowWaterMark cannot lie above the highWaterMark.');
    }
    super(parent);
    this.#policy = policy;
    this.#marks = { highWaterMark, lowWaterMark };
    this.#limits = { maxMessages, maxBytes };
  }

  /** Emitted when a socket has more than the {@link highWaterMark} to write. */
  get congested(): Signal<BackPressureSignals['congested']> {
    return this.signal('congested');
  }

  /** Emitted when a socket that was congested has got rid of everything, or nearly so. */
  get drained(): Signal<BackPressureSignals['drained']> {
    return this.signal('drained');
  }

  /** See {@link BackPressureOptions}. */
  highWaterMark(): number {
    return this.#marks.highWaterMark;
  }

  /** See {@link BackPressureOptions}. */
  lowWaterMark(): number {
    return this.#marks.lowWaterMark;
  }

  /** See {@link BackPressureOptions}. */
  maxMessages(): number {
    return this.#limits.maxMessages;
  }

  /** See {@link BackPressureOptions}. */
  maxBytes(): number {
    return this.#limits.maxBytes;
  }

  /**
   * Sends a text message, a binary one or one that was prepared, now or when the peer has read enough.
   *
   * @returns whether it was sent or waits; false when the socket is not connected, when it was
   * dropped, and when the connection was closed because of it.
   */
  send(socket: QWebSocketBase, message: OutgoingMessage, { key }: KeyOptions = {}): boolean {
    let peer = this.#peers.get(socket);
    if (peer !== undefined) {
      // Nobody may have told that there is room again.
      peer.release();
      peer = this.#peers.get(socket);
    }
    if (this.isDestroyed || !socket.isValid()) return false;
    if (peer !== undefined) return peer.keep(message, key);
    // The application may have sent by other ways.
    if (!this.#hasRoom(socket)) return this.#congest(socket, message, key);
    if (!transmit(socket, message)) {
      this.#drop(socket, 1);
      return false;
    }
    if (socket.isValid() && !this.#hasRoom(socket)) this.#congest(socket);
    return true;
  }

  /**
   * Sends the same message to all sockets of a server that `nextPendingConnection()` has returned, or
   * to the sockets of a list, as {@link send} does: encoded, compressed and framed once.
   *
   * Signals are emitted when all have got it, so that what slots send comes after it.
   *
   * A socket that throws, as only one over a stream of your own can, has that reported as an
   * uncaught exception, and the others get theirs.
   *
   * @returns to how many sockets it was sent, or for how many it waits.
   */
  broadcast(
    target: QWebSocketServerBase | Iterable<QWebSocketBase>,
    message: OutgoingMessage,
    { key, filter }: BroadcastOptions = {},
  ): number {
    const shared = prepare(message);
    const all = Symbol.iterator in target ? [...target] : receiversOf(target);
    const sockets = filter === undefined ? all : all.filter((socket) => filter(socket));
    let count = 0;
    const acts: (() => unknown)[] = [];
    const outer = this.#acts;
    this.#acts = acts;
    for (const socket of sockets) {
      try {
        if (this.send(socket, shared, { key })) count++;
      } catch (error) {
        reportUncaught(error);
      }
    }
    this.#acts = outer;
    for (const act of acts) this.#act(act);
    return count;
  }

  /**
   * Waits until a socket is not congested: at once when it is not.
   *
   * It is rejected with a {@link ConnectionError} when the connection ends before that, or has ended,
   * and with the reason of `signal` when that is aborted. What is sent by others meanwhile has to
   * go out as well.
   */
  async waitForDrained(socket: QWebSocketBase, { signal }: DrainOptions = {}): Promise<void> {
    if (this.#hasFlushed) {
      await new Promise<void>((resolve) => onLaterTurn(resolve));
      this.#hasFlushed = false;
    }
    return written(socket, () => !this.isCongested(socket), signal);
  }

  /** Forgets what waits for a socket under `key`: it has unsubscribed, for example. */
  discard(socket: QWebSocketBase, key: string): void {
    this.#peers.get(socket)?.waiting.discard(key);
  }

  /** Whether messages for the socket wait until it has drained. */
  isCongested(socket: QWebSocketBase): boolean {
    return this.#peers.has(socket);
  }

  /** How many messages wait for the socket here, before it is given them. */
  waitingMessages(socket: QWebSocketBase): number {
    return this.#peers.get(socket)?.waiting.count ?? 0;
  }

  /** How many bytes those have. */
  waitingBytes(socket: QWebSocketBase): number {
    return this.#peers.get(socket)?.waiting.bytes ?? 0;
  }

  /**
   * How many messages for the socket, or for all sockets there ever were, were dropped: for the
   * policy, in favour of a newer value under their key, or because the connection has ended.
   */
  droppedMessages(socket?: QWebSocketBase): number {
    return socket === undefined ? this.#dropped : (this.#droppedOf.get(socket) ?? 0);
  }

  protected override destroy(): void {
    for (const peer of this.#peers.values()) peer.end();
  }

  #hasRoom(socket: QWebSocketBase): boolean {
    if (isWithin(socket, this.#marks.highWaterMark)) return true;
    this.#hasFlushed = true;
    return hasRoom(socket, this.#marks.highWaterMark);
  }

  /** Learns that a socket is congested; returns whether the message that found that out waits. */
  #congest(socket: QWebSocketBase, message?: OutgoingMessage, key?: string): boolean {
    const policy = typeof this.#policy === 'function' ? this.#policy(socket) : this.#policy;
    const waiting = new WaitingMessages(policy, this.#limits);
    const peer = new SlowPeer(socket, waiting, this.#marks, this.#keeper);
    this.#peers.set(socket, peer);
    const isKept = message !== undefined && peer.keep(message, key);
    this.#act(() => this.#peers.get(socket) === peer && this.announce('congested', socket));
    return isKept;
  }

  /** Does what has slots run: they may send, and what they send comes after what is being sent. */
  #act(act: () => unknown): void {
    if (this.#acts === undefined) act();
    else this.#acts.push(act);
  }

  #drop(socket: QWebSocketBase, count: number): void {
    if (count === 0) return;
    this.#dropped += count;
    this.#droppedOf.set(socket, this.droppedMessages(socket) + count);
  }
}
