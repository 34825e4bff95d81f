import { setTimeout } from 'node:timers/promises';
import type { TopicBroker } from '../../../lib/brokers.ts';
import { QWebSocket, QWebSocketServer } from '../../../lib/index.ts';
import { emitted } from '../../support/emitted.ts';

/** A server of one process, as far as the broker can see, with its clients. */
export class Process {
  readonly server: QWebSocketServer = new QWebSocketServer('Process');
  readonly broker: TopicBroker;
  /** What the broker tells: the names of signals. */
  readonly told: string[] = [];
  /** What errors say. */
  readonly complaints: string[] = [];
  /** Why it was away. */
  readonly reasons: string[] = [];
  readonly #clients: QWebSocket[] = [];

  constructor(broker: TopicBroker) {
    this.broker = broker;
    for (const name of ['connected', 'disconnected', 'errorOccurred'] as const) {
      broker.on(name, () => void this.told.push(name));
    }
    broker.errorOccurred.connect((description) => this.complaints.push(description));
    broker.disconnected.connect((reason) => this.reasons.push(reason));
    this.server.setTopicBroker(broker);
    this.server.listen('127.0.0.1');
  }

  /** Connects a client; returns what it gets, and its end here. */
  async client(...topics: string[]): Promise<[got: unknown[], socket: QWebSocket]> {
    const client = new QWebSocket();
    this.#clients.push(client);
    const got: unknown[] = [];
    client.textMessageReceived.connect((message) => got.push(message));
    client.binaryMessageReceived.connect((message) => got.push([...message]));
    const arrived = emitted(this.server.newConnection);
    client.open(this.server.serverUrl());
    await Promise.all([arrived, emitted(client.connected)]);
    const socket = this.server.nextPendingConnection()!;
    for (const topic of topics) this.server.subscribe(socket, topic);
    return [got, socket];
  }

  /** Waits until nothing that is published on `topics` can pass it by. */
  async listensTo(...topics: string[]): Promise<void> {
    await isTrue(() => this.broker.isConnected());
    // It is answered behind the subscription.
    for (const topic of topics) await this.broker.latest(topic);
  }

  /** Waits until `value` is retained; nobody may have subscribed to `topic` here. */
  async hasStored(topic: string, value: string): Promise<void> {
    await isTrue(() => this.server.retainedMessage(topic) === value);
  }

  async end(): Promise<void> {
    this.server[Symbol.dispose]();
    for (const client of this.#clients) client.abort();
    await this.broker.close();
  }
}

/** Waits until `list` has `count` items, or more. */
export async function hasGot<Item>(list: readonly Item[], count: number): Promise<readonly Item[]> {
  while (list.length < count) await setTimeout(5);
  return list;
}

export async function isTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}
