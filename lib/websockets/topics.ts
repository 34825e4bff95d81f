import { reportUncaught } from '../core/emission.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import type { BackPressure } from './back-pressure.ts';
import { BrokerLink, type SharedTopics } from './broker-link.ts';
import type { SendOptions } from './compression-options.ts';
import { hand, isAccepted, type QWebSocketBase } from './qwebsocket-base.ts';
import { prepare, type OutgoingMessage } from './outgoing-message.ts';
import { contentOf, type QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';
import type { TopicBroker } from './topic-broker.ts';
import { Topic, type Delivery } from './topic.ts';

/** How one message is published. */
export interface PublishOptions extends SendOptions {
  /** Whether it is kept as the latest value of its topic, which every new subscriber gets at once. */
  readonly retain?: boolean;
}

/** What `setMaxTopicLength()` takes at most: brokers bound the length of what topics become there. */
export const LONGEST_TOPIC = 256;

const DEFAULT_MAX_TOPICS = 10_000;
const DEFAULT_MAX_TOPICS_PER_SOCKET = 100;
const DEFAULT_MAX_TOPIC_LENGTH = 128;

const NOT_PUBLISHED = -1;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Who has subscribed to what on a server, and the latest values of topics. */
export class Topics implements SharedTopics {
  /** Negative for any number, as the next one. */
  maxTopics: number = DEFAULT_MAX_TOPICS;
  maxTopicsPerSocket: number = DEFAULT_MAX_TOPICS_PER_SOCKET;
  /** In UTF-16 code units, as the length of a string. */
  maxTopicLength: number = DEFAULT_MAX_TOPIC_LENGTH;
  /** What messages go through; straight to the sockets without one. */
  backPressure: BackPressure | null = null;
  readonly #topics = new Map<string, Topic>();
  readonly #members = new Map<QWebSocketBase, Member>();
  #link: BrokerLink | undefined;

  get broker(): TopicBroker | null {
    return this.#link?.broker ?? null;
  }

  set broker(broker: TopicBroker | null) {
    if (broker === this.broker) return;
    this.#link?.close();
    this.#link = undefined;
    if (broker !== null) this.#link = new BrokerLink(broker, this);
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  all(): Topic[] {
    return [...this.#topics.values()];
  }

  /** The topics there are, or those of one socket. */
  names(socket?: QWebSocketBase): string[] {
    if (socket === undefined) return [...this.#topics.keys()];
    return Array.from(this.#members.get(socket)?.topics ?? [], ({ name }) => name);
  }

  subscribers(name: string): QWebSocketBase[] {
    return [...(this.#topics.get(name)?.subscribers ?? [])].filter(isAccepted);
  }

  retained(name: string): QWebSocketPreparedMessage | undefined {
    return this.#topics.get(name)?.retained;
  }

  subscribe(socket: QWebSocketBase, name: string): boolean {
    if (!isAccepted(socket)) return false;
    const known = this.#topics.get(name);
    if (known?.subscribers.has(socket) === true) return true;
    const member = this.#members.get(socket);
    if (isFull(member?.topics.size ?? 0, this.maxTopicsPerSocket)) return false;
    const topic = known ?? this.#create(name);
    if (topic === undefined) return false;
    (member ?? this.#join(socket)).topics.add(topic);
    topic.subscribers.add(socket);
    if (this.#link !== undefined) this.#link.join(topic, socket, topic.subscribers.size === 1);
    else this.giveRetained(topic, socket);
    return true;
  }

  unsubscribe(socket: QWebSocketBase, name: string): boolean {
    const member = this.#members.get(socket);
    const topic = this.#topics.get(name);
    if (member === undefined || topic === undefined || !member.topics.delete(topic)) return false;
    this.#drop(socket, topic);
    if (member.topics.size === 0) this.leave(socket);
    return true;
  }

  /** Takes a socket out of all of its topics. */
  leave(socket: QWebSocketBase): void {
    const member = this.#members.get(socket);
    if (member === undefined) return;
    this.#members.delete(socket);
    socket.off('stateChanged', stateChanged, member);
    socket.off('destroyed', destroyed, member);
    for (const topic of member.topics) this.#drop(socket, topic);
  }

  publish(name: string, message: OutgoingMessage, options: PublishOptions = {}): number {
    return options.retain === true
      ? this.#retain(name, message, options)
      : this.#send(name, message, options);
  }

  clearRetained(name: string): boolean {
    const link = this.#link;
    // Only the broker knows whether there is a value.
    const topic = this.#topics.get(name) ?? (link === undefined ? undefined : this.#create(name));
    if (topic === undefined || (link === undefined && topic.retained === undefined)) return false;
    if (link === undefined) topic.retained = undefined;
    else link.retain(topic, null);
    this.discardIdle(topic);
    return true;
  }

  clear(): void {
    for (const socket of this.#members.keys()) this.leave(socket);
    this.#link?.close();
    this.#link = undefined;
    this.#topics.clear();
  }

  /**
   * Sends a message to all subscribers; returns how many have taken it.
   *
   * What a slot publishes on the same topic meanwhile comes behind it for all, and is not counted.
   */
  deliver(topic: Topic, message: QWebSocketPreparedMessage, isRetained: boolean): number {
    const delivery: Delivery = { message, isRetained };
    if (topic.deliveries !== undefined) {
      topic.deliveries.push(delivery);
      return 0;
    }
    let count = 0;
    topic.deliveries = [delivery];
    for (const next of topic.deliveries) {
      const taken = this.#sendOut(topic, next);
      if (next === delivery) count = taken;
    }
    topic.deliveries = undefined;
    this.discardIdle(topic);
    return count;
  }

  giveRetained(topic: Topic, socket: QWebSocketBase): void {
    if (topic.retained !== undefined) this.#give(topic, socket, topic.retained);
  }

  discardIdle(topic: Topic): void {
    // One of the same name may have come after it.
    if (topic.isIdle && this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name);
  }

  #sendOut(topic: Topic, { message, isRetained }: Delivery): number {
    if (isRetained) topic.retained = message;
    let count = 0;
    // Those who come meanwhile have got it as the latest value, or are too late.
    const present = [...topic.subscribers];
    for (const socket of present) {
      if (!topic.subscribers.has(socket)) continue;
      if (isRetained && topic.shared.isBehind(socket)) continue;
      // Its signals may have been blocked when it ended.
      if (!isAccepted(socket)) this.leave(socket);
      else if (this.#give(topic, socket, message)) count++;
    }
    return count;
  }

  #give(topic: Topic, socket: QWebSocketBase, message: QWebSocketPreparedMessage): boolean {
    try {
      return this.backPressure === null
        ? hand(socket, contentOf(message))
        : this.backPressure.send(socket, message, { key: topic.name });
    } catch (error) {
      // A stream of the application's own has thrown: the other sockets have no part in that.
      reportUncaught(error);
      return false;
    }
  }

  #send(name: string, message: OutgoingMessage, options: PublishOptions): number {
    const topic = this.#topics.get(name);
    if (topic === undefined && !this.#isAllowed(name)) return NOT_PUBLISHED;
    if (this.#link?.isOpen === true) {
      this.#link.publish(name, prepare(message, options));
      return 0;
    }
    if (topic === undefined || topic.subscribers.size === 0) return 0;
    return this.deliver(topic, prepare(message, options), false);
  }

  #retain(name: string, message: OutgoingMessage, options: PublishOptions): number {
    const topic = this.#topics.get(name) ?? this.#create(name);
    if (topic === undefined) return NOT_PUBLISHED;
    const prepared = prepare(message, options);
    if (this.#link !== undefined) return this.#link.retain(topic, prepared);
    return this.deliver(topic, prepared, true);
  }

  #join(socket: QWebSocketBase): Member {
    const member = new Member(socket, this);
    this.#members.set(socket, member);
    socket.on('stateChanged', stateChanged, member);
    socket.on('destroyed', destroyed, member);
    return member;
  }

  #drop(socket: QWebSocketBase, topic: Topic): void {
    topic.subscribers.delete(socket);
    this.backPressure?.discard(socket, topic.name);
    this.#link?.leave(topic, socket, topic.subscribers.size === 0);
    this.discardIdle(topic);
  }

  #create(name: string): Topic | undefined {
    if (!this.#isAllowed(name) || isFull(this.#topics.size, this.maxTopics)) return undefined;
    const topic = new Topic(name);
    this.#topics.set(name, topic);
    return topic;
  }

  // Clients choose topics: anything may come out of their JSON.
  #isAllowed(name: unknown): boolean {
    return (
      typeof name === 'string' &&
      name.length > 0 &&
      name.length <= this.maxTopicLength &&
      !LONE_SURROGATE.test(name)
    );
  }
}

/** A socket with its topics. */
class Member {
  readonly socket: QWebSocketBase;
  readonly registry: Topics;
  readonly topics: Set<Topic> = new Set();

  constructor(socket: QWebSocketBase, registry: Topics) {
    this.socket = socket;
    this.registry = registry;
  }
}

// Slots of all sockets, so that a socket has none of its own.
function stateChanged(this: Member, state: SocketState): void {
  if (state !== SocketState.ConnectedState) this.registry.leave(this.socket);
}

function destroyed(this: Member): void {
  this.registry.leave(this.socket);
}

function isFull(size: number, limit: number): boolean {
  return limit >= 0 && size >= limit;
}
