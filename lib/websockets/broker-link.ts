import type { QWebSocketBase } from './qwebsocket-base.ts';
import { prepare } from './outgoing-message.ts';
import { contentOf, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
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
 * one is newer. Each new subscriber has the broker asked, as it may have seen more in another process
 * than has come here. While the broker cannot be reached, the subscribers of this process get what is
 * published here, and the latest retained value of each topic waits for it.
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
      const behind = takeBehind(topic.shared);
      topic.shared = new SharedState();
      for (const socket of behind) this.#topics.giveRetained(topic, socket);
      this.#topics.discardIdle(topic);
    }
  }

  /** Learns of a subscriber, and whether it is the first one. */
  join(topic: Topic, socket: QWebSocketBase, isFirst: boolean): void {
    if (isFirst) this.#broker.subscribe(topic.name);
    if (this.isOpen) {
      topic.shared.waiting.add(socket);
      this.#ask(topic);
    } else {
      this.#topics.giveRetained(topic, socket);
    }
  }

  /** Learns that a subscriber has gone, and whether it was the last one. */
  leave(topic: Topic, socket: QWebSocketBase, isLast: boolean): void {
    const { shared } = topic;
    shared.waiting.delete(socket);
    shared.asking?.delete(socket);
    if (!isLast) return;
    this.#broker.unsubscribe(topic.name);
    shared.asking = undefined;
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
      const isUnsent = shared.unsent !== undefined;
      if (shared.unsent !== undefined) {
        shared.isEchoed = true;
        this.#store(topic, shared.unsent);
      }
      if (subscribers.size > 0) {
        shared.isInDoubt = retained !== undefined && !isUnsent;
        this.#ask(topic);
      } else if (retained !== undefined && !isUnsent) {
        this.#restore(topic, retained);
      }
    }
  }

  #disconnect(): void {
    for (const topic of this.#topics.all()) {
      const { unsent } = topic.shared;
      const behind = takeBehind(topic.shared);
      if (unsent !== undefined && !isSame(topic.retained, unsent)) this.#show(topic, unsent);
      else for (const socket of behind) this.#topics.giveRetained(topic, socket);
    }
  }

  /** Has the broker tell the latest value, once at a time. */
  #ask(topic: Topic): void {
    const { shared } = topic;
    if (shared.asking !== undefined) return;
    const asking = new Set(shared.waiting);
    shared.asking = asking;
    shared.waiting.clear();
    this.#broker.latest(topic.name).then(
      (latest) => this.#answer(topic, asking, latest),
      () => {
        // It is away, which it tells as well, or nobody is there any more.
      },
    );
  }

  #answer(topic: Topic, asking: Set<QWebSocketBase>, latest: BrokerMessage | null): void {
    const { shared } = topic;
    // It may have been away meanwhile, and was asked anew then.
    if (shared.asking !== asking) return;
    if (latest !== null) this.#take(topic, latest);
    shared.asking = undefined;
    for (const socket of asking) this.#topics.giveRetained(topic, socket);
    this.#restoreLost(topic, latest);
    if (shared.waiting.size > 0) this.#ask(topic);
  }

  #receive(name: string, message: BrokerMessage): void {
    const topic = this.#topics.find(name);
    if (topic === undefined || topic.subscribers.size === 0) return;
    if (message.version > 0) this.#take(topic, message);
    else if (message.content !== null) {
      this.#topics.deliver(topic, prepare(message.content), false);
    }
  }

  /** Takes a retained value, unless a newer one is known. */
  #take(topic: Topic, { content, version }: BrokerMessage): void {
    const { shared } = topic;
    if (version <= shared.version) return;
    const message = content === null ? null : prepare(content);
    // Another process may have restored it as well.
    const mayBeKnown = shared.isEchoed || shared.isInDoubt;
    const isShown = mayBeKnown && isSame(topic.retained, message);
    shared.version = version;
    shared.isEchoed = false;
    shared.isInDoubt = false;
    if (shared.isRefused) shared.unsent = undefined;
    shared.isRefused = false;
    if (!isShown) this.#show(topic, message);
  }

  #show(topic: Topic, message: QWebSocketPreparedMessage | null): number {
    if (message !== null) return this.#topics.deliver(topic, message, true);
    topic.retained = undefined;
    return 0;
  }

  #store(topic: Topic, message: QWebSocketPreparedMessage | null): void {
    topic.shared.isRefused = false;
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
    if (topic.shared.unsent !== message) return;
    if (this.isOpen) topic.shared.isRefused = true;
    else if (!isSame(topic.retained, message)) this.#show(topic, message);
  }

  /** Puts back what the broker has lost while it was away. */
  #restoreLost(topic: Topic, latest: BrokerMessage | null): void {
    const { shared, retained } = topic;
    const isLost = shared.isInDoubt && (latest?.version ?? 0) < shared.version;
    shared.isInDoubt = false;
    if (!isLost || retained === undefined || shared.unsent !== undefined) return;
    shared.isEchoed = true;
    this.#restore(topic, retained);
  }

  #restore(topic: Topic, message: QWebSocketPreparedMessage): void {
    this.#broker.restore(topic.name, plain(message), topic.shared.version).then(
      (version) => this.#restored(topic, message, version),
      () => {
        // The broker has told why; the next connection tries again.
      },
    );
  }

  #restored(topic: Topic, message: QWebSocketPreparedMessage, version: number): void {
    const { shared } = topic;
    if (topic.subscribers.size > 0 || topic.retained !== message) return;
    // Somebody else has published a newer one.
    if (version === 0) topic.retained = undefined;
    else shared.version = version;
    this.#topics.discardIdle(topic);
  }
}

/** Those who wait for the broker, who need not wait any more. */
function takeBehind(shared: SharedState): QWebSocketBase[] {
  const behind = [...(shared.asking ?? []), ...shared.waiting];
  shared.asking = undefined;
  shared.waiting.clear();
  return behind;
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
