import type { AnyQObject } from '../core/any-qobject.ts';
import type { Connection } from '../core/connection.ts';
import { Signal } from '../core/signal.ts';
import type { ChannelClient } from './channel-client.ts';
import { DESTROYED, type ObjectTable } from './object-table.ts';

/** Learns what an object emits: the index of the signal, and what it carries. */
export type Listener = (published: PublishedObject, signal: number, args: unknown[]) => void;

/** An object that clients see, and by what name. */
export class PublishedObject {
  readonly id: string;
  readonly object: AnyQObject;
  readonly table: ObjectTable;
  /** Who may use it; undefined when it was registered: everybody. */
  readonly viewers: Set<ChannelClient> | undefined;
  readonly #connections: readonly Connection[];

  constructor(
    id: string,
    object: AnyQObject,
    table: ObjectTable,
    viewers: Set<ChannelClient> | undefined,
    listener: Listener,
  ) {
    this.id = id;
    this.object = object;
    this.table = table;
    this.viewers = viewers;
    this.#connections = table.signals.map((name, index) =>
      new Signal<unknown[]>(object, name).connect((...args) => listener(this, index, args)),
    );
  }

  /** Whether it was registered, and not found in something that was sent. */
  get isRegistered(): boolean {
    return this.viewers === undefined;
  }

  /** Whether the object has not been destroyed. */
  get isAlive(): boolean {
    return this.#connections[DESTROYED]!.isConnected();
  }

  /** Whether `client` may use the object. */
  isSeenBy(client: ChannelClient): boolean {
    return this.viewers?.has(client) ?? true;
  }

  /** Stops listening. */
  release(): void {
    for (const connection of this.#connections) connection.disconnect();
  }
}
