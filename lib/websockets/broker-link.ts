import { contentOf, prepare, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { BrokerMessage, TopicBroker, TopicContent } from './topic-broker.ts';
import { SharedState, type Topic } from './topic.ts';

/** What a {@link BrokerLink} needs of the topics of a server. */
export interface SharedTopics {
  find(name: string): Topic | undefined;
  /** A copy of the list. */
  all(): Topic[];
  deliver(topic: Topic, message: QWebSocketPreparedMessage, isRetained: boolean): number;
  /** Gives one socket the latest value, if there is one. */
  giveRetained(topic: Topic, socket: QWebSocketBase): void;
  discardIdle(topic: Topic): void;
}

/**
 * Stands between the topics of a server and their broker.
 *
 * While the broker can be reached, what is published goes to it, and comes back from there as it does
 * to all processes: so the order is the same for all, and the version of a retained value tells which
 * one is newer. While it cannot, the subscribers of this process get what is published here, and the
 * latest retained value of each topic waits for it.
 */
export class BrokerLink {
  readonly #broker: TopicBroker;
  readonly #topics: SharedTopics;

  constructor(broker: TopicBroker, topics: SharedTopics) {
    this.#broker = broker;
    this.#topics = topics;
    for (const topic of topics.all()) {
      // What was published before may be older than what the broker has.
      topic.shared.isOwn = topic.retained !== undefined;
      if (topic.subscribers.size > 0) broker.subscribe(topic.name);
    }
    broker.messageReceived.connect(this, (name, message) => this.#receive(name, message));
    broker.latestReceived.connect(this, (name, latest) => this.#receiveLatest(name, latest));
    broker.connected.connect(this, () => this.#connect());
    broker.disconnected.connect(this, () => this.#disconnect());
    if (broker.isConnected()) this.#connect();
  }

  get broker(): TopicBroker {
    return this.#broker;
  }

  /** Whether messages go by the broker, and not straight to the subscribers. */
  get isOpen(): boolean {
    return this.#broker.isConnected();
  }

  /** Leaves the broker to others. */
  close(): void {
    this.#broker.disconnect(this);
    for (const topic of this.#topics.all()) {
      if (topic.subscribers.size > 0) this.#broker.unsubscribe(topic.name);
      this.#serve(topic);
      topic.shared = new SharedState();
      this.#topics.discardIdle(topic);
    }
  }

  /** Learns of a subscriber, and whether it is the first one. */
  join(topic: Topic, socket: QWebSocketBase, isFirst: boolean): void {
    const { shared } = topic;
    // What is known here may be older than what the socket has got from another process.
    if (this.isOpen && !shared.isCurrent) shared.waiting.add(socket);
    else this.#topics.giveRetained(topic, socket);
    if (isFirst) this.#broker.subscribe(topic.name);
  }

  /** Learns that a subscriber has gone, and whether it was the last one. */
  leave(topic: Topic, socket: QWebSocketBase, isLast: boolean): void {
    const { shared } = topic;
    shared.waiting.delete(socket);
    if (!isLast) return;
    this.#broker.unsubscribe(topic.name);
    shared.isCurrent = false;
    if (!shared.isOwn) topic.retained = undefined;
  }

  publish(name: string, message: QWebSocketPreparedMessage): void {
    this.#broker.publish(name, plain(message));
  }

  /** Makes `message` the retained value, or clears it; returns how many sockets have got it at once. */
  retain(topic: Topic, message: QWebSocketPreparedMessage | null): number {
    topic.shared.unsent = message;
    topic.shared.isOwn = message !== null;
    if (!this.isOpen) return this.#show(topic, message);
    this.#store(topic, message);
    return 0;
  }

  #connect(): void {
    for (const topic of this.#topics.all()) {
      const { shared, retained, subscribers } = topic;
      if (shared.unsent !== undefined) {
        shared.isEchoed = true;
        this.#store(topic, shared.unsent);
      } else if (retained !== undefined) {
        shared.isInDoubt = subscribers.size > 0;
        if (!shared.isInDoubt) this.#restore(topic, retained);
      }
    }
  }

  #disconnect(): void {
    for (const topic of this.#topics.all()) {
      const { shared } = topic;
      shared.isCurrent = false;
      if (shared.unsent !== undefined && !isSame(topic.retained, shared.unsent)) {
        this.#show(topic, shared.unsent);
      }
      this.#serve(topic);
    }
  }

  #receive(name: string, message: BrokerMessage): void {
    const topic = this.#topics.find(name);
    if (topic === undefined || topic.subscribers.size === 0) return;
    if (message.version > 0) this.#take(topic, message);
    else if (message.content !== null) this.#topics.deliver(topic, prepare(message.content), false);
  }

  #receiveLatest(name: string, latest: BrokerMessage | null): void {
    const topic = this.#topics.find(name);
    if (topic === undefined || topic.subscribers.size === 0) return;
    const { shared } = topic;
    shared.isCurrent = true;
    if (latest !== null) this.#take(topic, latest);
    this.#serve(topic);
    const isLost = shared.isInDoubt && (latest?.version ?? 0) < shared.version;
    shared.isInDoubt = false;
    if (!isLost || topic.retained === undefined || shared.unsent !== undefined) return;
    shared.isEchoed = true;
    this.#restore(topic, topic.retained);
  }

  /** Takes a retained value, unless a newer one is known. */
  #take(topic: Topic, { content, version }: BrokerMessage): void {
    const { shared } = topic;
    if (version <= shared.version) return;
    const message = content === null ? null : prepare(content);
    const isShown = shared.isEchoed && isSame(topic.retained, message);
    shared.version = version;
    shared.isEchoed = false;
    shared.isInDoubt = false;
    if (!isShown) this.#show(topic, message);
  }

  #show(topic: Topic, message: QWebSocketPreparedMessage | null): number {
    topic.shared.waiting.clear();
    if (message !== null) return this.#topics.deliver(topic, message, true);
    topic.retained = undefined;
    return 0;
  }

  /** Gives the latest value to those who wait for it. */
  #serve(topic: Topic): void {
    const { waiting } = topic.shared;
    if (waiting.size === 0) return;
    const sockets = [...waiting];
    waiting.clear();
    for (const socket of sockets) this.#topics.giveRetained(topic, socket);
  }

  #store(topic: Topic, message: QWebSocketPreparedMessage | null): void {
    this.#broker.retain(topic.name, message === null ? null : plain(message)).then(
      (version) => this.#stored(topic, message, version),
      () => this.#notStored(topic, message),
    );
  }

  #stored(topic: Topic, message: QWebSocketPreparedMessage | null, version: number): void {
    const { shared } = topic;
    if (shared.unsent === message) shared.unsent = undefined;
    // Subscribers get it from the broker, in its place among the others.
    if (topic.subscribers.size === 0 && version > shared.version) {
      shared.version = version;
      topic.retained = message ?? undefined;
    }
    this.#topics.discardIdle(topic);
  }

  #notStored(topic: Topic, message: QWebSocketPreparedMessage | null): void {
    if (this.isOpen || topic.shared.unsent !== message || isSame(topic.retained, message)) return;
    this.#show(topic, message);
  }

  #restore(topic: Topic, message: QWebSocketPreparedMessage): void {
    const { shared } = topic;
    this.#broker.restore(topic.name, plain(message), shared.version).then(
      (version) => this.#restored(topic, message, version),
      () => {
        // The broker has told why; the next connection tries again.
      },
    );
  }

  #restored(topic: Topic, message: QWebSocketPreparedMessage, version: number): void {
    const { shared } = topic;
    if (version === 0) shared.isEchoed = false;
    if (topic.subscribers.size > 0 || topic.retained !== message) return;
    // Somebody else has published a newer one.
    if (version === 0) topic.retained = undefined;
    else shared.version = version;
    this.#topics.discardIdle(topic);
  }
}

function plain(message: QWebSocketPreparedMessage): TopicContent {
  const { text, data } = contentOf(message);
  return text ?? data;
}

function isSame(
  one: QWebSocketPreparedMessage | undefined,
  other: QWebSocketPreparedMessage | null,
): boolean {
  if (one === undefined || other === null) return one === undefined && other === null;
  if (one === other) return true;
  const [first, second] = [plain(one), plain(other)];
  if (typeof first === 'string' || typeof second === 'string') return first === second;
  return first.length === second.length && first.every((byte, index) => byte === second[index]);
}
