import type { Duplex } from 'node:stream';
import { Tally } from './tally.ts';

const countedAs: unique symbol = Symbol('counted as');

type Counted = Duplex & {
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

  /** How many streams `client` has; 0 for '', which is nobody. */
  count(client: string): number {
    return client === '' ? 0 : this.#tally.count(client);
  }

  /** Counts a stream of `client`, once; '' where that is not known. */
  add(stream: Counted, client: string): void {
    if (stream[countedAs] !== undefined) return;
    stream[countedAs] = client;
    this.#size++;
    this.#tally.add(client);
  }

  /** Has a stream that is counted already count for another client. */
  move(stream: Counted, client: string): void {
    const before = stream[countedAs];
    if (before === undefined) return;
    this.#tally.remove(before);
    this.#tally.add(client);
    stream[countedAs] = client;
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
