import type { Duplex } from 'node:stream';
import { addressBlock } from '../network/address-block.ts';
import { Tally } from './tally.ts';

const countedAs: unique symbol = Symbol('counted as');

type Counted = Duplex & {
  readonly remoteAddress?: string | undefined;
  // On the stream, for half of what it takes in a map.
  [countedAs]?: string | undefined;
};

/** Who is connected to a server. A stream can be counted by one at a time. */
export class Census {
  readonly #tally = new Tally();
  #size = 0;

  /** How many streams there are. */
  get size(): number {
    return this.#size;
  }

  /** How many streams come from the client of `stream`; 0 where streams have no address. */
  neighbours(stream: Duplex): number {
    const client = clientOf(stream);
    return client === '' ? 0 : this.#tally.count(client);
  }

  /** Counts a stream, once. */
  add(stream: Counted): void {
    if (stream[countedAs] !== undefined) return;
    const client = clientOf(stream);
    stream[countedAs] = client;
    this.#size++;
    this.#tally.add(client);
  }

  /** Takes back the {@link add}, if there was one. */
  remove(stream: Counted): void {
    const client = stream[countedAs];
    if (client === undefined) return;
    stream[countedAs] = undefined;
    this.#size--;
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
