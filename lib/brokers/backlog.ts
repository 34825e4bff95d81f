/** In bytes: what may be under way to a broker at a time. */
export const MOST_UNDER_WAY: number = 16 * 1024 * 1024;

/** In bytes: what a message takes besides its content, about. */
const OVERHEAD = 256;

/** A value that waits until there is room. */
interface Waiting {
  readonly length: number;
  readonly run: () => Promise<number>;
  readonly resolve: (version: Promise<number>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * What is under way to a broker that has not confirmed it. A broker may be slow, or hang for seconds
 * until that is found out: then the latest value of each topic waits, and other messages are dropped.
 */
export class Backlog {
  readonly #tell: (what: string) => void;
  readonly #waiting = new Map<string, Waiting>();
  #size = 0;
  #isBehind = false;
  #dropped = 0;
  // Counts connections: what was under way in an earlier one is so no longer.
  #connection = 0;

  /** @param tell - hears when messages are dropped, and how many were. */
  constructor(tell: (what: string) => void) {
    this.#tell = tell;
  }

  /** Sends a message by `run`, unless too much is under way. */
  send(length: number, run: () => Promise<unknown>): void {
    if (!this.#isFull()) {
      this.#run(length, run).catch(() => {});
    } else if (this.#dropped++ === 0) {
      this.#tell('The broker is behind: it gets no messages but the latest values');
    }
  }

  /**
   * Stores the value of `topic` by `run`, once there is room.
   *
   * @returns what `run` does; rejected when a newer value has come before there was room.
   */
  store(topic: string, length: number, run: () => Promise<number>): Promise<number> {
    if (!this.#isFull()) return this.#run(length, run);
    this.#waiting.get(topic)?.reject(new Error('A newer value has come.'));
    return new Promise((resolve, reject) => {
      this.#waiting.set(topic, { length, run, resolve, reject });
    });
  }

  /** Forgets what is under way, as its connection is lost. */
  clear(): void {
    this.#connection++;
    this.#size = 0;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#catchUp();
    for (const { reject } of waiting) reject(new Error('The connection was lost.'));
  }

  #isFull(): boolean {
    this.#isBehind ||= this.#size >= MOST_UNDER_WAY;
    return this.#isBehind;
  }

  async #run<Answer>(length: number, run: () => Promise<Answer>): Promise<Answer> {
    const connection = this.#connection;
    const size = length + OVERHEAD;
    this.#size += size;
    try {
      return await run();
    } finally {
      if (connection === this.#connection) {
        this.#size -= size;
        this.#catchUp();
      }
    }
  }

  #catchUp(): void {
    if (!this.#isBehind) return;
    for (const [topic, { length, run, resolve }] of this.#waiting) {
      if (this.#size >= MOST_UNDER_WAY) return;
      this.#waiting.delete(topic);
      resolve(this.#run(length, run));
    }
    // Not at each message to and fro.
    if (this.#size > MOST_UNDER_WAY / 2) return;
    this.#isBehind = false;
    if (this.#dropped > 0) {
      this.#tell(`While the broker was behind, messages were dropped: ${this.#dropped}`);
    }
    this.#dropped = 0;
  }
}
