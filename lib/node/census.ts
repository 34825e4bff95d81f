import type { Duplex } from 'node:stream';
import { addressBlock } from '../network/address-block.ts';
import { Tally } from './tally.ts';

type Counted = Duplex & { readonly remoteAddress?: string | undefined };

/** Who is connected to a server. */
export class Census {
  readonly #clients = new Map<Duplex, string>();
  readonly #tally = new Tally();

  /** How many streams there are. */
  get size(): number {
    return this.#clients.size;
  }

  /** How many streams come from the client of `stream`; 0 where streams have no address. */
  neighbours(stream: Duplex): number {
    const client = clientOf(stream);
    return client === '' ? 0 : this.#tally.count(client);
  }

  /** Counts a stream, once. */
  add(stream: Duplex): void {
    if (this.#clients.has(stream)) return;
    const client = clientOf(stream);
    this.#clients.set(stream, client);
    this.#tally.add(client);
  }

  /** Takes back the {@link add}, if there was one. */
  remove(stream: Duplex): void {
    const client = this.#clients.get(stream);
    if (client === undefined) return;
    this.#clients.delete(stream);
    this.#tally.remove(client);
  }
}

/**
 * The {@link addressBlock} that `stream` comes from; '' where streams have no address.
 *
 * Node remembers the address of a socket once it was asked for, also when that is closed.
 */
export function clientOf({ remoteAddress = '' }: Counted): string {
  return addressBlock(remoteAddress);
}
