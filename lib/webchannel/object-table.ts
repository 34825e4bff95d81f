import { checkType, QT_NAMES, type ChannelType } from './channel-type.ts';
import type { JsonObject, JsonValue } from './json-values.ts';

/** A property, at its index. */
export interface PropertyEntry {
  readonly name: string;
  /** The member to read, and to call when it is a method. */
  readonly read: string;
  /** The index of the signal that tells of changes. */
  readonly notify: number | undefined;
  /** The member to set, or to call when it is a method. */
  readonly write: string | undefined;
  readonly type: ChannelType;
}

/** A method, at its index. */
export interface MethodEntry {
  readonly name: string;
  readonly types: readonly ChannelType[];
}

/** What an ObjectDescription says, whatever the type of the object. */
export interface PlainDescription {
  readonly properties?: Readonly<
    Record<
      string,
      Partial<Pick<PropertyEntry, 'read' | 'type'>> & { notify?: string; write?: string }
    >
  >;
  readonly methods?: Readonly<Record<string, readonly ChannelType[]>>;
  readonly signals?: readonly string[];
  readonly enums?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The index of the signal that every object has: Qt's client connects to it by itself. */
export const DESTROYED = 0;

/**
 * A description in the terms of the protocol: members by index, as a QMetaObject has them. Signals come
 * first and methods behind them; properties are counted by themselves.
 */
export class ObjectTable {
  readonly properties: readonly PropertyEntry[];
  /** The names of the signals. */
  readonly signals: readonly string[];
  readonly #methods: readonly MethodEntry[];
  readonly #notify: ReadonlySet<number>;
  readonly #shown: JsonObject;

  /**
   * @throws TypeError when two members have the same name, of which a client could see only one, or
   * when there is no such type.
   */
  constructor({ properties = {}, methods = {}, signals = [], enums = {} }: PlainDescription) {
    const ofProperties = Object.values(properties).flatMap(({ notify }) => notify ?? []);
    this.signals = [...new Set(['destroyed', ...ofProperties, ...signals])];
    this.properties = Object.entries(properties).map(([name, { read, notify, write, type }]) => ({
      name,
      read: read ?? name,
      notify: notify === undefined ? undefined : this.signals.indexOf(notify),
      write,
      type: type ?? 'any',
    }));
    this.#notify = new Set(ofProperties.map((name) => this.signals.indexOf(name)));
    this.#methods = Object.entries(methods).map(([name, types]) => ({ name, types }));
    checkNames([
      ...this.signals,
      ...Object.keys(properties),
      ...Object.keys(methods),
      ...Object.keys(enums),
    ]);
    for (const { type } of this.properties) checkType(type);
    for (const { types } of this.#methods) types.forEach(checkType);
    this.#shown = this.#show(enums);
  }

  /** @throws TypeError when `object` lacks a member that is described. */
  check(object: object): void {
    const members = object as Record<string, unknown>;
    for (const { name } of this.#methods) {
      if (typeof members[name] !== 'function') throw new TypeError(`There is no method ${name}.`);
    }
    for (const { read, write = read } of this.properties) {
      const missing = [read, write].find((name) => !(name in members));
      if (missing !== undefined) throw new TypeError(`There is no member ${missing}.`);
    }
  }

  /** Whether this is the index of a signal. */
  hasSignal(index: unknown): index is number {
    return typeof index === 'number' && this.signals[index] !== undefined;
  }

  /** Whether the signal tells of the change of a property. */
  isNotify(signal: number): boolean {
    return this.#notify.has(signal);
  }

  /** The method with a name or an index, as a client gives it. */
  method(which: unknown): MethodEntry | undefined {
    if (typeof which === 'number') return this.#methods[which - this.signals.length];
    return this.#methods.find(({ name }) => name === which);
  }

  /** What a client is told of an object whose properties have the `values`. */
  show(values: readonly JsonValue[]): JsonObject {
    const properties = this.properties.map(({ name, notify }, index) => [
      index,
      name,
      notify === undefined ? [] : [this.#shortNotify(name, notify), notify],
      values[index]!,
    ]);
    return { ...this.#shown, properties };
  }

  /** The most common name is not sent: Qt's client puts it together again. */
  #shortNotify(property: string, notify: number): JsonValue {
    const name = this.signals[notify]!;
    return name === `${property}Changed` ? 1 : name;
  }

  #show(enums: PlainDescription['enums']): JsonObject {
    const signals = this.signals
      .map((name, index) => [name, index])
      .filter(([, index]) => !this.isNotify(index as number));
    signals.splice(1, 0, ['destroyed(QObject*)', DESTROYED]);
    const methods = this.#methods.flatMap(({ name, types }, place) => {
      const index = this.signals.length + place;
      const signature = `${name}(${types.map((type) => QT_NAMES[type]).join(',')})`;
      return [
        [name, index],
        [signature, index],
      ];
    });
    const named = Object.keys(enums ?? {}).length > 0;
    return { ...(named && { enums: structuredClone(enums) as JsonObject }), methods, signals };
  }
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`Two members are named ${twice}.`);
}
