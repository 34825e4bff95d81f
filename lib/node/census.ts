import type { Duplex } from 'node:stream';
import { addressBlock } from '../network/address-block.ts';

type Counted = Duplex & { readonly remoteAddress?: string | undefined };

/** Who is connected to a server: each stream counts until it is closed. */
export class Census {
  readonly #blocks = new Map<Duplex, string>();
  readonly #counts = new Map<string, number>();
  // Streams call it, as `this`; it is one for all of them.
  readonly #forget: (this: Duplex) => void;

  constructor() {
    const remove = (stream: Duplex): void => this.#remove(stream);
    this.#forget = function (this: Duplex) {
      remove(this);
    };
  }

  /** How many streams there are. */
  get size(): number {
    return this.#blocks.size;
  }

  /** How many streams come from the client of `stream`; 0 where streams have no address. */
  neighbours(stream: Duplex): number {
    const block = blockOf(stream);
    return block === '' ? 0 : (this.#counts.get(block) ?? 0);
  }

  /** Counts a stream that is open, once. */
  add(stream: Duplex): void {
    if (this.#blocks.has(stream)) return;
    const block = blockOf(stream);
    this.#blocks.set(stream, block);
    this.#counts.set(block, (this.#counts.get(block) ?? 0) + 1);
    stream.on('close', this.#forget);
  }

  #remove(stream: Duplex): void {
    const block = this.#blocks.get(stream);
    if (block === undefined) return;
    this.#blocks.delete(stream);
    const left = this.#counts.get(block)! - 1;
    if (left > 0) this.#counts.set(block, left);
    else this.#counts.delete(block);
  }
}

/** Node remembers the address of a socket once it was asked for, also when that is closed. */
function blockOf({ remoteAddress = '' }: Counted): string {
  return addressBlock(remoteAddress);
}
