import type { AnyQObject } from '../core/any-qobject.ts';
import type { QObject } from '../core/qobject.ts';

/** Calls the setter `name` with `values`, or assigns the first one; `signal` tells of the change. */
export function writeMember(
  object: AnyQObject,
  name: string,
  values: readonly unknown[],
  signal: string | undefined,
): unknown {
  const members = object as unknown as Record<string, unknown>;
  const before = members[name];
  if (typeof before === 'function') return before.apply(object, values) as unknown;
  members[name] = values[0];
  // As moc has it for a MEMBER without WRITE: who has a setter emits in there.
  if (signal !== undefined && isVariable(object, name) && !Object.is(before, values[0])) {
    (object as unknown as QObject<Record<string, unknown[]>>).emit(signal, values[0]);
  }
  return undefined;
}

/** Whether the member is no accessor. */
function isVariable(object: object, name: string): boolean {
  for (
    let at: object | null = object;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const member = Object.getOwnPropertyDescriptor(at, name);
    if (member !== undefined) return 'value' in member;
  }
  return false;
}
