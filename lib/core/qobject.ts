/// <reference lib="esnext.disposable" preserve="true" />
import { EventEmitter } from 'eventemitter3';
import type { AnyQObject } from './any-qobject.ts';
import { ConnectionType } from './connection-type.ts';
import type { AnySlot } from './connection.ts';
import { Connections } from './connections.ts';
import { emission, reportUncaught } from './emission.ts';
import { onLaterTurn } from './later-turn.ts';
import { disconnectFrom, Signal, type Slot } from './signal.ts';

/** The signals that every object has. */
export interface QObjectSignals {
  destroyed: [object: AnyQObject];
  objectNameChanged: [objectName: string];
}

/** What signal `Name` of the map `Signals` carries. */
export type SignalArgs<
  Signals extends object,
  Name extends keyof Signals,
> = Signals[Name] extends unknown[] ? Signals[Name] : never;

/** The signals of an object whose own are `Signals`. */
export type AllSignals<Signals extends object> = Signals & QObjectSignals;

type SignalNames<Signals extends object> = EventEmitter.EventNames<AllSignals<Signals>>;
type Listener<
  Signals extends object,
  Name extends SignalNames<Signals>,
> = EventEmitter.EventListener<AllSignals<Signals>, Name>;
type ListenerArgs<
  Signals extends object,
  Name extends SignalNames<Signals>,
> = EventEmitter.EventArgs<AllSignals<Signals>, Name>;

/** A parent or child, whose signals do not matter. */
type Relative = QObject;

/**
 * Base of every object with signals.
 *
 * `Signals` maps each signal's name to the tuple of its arguments, so that `on()`, `emit()`,
 * `connect()` and the signal properties are all checked by the compiler; all of them work on the
 * same slots.
 *
 * One without signals of its own, `new QObject()`, is a context for slots, or a parent.
 *
 * An object lives until it is destroyed: by {@link deleteLater}, at the end of a `using` block, or
 * together with its parent. It is then no longer connected to anything, and cannot be.
 *
 * @see https://doc.qt.io/qt-6/qobject.html
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- what is declared below is inherited
export class QObject<Signals extends object = object>
  extends EventEmitter<AllSignals<Signals>>
  implements AnyQObject
{
  /** @internal */
  declare readonly '~signals': Signals;

  // Objects are made by the thousand: what few of them need is only made when it is.
  #isBlocked = false;
  #isDestroyed = false;
  #objectName = '';
  #parent: Relative | null = null;
  #children: Set<Relative> | undefined;
  #connections: Connections | undefined;

  /** @param parent destroys this object when it is destroyed itself. */
  constructor(parent: AnyQObject | null = null) {
    super();
    if (parent !== null) this.setParent(parent);
  }

  /**
   * Emitted when the object is destroyed, after it has released what it holds and before its
   * children are destroyed, also while its signals are blocked.
   */
  get destroyed(): Signal<QObjectSignals['destroyed']> {
    return new Signal(this, 'destroyed');
  }

  /** Emitted when {@link setObjectName} has changed the name. */
  get objectNameChanged(): Signal<QObjectSignals['objectNameChanged']> {
    return new Signal(this, 'objectNameChanged');
  }

  /** @internal */
  get '~connections'(): Connections {
    return (this.#connections ??= new Connections(this));
  }

  /** A name to find the object by; empty unless it was set. */
  objectName(): string {
    return this.#objectName;
  }

  /** Sets the name to find the object by. */
  setObjectName(name: string): void {
    if (this.#objectName === name) return;
    this.#objectName = name;
    this.#known.emit('objectNameChanged', name);
  }

  /** The object that destroys this one when it is destroyed itself; `null` for none. */
  parent(): AnyQObject | null {
    return this.#parent;
  }

  /**
   * Makes the object a child of `parent`, which destroys it when it is destroyed; `null` sets it
   * free.
   *
   * @throws TypeError when `parent` is the object itself or one of its descendants, or when one of
   * the two has been destroyed.
   */
  setParent(parent: AnyQObject | null): void {
    const next = parent as Relative | null;
    if (next !== null) this.#checkParent(next);
    if (this.#parent !== null) this.#parent.#children?.delete(this.#known);
    this.#parent = next;
    if (next !== null) (next.#children ??= new Set()).add(this.#known);
  }

  /** The children, in the order in which they came. */
  children(): AnyQObject[] {
    return [...(this.#children ?? [])];
  }

  /**
   * Makes every emission void, apart from that of {@link destroyed}, or ends that.
   *
   * @returns whether signals were blocked before.
   */
  blockSignals(block: boolean): boolean {
    const wasBlocked = this.#isBlocked;
    this.#isBlocked = block;
    return wasBlocked;
  }

  /** Whether signals are blocked, see {@link blockSignals}; false at first. */
  signalsBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Destroys the object on a later turn of the event loop; once is enough. */
  deleteLater(): void {
    onLaterTurn(() => this.#end());
  }

  /**
   * Destroys the object now, as `delete` does in C++; once is enough.
   *
   * What goes wrong in slots meanwhile is reported as uncaught exceptions.
   */
  // Where the symbol is missing, in older browsers, this is a method that nothing finds.
  [Symbol.dispose](): void {
    this.#end();
  }

  /**
   * Calls the slots of the signal `name`, in the order of their connections.
   *
   * What a slot throws ends the emission and is thrown to the caller.
   *
   * @returns whether there were slots, and signals not blocked.
   */
  override emit<Name extends SignalNames<Signals>>(
    name: Name,
    ...args: ListenerArgs<Signals, Name>
  ): boolean {
    return this.#emit(false, name, ...args);
  }

  /**
   * Emits as {@link emit} does, for callers who must go on whatever the slots do.
   *
   * What a slot throws is reported as an uncaught exception in a microtask; the slots after it are
   * called all the same.
   */
  protected announce<Name extends SignalNames<Signals>>(
    name: Name,
    ...args: ListenerArgs<Signals, Name>
  ): boolean {
    return this.#emit(true, name, ...args);
  }

  /** Calls `slot` on every emission, with the object or `context` as `this`. */
  override on<Name extends SignalNames<Signals>>(
    name: Name,
    slot: Listener<Signals, Name>,
    context?: object,
  ): this {
    this['~connections'].add(name, context ?? this, slot as AnySlot);
    return this;
  }

  /** The same as {@link on}. */
  override addListener<Name extends SignalNames<Signals>>(
    name: Name,
    slot: Listener<Signals, Name>,
    context?: object,
  ): this {
    return this.on(name, slot, context);
  }

  /** Calls `slot` on the next emission only, with the object or `context` as `this`. */
  override once<Name extends SignalNames<Signals>>(
    name: Name,
    slot: Listener<Signals, Name>,
    context?: object,
  ): this {
    const type = ConnectionType.SingleShotConnection;
    this['~connections'].add(name, context ?? this, slot as AnySlot, type);
    return this;
  }

  /**
   * Disconnects `slot` from the signal `name`, or all slots, however they were connected.
   *
   * @param context only where this is the receiver.
   * @param once only single-shot connections.
   */
  override off<Name extends SignalNames<Signals>>(
    name: Name,
    slot?: Listener<Signals, Name>,
    context?: object,
    once = false,
  ): this {
    this.#connections?.removeMatching({
      name,
      target: slot as AnySlot | undefined,
      receiver: context,
      isSingleShot: once,
    });
    return this;
  }

  /** The same as {@link off}. */
  override removeListener<Name extends SignalNames<Signals>>(
    name: Name,
    slot?: Listener<Signals, Name>,
    context?: object,
    once?: boolean,
  ): this {
    return this.off(name, slot, context, once);
  }

  /** Disconnects all slots from the signal `name`, or from all signals. */
  override removeAllListeners(name?: SignalNames<Signals>): this {
    this.#connections?.removeMatching({ name });
    return this;
  }

  /** The slots of the signal `name`, without the signals that are connected to it. */
  override listeners<Name extends SignalNames<Signals>>(name: Name): Listener<Signals, Name>[] {
    return (this.#connections?.slots(name) ?? []) as Listener<Signals, Name>[];
  }

  /**
   * Disconnects slots from this object's signals; it does not close or destroy anything.
   *
   * What is left out or `null` stands for any signal, any receiver or any slot.
   *
   * @returns whether anything was connected.
   * @see https://doc.qt.io/qt-6/qobject.html#disconnect
   */
  disconnect(
    name?: SignalNames<Signals> | null,
    receiver?: object | null,
    slot?: Slot<never[], never> | null,
  ): boolean;
  disconnect(receiver: object, slot?: Slot<never[], never> | null): boolean;
  disconnect(first: unknown = null, second?: object | null, third?: object | null): boolean {
    const isName = first === null || typeof first === 'string';
    return isName
      ? disconnectFrom(this, first, second, third as AnySlot | null | undefined)
      : disconnectFrom(this, null, first, second as AnySlot | null | undefined);
  }

  /** Makes the handle that a signal's getter returns. */
  protected signal<Name extends SignalNames<Signals>>(
    name: Name,
  ): Signal<SignalArgs<AllSignals<Signals>, Name>> {
    return new Signal(this, name);
  }

  /**
   * The object whose signal called the slot that is running; `null` outside of slots.
   *
   * @see https://doc.qt.io/qt-6/qobject.html#sender
   */
  protected sender(): AnyQObject | null {
    return emission.sender;
  }

  /** Whether the destruction has begun: what is taken now, nobody would release. */
  protected get isDestroyed(): boolean {
    return this.#isDestroyed;
  }

  /** Releases what a derived class holds; called once, before {@link destroyed} is emitted. */
  protected destroy(): void {}

  /** The object without the signals of derived classes, which the compiler cannot see here. */
  get #known(): Relative {
    return this;
  }

  #emit<Name extends SignalNames<Signals>>(
    isIsolated: boolean,
    name: Name,
    ...args: ListenerArgs<Signals, Name>
  ): boolean {
    if (this.#isBlocked && name !== 'destroyed') return false;
    const outer = emission.sender;
    const wasIsolated = emission.isIsolated;
    emission.sender = this;
    emission.isIsolated = isIsolated;
    try {
      return super.emit(name, ...args);
    } finally {
      emission.sender = outer;
      emission.isIsolated = wasIsolated;
    }
  }

  #end(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    try {
      this.destroy();
    } catch (error) {
      reportUncaught(error);
    }
    // A slot may call what the derived class has: nobody hears of that any more.
    this.#isBlocked = true;
    this.#known.announce('destroyed', this);
    this['~connections'].close();
    for (const child of this.#children ?? []) child.#end();
    this.setParent(null);
  }

  #checkParent(parent: Relative): void {
    if (this.#connections?.isClosed === true || parent.#connections?.isClosed === true) {
      throw new TypeError('A destroyed object has neither parent nor children.');
    }
    for (let next: Relative | null = parent; next !== null; next = next.#parent) {
      if (next === this.#known) throw new TypeError('An object cannot descend from itself.');
    }
  }
}

// EventEmitter says that there are no other names than those of this object's signals: with that, an
// object with signals of its own would be no `QObject`.
export interface QObject<Signals extends object = object> {
  /** The signals that have slots. */
  eventNames<Name = SignalNames<Signals>>(): Name[];
}
