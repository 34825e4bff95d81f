import { withoutSecrets } from '../network/failure-text.ts';
import { TopicBroker, type BrokerMessage, type TopicContent } from '../websockets/topic-broker.ts';
import { Backlog } from './backlog.ts';
import { writePayload } from './payload.ts';
import { SubscriptionChanges } from './subscription-changes.ts';

/**
 * How long a message may be, in bytes. By its defaults Redis ends the connection of a subscriber that
 * has 32 MiB to read, or 8 MiB for a minute; and a value would be sent anew after that, again and again.
 */
const LONGEST_MESSAGE = 8 * 1024 * 1024;

/** How many latest values are asked for at the same time. */
const MOST_REQUESTS = 32;

/** How long to wait before a latest value is asked for again, in milliseconds. */
const RETRY_MS = 500;

/**
 * What brokers on the network have in common: it knows the subscriptions, makes them again, asks for
 * few latest values at a time, until it gets them, and bounds what is under way to the broker.
 */
export abstract class RemoteBroker extends TopicBroker {
  readonly #secrets: readonly string[];
  /** How often each topic is subscribed to. */
  readonly #wanted = new Map<string, number>();
  /** The questions that wait until fewer are under way, one for a topic. */
  readonly #unasked = new Map<string, Promise<BrokerMessage | null>>();
  /** What goes on with them, by their topics. */
  readonly #queue = new Map<string, () => void>();
  readonly #changes = new SubscriptionChanges((topic) =>
    this.isWanted(topic) ? this.listen(topic) : this.ignore(topic),
  );
  readonly #backlog = new Backlog((what) => this.#tell(`${what}.`));
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
    if (count === 0 && this.#isConnected) this.#changes.change(topic);
  }

  unsubscribe(topic: string): void {
    const count = this.#wanted.get(topic) ?? 0;
    if (count > 1) {
      this.#wanted.set(topic, count - 1);
    } else if (this.#wanted.delete(topic)) {
      if (this.#isConnected) this.#changes.change(topic);
      else void this.ignore(topic);
      // Its question is given up at once.
      this.#goOn(topic);
    }
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

  publish(topic: string, content: TopicContent): void {
    if (!this.#isConnected) return;
    const payload = writePayload(content);
    try {
      checkLength(payload);
      this.#backlog.send(payload.length, () => this.send(topic, payload));
    } catch (error) {
      this.fail(`A message on "${topic}" was not sent`, error);
    }
  }

  retain(topic: string, content: TopicContent | null): Promise<number> {
    const payload = writePayload(content);
    return this.#put(topic, payload, () => this.store(topic, payload));
  }

  restore(topic: string, content: TopicContent, version: number): Promise<number> {
    const payload = writePayload(content);
    return this.#put(topic, payload, () => this.putBack(topic, payload, version));
  }

  /** Sends a message; fulfilled when the broker has it, or it is lost. */
  protected abstract send(topic: string, payload: Uint8Array): Promise<unknown>;

  /** As {@link retain}. */
  protected abstract store(topic: string, payload: Uint8Array): Promise<number>;

  /** As {@link restore}. */
  protected abstract putBack(topic: string, payload: Uint8Array, version: number): Promise<number>;

  /** Subscribes at the broker, again is no harm; fulfilled when it knows, or the connection is lost. */
  protected abstract listen(topic: string): Promise<unknown>;

  /** Unsubscribes at the broker, also while it cannot be reached; fulfilled as {@link listen}. */
  protected abstract ignore(topic: string): Promise<unknown>;

  /** Asks for the latest value, behind what {@link listen} has asked for. */
  protected abstract fetch(topic: string): Promise<BrokerMessage | null>;

  protected isWanted(topic: string): boolean {
    return this.#wanted.has(topic);
  }

  protected up(): void {
    if (this.#isConnected || this.isDestroyed) return;
    this.#isConnected = true;
    this.#connection++;
    for (const topic of this.#wanted.keys()) void this.listen(topic);
    this.announce('connected');
  }

  protected down(reason: string): void {
    if (!this.#isConnected) return;
    this.#backlog.clear();
    this.#changes.clear();
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
    this.#tell(`${what}: ${messageOf(error)}`);
  }

  protected override destroy(): void {
    void this.close();
  }

  #tell(description: string): void {
    if (!this.#isConnected) return;
    this.announce('errorOccurred', withoutSecrets(description, this.#secrets));
  }

  async #put(topic: string, payload: Uint8Array, run: () => Promise<number>): Promise<number> {
    if (!this.#isConnected) throw new Error('The broker cannot be reached.');
    try {
      checkLength(payload);
    } catch (error) {
      this.fail(`The value of "${topic}" was not retained`, error);
      throw error;
    }
    return this.#backlog.store(topic, payload.length, run);
  }

  async #askInTurn(topic: string): Promise<BrokerMessage | null> {
    await this.#turnOf(topic);
    this.#unasked.delete(topic);
    return this.#ask(topic);
  }

  async #ask(topic: string): Promise<BrokerMessage | null> {
    const connection = this.#connection;
    this.#requests++;
    try {
      if (this.#changes.isWaiting(topic)) await this.#changes.turnOf(topic);
      for (;;) {
        if (!this.#isConnected || connection !== this.#connection || !this.isWanted(topic)) {
          throw new Error(`Nobody asks for "${topic}" any more.`);
        }
        const latest = await this.fetch(topic).catch((error: unknown) => {
          this.fail(`The latest value of "${topic}" is not known`, error);
        });
        if (latest !== undefined) return latest;
        await this.#rest(topic);
      }
    } finally {
      this.#leave();
    }
  }

  /** Waits before it is asked again, and lets others ask: what somebody has written there may never be read. */
  async #rest(topic: string): Promise<void> {
    this.#leave();
    await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS).unref());
    if (this.#requests >= MOST_REQUESTS) await this.#turnOf(topic);
    this.#requests++;
  }

  #leave(): void {
    this.#requests--;
    // Those that were given up have not left a place to anybody.
    const [topic] = this.#requests < MOST_REQUESTS ? this.#queue.keys() : [];
    if (topic !== undefined) this.#goOn(topic);
  }

  /** Waits until fewer are under way, or nobody wants `topic` any more. */
  #turnOf(topic: string): Promise<void> {
    return new Promise((resolve) => {
      const other = this.#queue.get(topic);
      this.#queue.set(topic, () => {
        other?.();
        resolve();
      });
    });
  }

  #goOn(topic: string): void {
    const resume = this.#queue.get(topic);
    this.#queue.delete(topic);
    resume?.();
  }
}

function checkLength({ length }: Uint8Array): void {
  if (length > LONGEST_MESSAGE) throw new RangeError('It is longer than 8 MiB.');
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
