import { TopicBroker, type BrokerMessage } from '../websockets/topic-broker.ts';

/** How many latest values are asked for at the same time. */
const MOST_REQUESTS = 32;

/** How long to wait before a latest value is asked for again, in milliseconds. */
const RETRY_MS = 500;

/**
 * What brokers on the network have in common: it knows the subscriptions, makes them again, and asks
 * for the latest value of each topic once the subscription holds.
 */
export abstract class RemoteBroker extends TopicBroker {
  /** How often each topic is subscribed to. */
  readonly #wanted = new Map<string, number>();
  /** Topics whose latest value is still to be asked for. */
  readonly #unknown = new Set<string>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  #requests = 0;
  // Counts connections: what was asked in an earlier one is asked again in this one.
  #connection = 0;
  #isConnected = false;

  isConnected(): boolean {
    return this.#isConnected;
  }

  subscribe(topic: string): void {
    this.#wanted.set(topic, (this.#wanted.get(topic) ?? 0) + 1);
    if (this.#isConnected) this.#begin(topic);
  }

  unsubscribe(topic: string): void {
    const count = this.#wanted.get(topic) ?? 0;
    if (count > 1) {
      this.#wanted.set(topic, count - 1);
      return;
    }
    if (!this.#wanted.delete(topic)) return;
    this.#unknown.delete(topic);
    this.ignore(topic);
  }

  /** Subscribes at the broker; again is no harm. */
  protected abstract listen(topic: string): void;

  /** Unsubscribes at the broker, also while it cannot be reached. */
  protected abstract ignore(topic: string): void;

  /** Asks for the latest value, behind what {@link listen} has asked for. */
  protected abstract latest(topic: string): Promise<BrokerMessage | null>;

  protected isWanted(topic: string): boolean {
    return this.#wanted.has(topic);
  }

  protected up(): void {
    if (this.#isConnected || this.isDestroyed) return;
    this.#isConnected = true;
    this.#connection++;
    this.announce('connected');
    const wanted = [...this.#wanted.keys()];
    for (const topic of wanted) this.#begin(topic);
  }

  protected down(reason: string): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#unknown.clear();
    for (const retry of this.#retries) clearTimeout(retry);
    this.#retries.clear();
    this.announce('disconnected', reason);
  }

  protected received(topic: string, message: BrokerMessage): void {
    if (this.#wanted.has(topic)) this.announce('messageReceived', topic, message);
  }

  /** Tells what has gone wrong while the broker could be reached; the rest follows from its absence. */
  protected fail(what: string, error: unknown): void {
    if (this.#isConnected) this.announce('errorOccurred', `${what}: ${messageOf(error)}`);
  }

  protected override destroy(): void {
    void this.close();
  }

  #begin(topic: string): void {
    if (!this.#isConnected || !this.#wanted.has(topic)) return;
    this.listen(topic);
    this.#unknown.add(topic);
    this.#ask();
  }

  #ask(): void {
    for (const topic of this.#unknown) {
      if (this.#requests === MOST_REQUESTS) return;
      this.#unknown.delete(topic);
      this.#requests++;
      void this.#askFor(topic, this.#connection);
    }
  }

  async #askFor(topic: string, connection: number): Promise<void> {
    let latest: BrokerMessage | null | undefined;
    try {
      latest = await this.latest(topic);
    } catch (error) {
      this.fail(`The latest value of "${topic}" is not known`, error);
    }
    this.#requests--;
    if (this.#isConnected && connection === this.#connection && this.#wanted.has(topic)) {
      if (latest === undefined) this.#askLater(topic);
      else this.announce('latestReceived', topic, latest);
    }
    this.#ask();
  }

  #askLater(topic: string): void {
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      if (!this.#wanted.has(topic)) return;
      this.#unknown.add(topic);
      this.#ask();
    }, RETRY_MS);
    retry.unref();
    this.#retries.add(retry);
  }
}

/** What an error says, also one that only gathers others, as of a host with several addresses. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
