import type { AnyQObject } from './any-qobject.ts';
import { ConnectionType } from './connection-type.ts';
import type { Connections } from './connections.ts';
import { emission, reportUncaught } from './emission.ts';
import { onLaterTurn } from './later-turn.ts';

/**
 * One connection of a signal to a slot, as `QMetaObject::Connection`.
 *
 * @see https://doc.qt.io/qt-6/qmetaobject-connection.html
 */
export interface Connection {
  /** Whether the next emission reaches the slot. */
  isConnected(): boolean;

  /**
   * Ends the connection; queued calls that have not run yet are dropped.
   *
   * @returns whether it was connected.
   */
  disconnect(): boolean;
}

/** What a signal is called; names of one's own may be symbols. */
export type SignalName = string | symbol;

/** Any function that can be a slot; what it takes was checked where it was connected. */
export type AnySlot = (this: object, ...args: unknown[]) => unknown;

/** Where a signal leads: to a function, or to the signal of the receiver that has this name. */
export type Target = AnySlot | SignalName;

/** What the receiver of a relayed signal can do. */
interface Emitter {
  emit(name: SignalName, ...args: unknown[]): boolean;
  announce(name: SignalName, ...args: unknown[]): boolean;
}

// What has become of a connection, beside the bits of its type.
/** Over by itself; calls that are queued still come. */
const SPENT = 0x1000;
/** Disconnected. */
const CUT = 0x2000;

/** A {@link Connection} as both of its ends know it: one of the list that the sender keeps. */
export class Link implements Connection {
  readonly source: Connections;
  readonly name: SignalName;
  readonly receiver: object;
  readonly target: Target;
  previous: Link | undefined = undefined;
  next: Link | undefined = undefined;
  // One number for both: there are many connections, and they seldom end.
  #typeAndEnd: number;

  constructor(
    source: Connections,
    name: SignalName,
    receiver: object,
    target: Target,
    type: number,
  ) {
    this.source = source;
    this.name = name;
    this.receiver = receiver;
    this.target = target;
    this.#typeAndEnd = type & ~ConnectionType.UniqueConnection;
  }

  /** What the emitter calls with this link as its context, so that none needs a closure. */
  get listener(): (this: Link, ...args: unknown[]) => void {
    const isDirect = (this.#typeAndEnd & ~(SPENT | CUT)) <= ConnectionType.DirectConnection;
    return isDirect && typeof this.target === 'function' ? callSlot : takeEmission;
  }

  /** The connections of a receiver that is a QObject. */
  get receiving(): Connections | undefined {
    return (this.receiver as Partial<AnyQObject>)['~connections'];
  }

  get isSingleShot(): boolean {
    return (this.#typeAndEnd & ConnectionType.SingleShotConnection) !== 0;
  }

  isConnected(): boolean {
    return (this.#typeAndEnd & (SPENT | CUT)) === 0;
  }

  disconnect(): boolean {
    const wasConnected = this.isConnected();
    if (wasConnected) this.source.remove(this);
    this.cut();
    return wasConnected;
  }

  /** Calls nothing any more; the ends have let go of it. */
  cut(): void {
    this.#typeAndEnd |= CUT;
  }

  /** Takes no more emissions; the ends have let go of it. */
  spend(): void {
    this.#typeAndEnd |= SPENT;
  }

  /** Takes one emission, whatever the type. */
  take(args: unknown[]): void {
    if (this.isSingleShot) {
      this.source.remove(this);
      this.spend();
    }
    if ((this.#typeAndEnd & ConnectionType.QueuedConnection) === 0) reach(this, args);
    else onLaterTurn(() => this.takeQueued(args));
  }

  /** Takes an emission of a turn before. */
  takeQueued(args: unknown[]): void {
    if ((this.#typeAndEnd & CUT) !== 0 || this.receiving?.isClosed === true) return;
    emission.sender = this.source.owner;
    try {
      reach(this, args);
    } finally {
      emission.sender = null;
    }
  }
}

function reach({ receiver, target }: Link, args: unknown[]): void {
  if (typeof target === 'function') {
    target.apply(receiver, args);
  } else {
    const relay = receiver as Emitter;
    if (emission.isIsolated) relay.announce(target, ...args);
    else relay.emit(target, ...args);
  }
}

/**
 * Calls a directly connected slot.
 *
 * `args` goes nowhere else, so that V8 makes no array of it: 8 ns less than {@link takeEmission}.
 */
function callSlot(this: Link, ...args: unknown[]): void {
  // The emitter works through a snapshot: an earlier slot may have ended this connection.
  if (!this.isConnected()) return;
  const slot = this.target as AnySlot;
  if (!emission.isIsolated) {
    slot.apply(this.receiver, args);
    return;
  }
  try {
    slot.apply(this.receiver, args);
  } catch (error) {
    reportUncaught(error);
  }
}

function takeEmission(this: Link, ...args: unknown[]): void {
  if (!this.isConnected()) return;
  if (!emission.isIsolated) {
    this.take(args);
    return;
  }
  try {
    this.take(args);
  } catch (error) {
    reportUncaught(error);
  }
}
