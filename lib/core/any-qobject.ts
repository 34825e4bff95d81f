import type { Connections } from './connections.ts';

/**
 * A QObject whose signals are not known to the compiler, as a parent, a child or a sender.
 *
 * Compare it, or narrow it with `instanceof`.
 */
export interface AnyQObject {
  /** @internal */
  readonly '~connections': Connections;

  parent(): AnyQObject | null;
  setParent(parent: AnyQObject | null): void;
  children(): AnyQObject[];
  objectName(): string;
  setObjectName(name: string): void;
  blockSignals(block: boolean): boolean;
  signalsBlocked(): boolean;
  deleteLater(): void;
}
