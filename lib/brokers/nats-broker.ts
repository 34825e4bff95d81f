import { Kvm, type KV } from '@nats-io/kv';
import {
  connect,
  type Msg,
  type NatsConnection,
  type Subscription,
  type TlsOptions,
} from '@nats-io/transport-node';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { BrokerMessage } from '../websockets/topic-broker.ts';
import { brokerTlsOptions } from './broker-tls.ts';
import { secretsOf, type BrokerHost, type BrokerUrl } from './broker-url.ts';
import { readPayload } from './payload.ts';
import { RemoteBroker } from './remote-broker.ts';
import { toKey } from './topic-key.ts';

const PING_INTERVAL_MS = 5_000;
const MOST_UNANSWERED_PINGS = 2;
const RECONNECT_MS = 250;
const RETRY_MS = 250;

/** Longer than a server takes to be found hanging: what it has taken meanwhile counts then. */
const STORE_MS = 30_000;

/** JetStream's answer when a key that is to be created is there already. */
const ALREADY_THERE = 10071;

/**
 * Topics over NATS 2.9 and later with JetStream, through the clients `@nats-io/transport-node` and
 * `@nats-io/kv`.
 *
 * Retained values lie in a key-value store, which numbers them. The server publishes what it has stored
 * again, with its number, as `PREFIX.latest.KEY`; what is not retained goes to `PREFIX.message.KEY`.
 * So one plain subscription per topic has both, and no consumer is needed for it.
 */
export class NatsBroker extends RemoteBroker {
  readonly #dial: () => Promise<NatsConnection>;
  #connection: NatsConnection;
  readonly #prefix: string;
  readonly #subscriptions = new Map<string, Subscription>();
  #store!: KV;
  // Numbers begin again in a store that was made anew; the time of its making keeps them apart.
  #firstVersion = 0;
  #attempt = 0;
  #flushing: Promise<void> = Promise.resolve();
  #nextFlush: Promise<void> | undefined;
  #isClosed = false;

  /** @throws Error when NATS cannot be reached, or has no JetStream. */
  static async connect(
    url: BrokerUrl,
    prefix: string,
    timeout: number,
    tls?: QSslConfiguration,
  ): Promise<NatsBroker> {
    const dial = (): Promise<NatsConnection> =>
      connect({
        servers: url.hosts.map(addressOf),
        name: prefix,
        timeout,
        ...loginOf(url),
        // It hands on to Node what its types do not know.
        ...(url.isSecure && { tls: brokerTlsOptions(tls, url.hosts) as TlsOptions }),
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_MS,
        ignoreAuthErrorAbort: true,
        pingInterval: PING_INTERVAL_MS,
        maxPingOut: MOST_UNANSWERED_PINGS,
      });
    const broker = new NatsBroker(await dial(), dial, prefix, secretsOf(url));
    try {
      await broker.#open();
    } catch (error) {
      const hasJetStream = broker.#connection.info?.jetstream === true;
      await broker.close();
      if (hasJetStream) throw error;
      throw new Error(
        'It has no JetStream, which keeps the latest values: start nats-server with -js.',
        { cause: error },
      );
    }
    broker.up();
    void broker.#watch(broker.#connection);
    return broker;
  }

  private constructor(
    connection: NatsConnection,
    dial: () => Promise<NatsConnection>,
    prefix: string,
    secrets: readonly string[],
  ) {
    super(secrets);
    this.#connection = connection;
    this.#dial = dial;
    this.#prefix = prefix;
  }

  protected async send(topic: string, payload: Uint8Array): Promise<void> {
    try {
      this.#connection.publish(`${this.#prefix}.message.${toKey(topic)}`, payload);
    } catch (error) {
      this.fail(`A message on "${topic}" was not sent`, error);
      return;
    }
    await this.#flushed();
  }

  protected async store(topic: string, payload: Uint8Array): Promise<number> {
    const attempt = this.#attempt;
    try {
      return this.#version(await this.#store.put(toKey(topic), payload, { timeout: STORE_MS }));
    } catch (error) {
      // What was lost with a connection is published again after it.
      if (attempt === this.#attempt) this.fail(`The value of "${topic}" was not retained`, error);
      throw error;
    }
  }

  protected async putBack(topic: string, payload: Uint8Array): Promise<number> {
    try {
      return this.#version(await this.#store.create(toKey(topic), payload));
    } catch (error) {
      // What a store has that was made anew is newer than what was in the one before.
      if ((error as { code?: unknown }).code === ALREADY_THERE) return 0;
      this.fail(`The value of "${topic}" was not restored`, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#attempt++;
    this.down('The broker was closed.');
    await this.#connection.close();
  }

  protected async listen(topic: string): Promise<void> {
    // The client makes it again by itself when the connection was lost.
    if (this.#subscriptions.has(topic)) return;
    const subscription = this.#connection.subscribe(`${this.#prefix}.*.${toKey(topic)}`, {
      callback: (error, message) => {
        if (error === null) this.#receive(topic, message);
        else this.fail(`"${topic}" was not subscribed to`, error);
      },
    });
    this.#subscriptions.set(topic, subscription);
    await this.#flushed();
  }

  protected async ignore(topic: string): Promise<void> {
    const subscription = this.#subscriptions.get(topic);
    if (!this.#subscriptions.delete(topic)) return;
    subscription!.unsubscribe();
    await this.#flushed();
  }

  protected async fetch(topic: string): Promise<BrokerMessage | null> {
    const entry = await this.#store.get(toKey(topic));
    if (entry === null) return null;
    const version = this.#version(entry.revision);
    // Somebody else may have deleted it, or written what is none of ours.
    const content = entry.operation === 'PUT' ? readPayload(entry.value) : null;
    return { content: content ?? null, version };
  }

  #receive(topic: string, message: Msg): void {
    const revision = Number(message.headers?.get('Nats-Sequence') ?? 0);
    const content = message.data.length === 0 ? null : readPayload(message.data);
    if (content === undefined) return;
    const isRetained = message.subject.startsWith(`${this.#prefix}.latest.`);
    if (isRetained === revision > 0) {
      this.received(topic, { content, version: isRetained ? this.#version(revision) : 0 });
    }
  }

  #version(revision: number): number {
    return this.#firstVersion + revision;
  }

  async #open(): Promise<void> {
    const store = await new Kvm(this.#connection).create(this.#prefix, {
      history: 1,
      republish: { src: `$KV.${this.#prefix}.>`, dest: `${this.#prefix}.latest.>` },
    });
    const { streamInfo } = await store.status();
    // In microseconds: no store gets a million values in each second that it exists.
    this.#firstVersion = Date.parse(streamInfo.created) * 1000;
    this.#store = store;
  }

  /** Until the server has all that was sent; those who come while it is asked share the next question. */
  #flushed(): Promise<void> {
    const flush = (): Promise<void> => {
      this.#nextFlush = undefined;
      this.#flushing = this.#connection.flush();
      return this.#flushing;
    };
    this.#nextFlush ??= this.#flushing.then(flush, flush);
    return this.#nextFlush;
  }

  async #watch(connection: NatsConnection): Promise<void> {
    let reason = 'The connection was lost.';
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#attempt++;
        this.down(reason);
      } else if (status.type === 'staleConnection') {
        reason = 'NATS does not answer.';
        // By itself the client would wait until it has written all that it has.
        void connection.close();
      } else if (status.type === 'reconnect') {
        void this.#openAgain(++this.#attempt);
      } else if (status.type === 'error') {
        this.fail('NATS has refused something', status.error);
      }
    }
    this.#attempt++;
    this.down(reason);
    await this.#dialAgain();
  }

  async #dialAgain(): Promise<void> {
    this.#subscriptions.clear();
    while (!this.#isClosed) {
      try {
        this.#connection = await this.#dial();
      } catch {
        await rest();
        continue;
      }
      // The server may read the rest of the connection before, which is older than all that comes.
      await rest();
      if (this.#isClosed) return this.#connection.close();
      void this.#watch(this.#connection);
      return this.#openAgain(++this.#attempt);
    }
  }

  /** JetStream is there a moment later than NATS itself, and it may have lost the store. */
  async #openAgain(attempt: number): Promise<void> {
    while (attempt === this.#attempt) {
      try {
        await this.#open();
      } catch {
        await rest();
        continue;
      }
      if (attempt === this.#attempt) this.up();
      return;
    }
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
}

function addressOf({ name, port }: BrokerHost): string {
  return name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
}

function loginOf({
  user,
  password,
}: BrokerUrl): { token: string } | { user: string; pass: string } | {} {
  if (user === '') return {};
  return password === '' ? { token: user } : { user, pass: password };
}
