import { QObject, type AllSignals, type SignalArgs } from '../core/qobject.ts';
import { Signal, type Slot } from '../core/signal.ts';
import { Binding, noteRead } from './binding.ts';

/** Values for properties, or functions for their bindings. */
type Values<Self, Properties> = {
  [Name in keyof Properties]?: Properties[Name] | ((this: Self) => Properties[Name]);
};

/** Slots, each named after its signal: `onStatusChanged`. */
type Handlers<Self, Signals extends object> = {
  [Name in keyof Signals & string as `on${Capitalize<Name>}`]?: Slot<
    SignalArgs<Signals, Name>,
    Self
  >;
};

/** What stands between the braces of an element in QML. */
export type Init<Self, Signals extends object, Properties> = Values<Self, Properties> &
  Handlers<Self, AllSignals<Signals>>;

/** How each property that can be assigned takes a value. */
export type Writers<Self, Properties> = {
  readonly [Name in keyof Properties]: (this: Self, value: Properties[Name]) => void;
};

const HANDLER = /^on[A-Z]/;

/**
 * What the QML-style classes share: an object that is described by properties and handlers, and
 * whose properties announce their changes and can be bound to expressions.
 *
 * `Signals` maps each signal to its arguments, `Properties` each property that can be assigned to
 * its type.
 */
export abstract class Element<
  Signals extends object,
  Properties extends object,
> extends QObject<Signals> {
  #isComplete = false;
  #bindings: Map<keyof Properties, Pick<Binding<never>, 'break'>> | undefined;

  /**
   * Keeps `property` at what `expression` returns: it is evaluated now, and again whenever a
   * property of an element that it has read changes, as `Qt.binding()` in QML.
   *
   * Assigning a value ends the binding. Bindings that change each other without end are stopped
   * with a warning on the console. When the expression throws, the property keeps its value and the
   * error is reported as an uncaught exception.
   *
   * @see https://doc.qt.io/qt-6/qtqml-syntax-propertybinding.html
   */
  bind<Name extends keyof Properties & string>(
    property: Name,
    expression: (this: this) => Properties[Name],
  ): void {
    if (!Object.hasOwn(this.writers, property)) throw cannotAssign(property, property in this);
    const binding = new Binding(
      this,
      property,
      () => expression.call(this),
      (value) => this.writers[property].call(this, value),
    );
    this.#bindings ??= new Map();
    this.#bindings.get(property)?.break();
    this.#bindings.set(property, binding);
    binding.update();
  }

  protected abstract get writers(): Writers<this, Properties>;

  /** Called once the properties have their first values; before that, setters only store. */
  protected abstract componentComplete(): void;

  /** Whether setters have their effect: not before `componentComplete()`, nor once destroyed. */
  protected get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * Takes the properties and handlers of `init` and completes the element; for the end of a
   * constructor.
   *
   * As in QML, the handlers do not hear of literals, but of what expressions yield: functions,
   * lists and other objects.
   *
   * @throws TypeError for what is neither a property that can be assigned nor a handler of a
   * signal.
   */
  protected create(init: Init<this, Signals, Properties>): void {
    const values: [name: string, value: unknown][] = Object.entries(init);
    const handlers = values.filter(([name]) => HANDLER.test(name));
    const assigned = values.filter(([name]) => !HANDLER.test(name));
    const wrong = assigned.find(([name]) => !Object.hasOwn(this.writers, name));
    if (wrong !== undefined) throw cannotAssign(wrong[0], wrong[0] in this);

    for (const [name, value] of assigned) if (isLiteral(value)) this.#take(name, value);
    for (const [name, slot] of handlers) this.#handle(name, slot);
    for (const [name, value] of assigned) if (!isLiteral(value)) this.#take(name, value);
    this.#isComplete = true;
    this.componentComplete();
  }

  protected override destroy(): void {
    this.#isComplete = false;
  }

  /** Gives out `value` of a property whose changes are announced by `notifier`. */
  protected read<Value>(notifier: keyof Signals & string, value: Value): Value {
    noteRead(this, notifier);
    return value;
  }

  /** Assigns `value` to `property`, which is not bound any longer. */
  protected assign<Name extends keyof Properties>(property: Name, value: Properties[Name]): void {
    this.#bindings?.get(property)?.break();
    this.#bindings?.delete(property);
    this.writers[property].call(this, value);
  }

  #take(name: string, value: unknown): void {
    // create() has looked at the name; the value is the compiler's matter.
    const property = name as keyof Properties & string;
    if (typeof value === 'function') this.bind(property, value as () => never);
    else this.assign(property, value as never);
  }

  #handle(name: string, slot: unknown): void {
    const signalName = name.charAt(2).toLowerCase() + name.slice(3);
    const signal = (this as Readonly<Record<string, unknown>>)[signalName];
    if (!(signal instanceof Signal)) throw new TypeError(`There is no signal for "${name}".`);
    if (typeof slot !== 'function') throw new TypeError(`The handler "${name}" is no function.`);
    signal.connect(slot as Slot<unknown[]>);
  }
}

function isLiteral(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'object';
}

function cannotAssign(property: string, exists: boolean): TypeError {
  const what = exists ? 'read-only property' : 'non-existent property';
  return new TypeError(`Cannot assign to ${what} "${property}".`);
}
