import type { AnyQObject } from './any-qobject.ts';
import { Link, type AnySlot, type Connection, type SignalName } from './connection.ts';
import type { AllSignals, SignalArgs } from './qobject.ts';
import { disconnectFrom, Signal, type Relay, type Slot } from './signal.ts';

/** An object with the signals `Signals`. */
export interface Sender<Signals extends object> extends AnyQObject {
  /** @internal */
  readonly '~signals': Signals;
}

type NameOf<Signals extends object> = keyof AllSignals<Signals>;
type ArgsOf<Signals extends object, Name extends NameOf<Signals>> = SignalArgs<
  AllSignals<Signals>,
  Name
>;

/** An object that has a `Method` which takes `Args`. */
type WithMethod<Method extends string, Args extends unknown[]> = Readonly<
  Record<Method, (...args: Args) => void>
>;

/**
 * Calls a slot whenever the signal `name` of `sender` is emitted, as `QObject::connect`.
 *
 * The slot is a function, called with the sender or `receiver` as `this`, the name of a method of
 * `receiver`, or another signal, which is emitted with the same arguments. `connect(sender.signal,
 * …)` is another way to write `connect(sender, 'signal', …)`.
 *
 * The connection lasts until it is disconnected, the sender is destroyed, or a `receiver` that is
 * a QObject is destroyed.
 *
 * @param type how the slot is called: one `ConnectionType` or several joined by `|`.
 * @returns the connection. It is not connected when `UniqueConnection` was asked for and signal,
 * receiver and slot are connected already, or when the sender or receiver has been destroyed.
 * @throws TypeError when the slot is no function or the type unknown.
 * @see https://doc.qt.io/qt-6/qobject.html#connect
 */
export function connect<Signals extends object, Name extends NameOf<Signals>>(
  sender: Sender<Signals>,
  name: Name,
  slot: Slot<ArgsOf<Signals, Name>> | Relay<ArgsOf<Signals, Name>>,
  type?: number,
): Connection;
export function connect<
  Signals extends object,
  Name extends NameOf<Signals>,
  Method extends string,
>(
  sender: Sender<Signals>,
  name: Name,
  receiver: WithMethod<NoInfer<Method>, ArgsOf<Signals, Name>>,
  method: Method,
  type?: number,
): Connection;
export function connect<
  Signals extends object,
  Name extends NameOf<Signals>,
  Receiver extends object,
>(
  sender: Sender<Signals>,
  name: Name,
  receiver: Receiver,
  slot: Slot<ArgsOf<Signals, Name>, Receiver>,
  type?: number,
): Connection;
export function connect<Args extends unknown[]>(
  signal: Signal<Args>,
  slot: Slot<Args> | Relay<Args>,
  type?: number,
): Connection;
export function connect<Args extends unknown[], Method extends string>(
  signal: Signal<Args>,
  receiver: WithMethod<NoInfer<Method>, Args>,
  method: Method,
  type?: number,
): Connection;
export function connect<Args extends unknown[], Receiver extends object>(
  signal: Signal<Args>,
  receiver: Receiver,
  slot: Slot<Args, Receiver>,
  type?: number,
): Connection;
export function connect(first: Signal<unknown[]> | AnyQObject, ...rest: unknown[]): Connection {
  const signal =
    first instanceof Signal ? first : new Signal<unknown[]>(first, rest.shift() as SignalName);
  const [receiver, slot, type] = rest as [object, unknown, number?];
  return typeof slot === 'string'
    ? signal.connect(receiver, methodOf(receiver, slot), type)
    : signal.connect(receiver, slot as Slot<unknown[]>, type);
}

/**
 * Ends connections, as `QObject::disconnect`: one, those of a signal, or those of an object.
 *
 * What is left out or `null` stands for any signal, any receiver or any slot. The slot may be the
 * name of a method of `receiver`.
 *
 * @returns whether anything was connected.
 * @see https://doc.qt.io/qt-6/qobject.html#disconnect
 */
export function disconnect(connection: Connection): boolean;
export function disconnect<Signals extends object>(
  sender: Sender<Signals>,
  name?: NameOf<Signals> | null,
  receiver?: object | null,
  slot?: Slot<never[], never> | string | null,
): boolean;
export function disconnect<Args extends unknown[]>(
  signal: Signal<Args>,
  receiver?: object | null,
  slot?: Slot<never[], never> | string | null,
): boolean;
export function disconnect(
  first: Connection | Signal<unknown[]> | AnyQObject,
  ...rest: unknown[]
): boolean {
  if (first instanceof Link) return first.disconnect();
  const [sender, name] =
    first instanceof Signal
      ? [first.sender, first.name]
      : [first as AnyQObject, rest.shift() as SignalName | null | undefined];
  const [receiver, slot] = rest as [object?, unknown?];
  const isMethod = typeof slot === 'string' && receiver !== undefined;
  const target = isMethod ? methodOf(receiver, slot) : (slot as AnySlot | null);
  return disconnectFrom(sender, name ?? null, receiver, target);
}

function methodOf(receiver: object, name: string): AnySlot {
  const method = (receiver as Record<string, unknown>)[name];
  if (typeof method !== 'function') throw new TypeError(`The receiver has no method ${name}.`);
  return method as AnySlot;
}
