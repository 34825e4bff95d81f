import { sizeOf, type KeptMessage } from './outgoing-message.ts';
import { QueuePolicy } from './queue-policy.ts';

/** How much may wait for one socket. */
export interface QueueLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** A message that waits, and its neighbours. */
interface Entry {
  readonly key: string | undefined;
  message: KeptMessage;
  size: number;
  /** How many messages without a key had come before. */
  readonly epoch: number;
  previous: Entry | undefined;
  next: Entry | undefined;
}

/**
 * The messages that wait for one socket, in the order in which they are to be sent, within limits.
 *
 * A newer value takes the place of the older one under its key, where that waits: at the end, a key
 * that changes all the time would never have its turn. But it never gets ahead of a message without
 * a key that was there before it, such as a snapshot of all values: then it goes to the end.
 */
export class WaitingMessages {
  readonly #policy: QueuePolicy;
  readonly #limits: QueueLimits;
  readonly #byKey: Map<string, Entry> | undefined;
  #first: Entry | undefined;
  #last: Entry | undefined;
  #count = 0;
  #bytes = 0;
  #epoch = 0;
  #dropped = 0;

  constructor(policy: QueuePolicy, limits: QueueLimits) {
    this.#policy = policy;
    this.#limits = limits;
    if (policy === QueuePolicy.LatestPerKey) this.#byKey = new Map();
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** How long they are in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many were refused, pushed out or replaced so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether there may be no more, nor fewer, so that the connection has to end. */
  get isStrict(): boolean {
    return this.#policy === QueuePolicy.Disconnect || this.#policy === QueuePolicy.LatestPerKey;
  }

  /** Keeps `message`; returns whether it does. */
  add(message: KeptMessage, key?: string): boolean {
    const size = sizeOf(message);
    const older = key === undefined ? undefined : this.#byKey?.get(key);
    if (older !== undefined) return this.#replace(older, message, size);
    if (this.#policy === QueuePolicy.DropOldest) this.#makeRoom(size);
    if (!this.#hasRoom(1, size)) {
      this.#dropped++;
      return false;
    }
    if (key === undefined) this.#epoch++;
    this.#append(message, size, key);
    return true;
  }

  /** Takes out the one whose turn it is; `undefined` when there is none. */
  shift(): KeptMessage | undefined {
    const entry = this.#first;
    if (entry !== undefined) this.#remove(entry);
    return entry?.message;
  }

  /** Takes those out that came with `key`; they do not count as dropped. */
  discard(key: string): void {
    let entry = this.#first;
    while (entry !== undefined) {
      const { next } = entry;
      if (entry.key === key) this.#remove(entry);
      entry = next;
    }
  }

  /** Takes all of them out; they do not count as dropped. */
  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#count = 0;
    this.#bytes = 0;
    this.#byKey?.clear();
  }

  #replace(older: Entry, message: KeptMessage, size: number): boolean {
    this.#dropped++;
    if (!this.#hasRoom(0, size - older.size)) return false;
    if (older.epoch === this.#epoch) {
      this.#bytes += size - older.size;
      older.message = message;
      older.size = size;
    } else {
      this.#remove(older);
      this.#append(message, size, older.key);
    }
    return true;
  }

  #hasRoom(messages: number, bytes: number): boolean {
    const { maxMessages, maxBytes } = this.#limits;
    return this.#count + messages <= maxMessages && this.#bytes + bytes <= maxBytes;
  }

  /** Drops the oldest as far as that helps. */
  #makeRoom(size: number): void {
    if (size > this.#limits.maxBytes) return;
    while (!this.#hasRoom(1, size) && this.shift() !== undefined) this.#dropped++;
  }

  #append(message: KeptMessage, size: number, key: string | undefined): void {
    const previous = this.#last;
    const entry = { key, message, size, epoch: this.#epoch, previous, next: undefined };
    if (previous === undefined) this.#first = entry;
    else previous.next = entry;
    this.#last = entry;
    this.#count++;
    this.#bytes += size;
    if (key !== undefined) this.#byKey?.set(key, entry);
  }

  #remove({ key, size, previous, next }: Entry): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#count--;
    this.#bytes -= size;
    if (key !== undefined) this.#byKey?.delete(key);
  }
}
