import type { AnyQObject } from '../core/any-qobject.ts';
import { ConnectionType } from '../core/connection-type.ts';
import type { Connection } from '../core/connection.ts';
import { reportUncaught } from '../core/emission.ts';
import { Signal } from '../core/signal.ts';

// Which expression is being evaluated belongs to no object: a property that is read has nothing
// else to learn from who reads it. Evaluation is synchronous; each one puts back what it found.
let reads: Signal<[]>[] | undefined;

/** Says that a property is read whose changes `sender` announces by the signal `notifier`. */
export function noteRead(sender: AnyQObject, notifier: string): void {
  reads?.push(new Signal(sender, notifier));
}

/**
 * Keeps a property at the value of an expression: whenever a property that the expression has read
 * changes, it is evaluated anew, as bindings are in QML.
 *
 * An expression that throws leaves the property as it is; the error is reported as an uncaught
 * exception. It is tried again when something that it has read until then changes.
 *
 * @see https://doc.qt.io/qt-6/qtqml-syntax-propertybinding.html
 */
export class Binding<Value> {
  readonly #owner: AnyQObject;
  readonly #property: string;
  readonly #read: () => Value;
  readonly #write: (value: Value) => void;
  readonly #update = (): void => this.update();
  #connections: Connection[] = [];
  #isUpdating = false;
  #isBroken = false;

  /** @param owner has the property; with it the binding ends. */
  constructor(
    owner: AnyQObject,
    property: string,
    read: () => Value,
    write: (value: Value) => void,
  ) {
    this.#owner = owner;
    this.#property = property;
    this.#read = read;
    this.#write = write;
  }

  /** Evaluates the expression and writes the property; a loop is warned of and goes no further. */
  update(): void {
    if (this.#isUpdating) {
      console.warn(`Binding loop detected for property "${this.#property}".`);
      return;
    }
    this.#isUpdating = true;
    try {
      const value = this.#evaluate();
      if (!this.#isBroken) this.#write(value);
    } catch (error) {
      reportUncaught(error);
    } finally {
      this.#isUpdating = false;
    }
  }

  /** Ends the binding; the property keeps its value. */
  break(): void {
    this.#isBroken = true;
    this.#depend([]);
  }

  #evaluate(): Value {
    const outer = reads;
    const own: Signal<[]>[] = [];
    reads = own;
    try {
      return this.#read();
    } finally {
      reads = outer;
      this.#depend(this.#isBroken ? [] : own);
    }
  }

  #depend(signals: Signal<[]>[]): void {
    for (const connection of this.#connections) connection.disconnect();
    this.#connections = signals.map((signal) =>
      signal.connect(this.#owner, this.#update, ConnectionType.UniqueConnection),
    );
  }
}
