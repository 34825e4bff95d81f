import { withoutSecrets } from '../network/failure-text.ts';
import { TopicBroker, type BrokerMessage } from '../websockets/topic-broker.ts';

/** How many latest values are asked for at the same time. */
const MOST_REQUESTS = 32;

/** How long to wait before a latest value is asked for again, in milliseconds. */
const RETRY_MS = 500;

/**
 * What brokers on the network have in common: it knows the subscriptions, makes them again, and asks
 * for few latest values at a time, until it gets them.
 */
export abstract class RemoteBroker extends TopicBroker {
  readonly #secrets: readonly string[];
  /** How often each topic is subscribed to. */
  readonly #wanted = new Map<string, number>();
  /** The questions that wait until fewer are under way, one for a topic. */
  readonly #unasked = new Map<string, Promise<BrokerMessage | null>>();
  readonly #queue: (() => void)[] = [];
  #requests = 0;
  // Counts connections: what was asked in an earlier one is not asked again in this one.
  #connection = 0;
  #isConnected = false;

  /** @param secrets what no signal may tell: a broker may repeat what it was sent. */
  protected constructor(secrets: readonly string[]) {
    super();
    this.#secrets = secrets;
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  subscribe(topic: string): void {
    const count = this.#wanted.get(topic) ?? 0;
    this.#wanted.set(topic, count + 1);
    if (count === 0 && this.#isConnected) this.listen(topic);
  }

  unsubscribe(topic: string): void {
    const count = this.#wanted.get(topic) ?? 0;
    if (count > 1) this.#wanted.set(topic, count - 1);
    else if (this.#wanted.delete(topic)) this.ignore(topic);
  }

  latest(topic: string): Promise<BrokerMessage | null> {
    if (this.#requests < MOST_REQUESTS) return this.#ask(topic);
    // Whoever asks before it is asked can share the answer.
    let answer = this.#unasked.get(topic);
    if (answer === undefined) {
      answer = this.#askInTurn(topic);
      this.#unasked.set(topic, answer);
    }
    return answer;
  }

  /** Subscribes at the broker; again is no harm. */
  protected abstract listen(topic: string): void;

  /** Unsubscribes at the broker, also while it cannot be reached. */
  protected abstract ignore(topic: string): void;

  /** Asks for the latest value, behind what {@link listen} has asked for. */
  protected abstract fetch(topic: string): Promise<BrokerMessage | null>;

  protected isWanted(topic: string): boolean {
    return this.#wanted.has(topic);
  }

  protected up(): void {
    if (this.#isConnected || this.isDestroyed) return;
    this.#isConnected = true;
    this.#connection++;
    for (const topic of this.#wanted.keys()) this.listen(topic);
    this.announce('connected');
  }

  protected down(reason: string): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.announce('disconnected', withoutSecrets(reason, this.#secrets));
  }

  protected received(topic: string, message: BrokerMessage): void {
    // After a version without end, nothing would be newer any more.
    if (!this.#wanted.has(topic) || !Number.isSafeInteger(message.version)) return;
    this.announce('messageReceived', topic, message);
  }

  /** Tells what has gone wrong while the broker could be reached; the rest follows from its absence. */
  protected fail(what: string, error: unknown): void {
    if (!this.#isConnected) return;
    this.announce('errorOccurred', withoutSecrets(`${what}: ${messageOf(error)}`, this.#secrets));
  }

  protected override destroy(): void {
    void this.close();
  }

  async #askInTurn(topic: string): Promise<BrokerMessage | null> {
    await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#unasked.delete(topic);
    return this.#ask(topic);
  }

  async #ask(topic: string): Promise<BrokerMessage | null> {
    const connection = this.#connection;
    this.#requests++;
    try {
      for (;;) {
        if (!this.#isConnected || connection !== this.#connection || !this.isWanted(topic)) {
          throw new Error(`Nobody asks for "${topic}" any more.`);
        }
        const latest = await this.fetch(topic).catch((error: unknown) => {
          this.fail(`The latest value of "${topic}" is not known`, error);
        });
        if (latest !== undefined) return latest;
        await this.#rest();
      }
    } finally {
      this.#leave();
    }
  }

  /** Waits before it is asked again, and lets others ask: what somebody has written there may never be read. */
  async #rest(): Promise<void> {
    this.#leave();
    await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS).unref());
    if (this.#requests >= MOST_REQUESTS) {
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    this.#requests++;
  }

  #leave(): void {
    this.#requests--;
    this.#queue.shift()?.();
  }
}

/** What an error says, also one that only gathers others, as of a host with several addresses. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // OpenSSL's message has addresses and lines of its source as well.
  const { library, reason } = error as { library?: unknown; reason?: unknown };
  return library === 'SSL routines' && typeof reason === 'string'
    ? `TLS: ${reason}`
    : error.message;
}
