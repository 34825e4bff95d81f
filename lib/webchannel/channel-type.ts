import { QObject } from '../core/qobject.ts';

/** What arguments and values of clients can be declared as, and what the object is then given. */
export interface ChannelTypes {
  /** Whatever JSON can say: check it yourself. */
  any: unknown;
  array: unknown[];
  boolean: boolean;
  /** Finite. */
  number: number;
  object: Record<string, unknown>;
  /** An object of the channel that the client knows of; null for null, and for any other one. */
  QObject: QObject | null;
  string: string;
}

/** A name of {@link ChannelTypes}. */
export type ChannelType = keyof ChannelTypes;

/** What Qt calls a type in the signatures of methods. */
export const QT_NAMES: Readonly<Record<ChannelType, string>> = {
  any: 'QVariant',
  array: 'QVariantList',
  boolean: 'bool',
  number: 'double',
  object: 'QVariantMap',
  QObject: 'QObject*',
  string: 'QString',
};

const CHECKS: Readonly<Record<ChannelType, (value: unknown) => boolean>> = {
  any: () => true,
  array: (value) => Array.isArray(value),
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  object: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof QObject),
  QObject: (value) => value === null || value instanceof QObject,
  string: (value) => typeof value === 'string',
};

/** Whether `value`, which came as JSON and has had its QObjects put in, is of the type. */
export function isOfType(type: ChannelType, value: unknown): boolean {
  return CHECKS[type](value);
}

/** @throws TypeError when there is no type of this name. */
export function checkType(name: string): void {
  if (Object.hasOwn(CHECKS, name)) return;
  throw new TypeError(`There is no type ${name}, but ${Object.keys(CHECKS).join(', ')}.`);
}
