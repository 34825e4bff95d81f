import { reportUncaught } from '../core/emission.ts';

/** What a {@link FlushQueue} hands on when a turn is over. */
export interface Flushable {
  flush(): void;
}

/**
 * Lets many messages of one turn of the event loop share one write per socket.
 *
 * A write costs more than everything else that is done for a small message. What is sent while
 * incoming bytes are worked off is written as soon as that is done; anything else in the next tick.
 */
export class FlushQueue {
  #waiting: Flushable[] = [];
  #isWorking = false;
  #isReporting = false;
  #isScheduled = false;

  /** Flushes `item` soon. */
  add(item: Flushable): void {
    this.#waiting.push(item);
    if (this.#isWorking || this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#isReporting) setImmediate(this.#tick);
    else process.nextTick(this.#tick);
  }

  /**
   * Calls the slots of bytesWritten by `tell`. What they send is flushed on the next turn of the
   * event loop: in the next tick it would be written, and told of, and answered again, and nothing
   * else would ever run while the system takes it all.
   */
  report(tell: () => void): void {
    this.#isReporting = true;
    try {
      tell();
    } finally {
      this.#isReporting = false;
    }
  }

  /** Says that what is added from now on is flushed by the next {@link end}. */
  begin(): void {
    this.#isWorking = true;
  }

  /** Flushes everything that was added. */
  end(): void {
    this.#isWorking = false;
    this.#flush();
  }

  readonly #tick = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };

  #flush(): void {
    const items = this.#waiting;
    if (items.length === 0) return;
    // Flushing may run slots, and they may send.
    this.#waiting = [];
    for (const item of items) {
      try {
        item.flush();
      } catch (error) {
        // A stream of the application's own has thrown: the other sockets have no part in that.
        reportUncaught(error);
      }
    }
  }
}

/** The queue of this process: the write of every socket waits for the same turn. */
export const flushQueue: FlushQueue = new FlushQueue();
