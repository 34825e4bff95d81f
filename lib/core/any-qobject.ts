import type { Connections } from './connections.ts';

/**
 * A QObject whose signals are not known to the compiler, as a parent, a child or a sender.
 *
 * Compare it, or narrow it with `instanceof`.
 */
export interface AnyQObject {
  /** @internal */
  readonly '~connections': Connections;

  /** What destroys it when it is destroyed itself; `null` for none. */
  parent(): AnyQObject | null;
  /** See {@link QObject.setParent}. */
  setParent(parent: AnyQObject | null): void;
  /** What it destroys when it is destroyed itself, in the order in which it came. */
  children(): AnyQObject[];
  /** A name to find the object by; empty unless it was set. */
  objectName(): string;
  /** Sets the name to find the object by. */
  setObjectName(name: string): void;
  /** See {@link QObject.blockSignals}. */
  blockSignals(block: boolean): boolean;
  /** Whether its emissions are void. */
  signalsBlocked(): boolean;
  /** Destroys it on a later turn of the event loop; once is enough. */
  deleteLater(): void;
}
