import type { UseKind } from './findings.ts';
import { NEIGHBOUR_TYPES } from './neighbour-names.ts';
import { COMPANION_ENUMS, MODULE_TYPES, QML_TYPES, QOBJECT, type QtNames } from './qt-names.ts';

/** A member as Qt has it: of the type itself, or of QObject. */
export interface Member {
  readonly type: string;
  readonly kind: UseKind;
}

/** The member that `type` has under that name; undefined when it has none. */
export function memberOf(type: string, name: string): Member | undefined {
  const names = namesOf(type);
  const own = names === undefined ? undefined : kindIn(names, name);
  if (own !== undefined) return { type, kind: own };
  const inherited = kindIn(QOBJECT, name);
  return inherited === undefined ? undefined : { type: 'QObject', kind: inherited };
}

/** The signal that `type` has under that name: some are getters as well. */
export function signalOf(type: string, name: string): Member | undefined {
  if (namesOf(type)?.signals?.includes(name) === true) return { type, kind: 'signal' };
  return QOBJECT.signals?.includes(name) === true ? { type: 'QObject', kind: 'signal' } : undefined;
}

/** Whether `type` has an enumerator `name`, or an enum of that name. */
export function enumNameIn(type: string, name: string): 'enumerator' | 'enum' | undefined {
  const enums = COMPANION_ENUMS[type] ?? namesOf(type)?.enums ?? {};
  if (Object.hasOwn(enums, name)) return 'enum';
  return Object.values(enums).some((names) => names.includes(name)) ? 'enumerator' : undefined;
}

function namesOf(type: string): QtNames | undefined {
  if (Object.hasOwn(MODULE_TYPES, type)) return MODULE_TYPES[type];
  if (Object.hasOwn(NEIGHBOUR_TYPES, type)) return NEIGHBOUR_TYPES[type];
  return Object.hasOwn(QML_TYPES, type) ? QML_TYPES[type] : undefined;
}

function kindIn(names: QtNames, name: string): UseKind | undefined {
  if (names.methods?.includes(name) === true) return 'method';
  if (names.statics?.includes(name) === true) return 'static';
  if (names.signals?.includes(name) === true) return 'signal';
  return names.properties?.includes(name) === true ? 'property' : undefined;
}
