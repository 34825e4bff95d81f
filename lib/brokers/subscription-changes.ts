/** How many may be under way to a broker at the same time. */
export const MOST_CHANGES = 1024;

/**
 * The subscriptions and their ends that a broker is to hear of. Clients that come and go may ask for
 * more of them than a broker can take: those that are not under way yet wait, and one and its opposite
 * cancel each other.
 */
export class SubscriptionChanges {
  readonly #run: (topic: string) => Promise<unknown>;
  // With those who want to know when the turn of their topic has come.
  readonly #waiting = new Map<string, (() => void)[]>();
  #underWay = 0;
  // Counts connections: what was under way in an earlier one is so no longer.
  #connection = 0;

  /** @param run has the broker know whether a topic is subscribed to; fulfilled when it does, or never will. */
  constructor(run: (topic: string) => Promise<unknown>) {
    this.#run = run;
  }

  /** Learns that a topic is subscribed to, or is so no more: each time the opposite of before. */
  change(topic: string): void {
    const askers = this.#waiting.get(topic);
    if (askers !== undefined) {
      this.#waiting.delete(topic);
      for (const tell of askers) tell();
    } else if (this.#underWay < MOST_CHANGES) {
      void this.#begin(topic);
    } else {
      this.#waiting.set(topic, []);
    }
  }

  /** Whether the broker is still to be told of a change of `topic`. */
  isWaiting(topic: string): boolean {
    return this.#waiting.has(topic);
  }

  /** Waits until no change of `topic` waits. */
  async turnOf(topic: string): Promise<void> {
    const askers = this.#waiting.get(topic);
    if (askers !== undefined) await new Promise<void>((resolve) => askers.push(resolve));
  }

  /** Forgets everything, as the connection is lost. */
  clear(): void {
    this.#connection++;
    this.#underWay = 0;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const askers of waiting) for (const tell of askers) tell();
  }

  async #begin(topic: string): Promise<void> {
    const connection = this.#connection;
    this.#underWay++;
    await this.#run(topic);
    if (connection !== this.#connection) return;
    this.#underWay--;
    for (const [next, askers] of this.#waiting) {
      if (this.#underWay >= MOST_CHANGES) return;
      this.#waiting.delete(next);
      void this.#begin(next);
      for (const tell of askers) tell();
    }
  }
}
