import type { AnyQObject } from '../core/any-qobject.ts';
import { QObject } from '../core/qobject.ts';

/** Data as JSON has it. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** An object as JSON has it. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** What stands for a QObject in JSON. */
export const REFERENCE = '__QObject*__';

/** How deep values may be nested, as in Qt's JSON. */
export const MAX_DEPTH = 1024;

/** How deep values of clients may be nested: objects pass them on within something of their own. */
export const MAX_GIVEN_DEPTH: number = MAX_DEPTH / 2;

/**
 * `value` as JSON.stringify() sees it, with what `refer` makes of the QObjects in it; a new value
 * throughout. What has no place in JSON becomes null.
 *
 * @throws TypeError for a BigInt, RangeError for what is nested too deep or holds itself.
 */
export function toJson(
  value: unknown,
  refer: (object: AnyQObject) => JsonValue,
  depth = 0,
): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') throw new TypeError('JSON has no place for a BigInt.');
  if (typeof value !== 'object' || value === null) return null;
  if (depth === MAX_DEPTH) throw new RangeError('The value is nested too deep, or holds itself.');
  if (value instanceof QObject) return refer(value);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return toJson((value.toJSON as () => unknown)(), refer, depth + 1);
  }
  if (Array.isArray(value)) return value.map((item) => toJson(item, refer, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !isAbsent(item))
      .map(([name, item]) => [name, toJson(item, refer, depth + 1)]),
  );
}

/** Whether JSON leaves a member with this value out. */
function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

/**
 * Puts what `find` has in the place of the references to QObjects in `value`, as it came from
 * JSON.parse(); null for those that it does not know.
 *
 * @returns the value, or undefined when it is nested too deep.
 */
export function fromJson(
  value: unknown,
  find: (id: string) => AnyQObject | null,
): { readonly value: unknown } | undefined {
  return isDeeper(value, MAX_GIVEN_DEPTH) ? undefined : { value: resolve(value, find) };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function resolve(value: unknown, find: (id: string) => AnyQObject | null): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => resolve(item, find));
  const { [REFERENCE]: isReference, id } = value as Record<string, unknown>;
  // So Qt's client sees it, too: of what goes on to other clients, it would make an object that this
  // one has described.
  if (Boolean(isReference) && id !== undefined) return typeof id === 'string' ? find(id) : null;
  // Unlike an assignment, this leaves "__proto__" a name like any other.
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolve(item, find)]),
  );
}
