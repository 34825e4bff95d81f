import type { AnyQObject } from './any-qobject.ts';
import { Link, type AnySlot, type Connection, type SignalName } from './connection.ts';

/** A function that is called when a signal is emitted. */
export type Slot<Args extends unknown[], Receiver = unknown> = (
  this: Receiver,
  ...args: Args
) => void;

/** A signal that can be emitted with `Args`; it may carry fewer of them. */
export interface Relay<Args extends unknown[]> {
  /** @internal */
  readonly '~signature': (...args: Args) => void;
}

/**
 * One signal of one object, as Qt's `&QWebSocket::connected`.
 *
 * It is a handle, not a store: `object.on(name, slot)`, `object[name].connect(slot)` and
 * `connect(object, name, slot)` see each other's slots, and every handle of a signal is as good
 * as the other.
 *
 * The slots of an emission are called in the order of their connections. A slot that is connected
 * meanwhile is first called by the next emission; one that is disconnected meanwhile is not called
 * any more.
 */
export class Signal<Args extends unknown[]> implements Relay<Args> {
  /** @internal */
  declare readonly '~signature': (...args: Args) => void;

  /** The object whose signal this is. */
  readonly sender: AnyQObject;
  readonly name: SignalName;

  /** @internal */
  constructor(sender: AnyQObject, name: SignalName) {
    this.sender = sender;
    this.name = name;
  }

  /**
   * Calls `slot` on every emission, with the sender or `receiver` as `this`; another signal in
   * the place of a slot is emitted with the same arguments.
   *
   * The connection lasts until it is disconnected, the sender is destroyed, or a `receiver` that
   * is a QObject is destroyed.
   *
   * @param type how the slot is called: one `ConnectionType` or several joined by `|`.
   * @returns the connection. It is not connected when `UniqueConnection` was asked for and signal,
   * receiver and slot are connected already, or when the sender or receiver has been destroyed.
   * @throws TypeError when the slot is no function or the type unknown.
   * @see https://doc.qt.io/qt-6/qobject.html#connect
   */
  connect(slot: Slot<Args> | Relay<Args>, type?: number): Connection;
  connect<Receiver extends object>(
    receiver: Receiver,
    slot: Slot<Args, Receiver>,
    type?: number,
  ): Connection;
  connect(first: object, second?: object | number, third?: number): Connection {
    const { name, sender } = this;
    const own = sender['~connections'];
    if (typeof second === 'object' || typeof second === 'function') {
      return own.add(name, first, second as AnySlot, third);
    }
    if (first instanceof Signal) return own.add(name, first.sender, first.name, second);
    return own.add(name, sender, first as AnySlot, second);
  }

  /**
   * Ends the connections to `slot`, to `receiver`, or to `slot` of `receiver`; without arguments,
   * all of this signal's.
   *
   * @returns whether anything was connected.
   * @see https://doc.qt.io/qt-6/qobject.html#disconnect
   */
  disconnect(slot?: Slot<Args> | Relay<Args> | Connection): boolean;
  disconnect<Receiver extends object>(receiver: Receiver, slot?: Slot<Args, Receiver>): boolean;
  disconnect(first?: object, second?: object): boolean {
    return disconnectFrom(this.sender, this.name, first, second as AnySlot | undefined);
  }
}

/**
 * Ends connections of `sender`, in all the forms that disconnecting has.
 *
 * @param name the signal; `null` for all of them.
 * @param first a connection, a signal or slot in which a connection ends, a receiver, or `null`.
 * @param second a slot of the receiver `first`.
 * @returns whether anything was connected.
 */
export function disconnectFrom(
  sender: AnyQObject,
  name: SignalName | null,
  first: object | null = null,
  second: AnySlot | null = null,
): boolean {
  const own = sender['~connections'];
  if (first instanceof Link) {
    return first.source === own && (name ?? first.name) === first.name && first.disconnect();
  }
  if (first instanceof Signal) {
    return own.removeMatching({ name, receiver: first.sender, target: first.name });
  }
  if (typeof first === 'function' && second === null) {
    const isSlot = own.removeMatching({ name, target: first as AnySlot });
    const isReceiver = own.removeMatching({ name, receiver: first });
    return isSlot || isReceiver;
  }
  return own.removeMatching({ name, receiver: first, target: second });
}
