import { readFileSync } from 'node:fs';

/** How a member of a type of Qt is called. */
export type Kind =
  | 'constructor'
  | 'destructor'
  | 'operator'
  | 'method'
  | 'static'
  | 'slot'
  | 'signal'
  | 'virtual'
  | 'property'
  | 'qml-signal'
  | 'qml-method'
  /** The enumerators of an enum, as far as they are members of the type. */
  | 'enum';

/** A member of a type of Qt, with all its overloads. */
export interface Member {
  readonly name: string;
  readonly kind: Kind;
  readonly signatures: readonly string[];
  /** Of a property: whether it cannot be assigned. */
  readonly readOnly?: boolean;
  /** Of a property: the signal of its changes. */
  readonly notify?: string;
}

/** What a program can use of a type of Qt. */
export interface QtType {
  readonly members: readonly Member[];
  readonly enums?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The enums whose enumerators have no short form. */
  readonly scoped?: readonly string[];
}

interface QtSurface {
  /** The types of Qt WebSockets. */
  readonly types: Readonly<Record<string, QtType>>;
  /** The types of Qt Core and Qt Network that come with them, as far as they are used with them. */
  readonly companions: Readonly<Record<string, QtType>>;
}

/** The public surface of Qt WebSockets. */
export const qtSurface = JSON.parse(
  readFileSync('spec/surface/qt-surface.json', 'utf8'),
) as QtSurface;
