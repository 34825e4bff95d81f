import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';

/** What a topic carries: text or bytes. */
export type TopicContent = string | Uint8Array;

/** A message as it comes from a broker. */
export interface BrokerMessage {
  /** `null` for a retained value that was cleared. */
  readonly content: TopicContent | null;
  /**
   * Orders the retained values of a topic, whoever has published them: the later one has the larger
   * number. 0 for a message that is not retained.
   */
  readonly version: number;
}

/** The signals of a TopicBroker and what they carry. */
export interface TopicBrokerSignals {
  connected: [];
  disconnected: [reason: string];
  errorOccurred: [description: string];
  messageReceived: [topic: string, message: BrokerMessage];
}

/**
 * Carries the topics of servers between processes (not in Qt): see
 * {@link QWebSocketServerBase.setTopicBroker}.
 *
 * `connectTopicBroker()` of `qwebsockets/brokers` makes one that talks to NATS or to Redis. Derive from
 * it for any other; what its methods are asked for while it is not connected, it need not do, except
 * to know its subscriptions.
 */
export abstract class TopicBroker extends QObject<TopicBrokerSignals> {
  /** Emitted when the broker can be reached again, after its subscriptions were made again. */
  get connected(): Signal<TopicBrokerSignals['connected']> {
    return this.signal('connected');
  }

  /** Emitted when the broker can no longer be reached, or after {@link close}. */
  get disconnected(): Signal<TopicBrokerSignals['disconnected']> {
    return this.signal('disconnected');
  }

  /** Emitted when the broker has refused something, such as a message that is too large for it. */
  get errorOccurred(): Signal<TopicBrokerSignals['errorOccurred']> {
    return this.signal('errorOccurred');
  }

  /** Emitted for each message on a topic that is subscribed to, from this process too. */
  get messageReceived(): Signal<TopicBrokerSignals['messageReceived']> {
    return this.signal('messageReceived');
  }

  /** Whether the broker can be reached, as far as is known. */
  abstract isConnected(): boolean;

  /**
   * Has {@link messageReceived} emitted for `topic`, whenever the broker can be reached. It holds until
   * {@link unsubscribe} was called as often, since several servers may ask for the same.
   */
  abstract subscribe(topic: string): void;

  /** Ends what {@link subscribe} began. */
  abstract unsubscribe(topic: string): void;

  /**
   * Asks for the retained value of a topic that is subscribed to; `null` without one.
   *
   * It is the one at the time when the subscription held and this was called, or a later one. Rejected
   * when the broker cannot be reached, or the topic is no longer subscribed to.
   */
  abstract latest(topic: string): Promise<BrokerMessage | null>;

  /** Sends a message to all who have subscribed to `topic`; it may be lost with the connection. */
  abstract publish(topic: string, content: TopicContent): void;

  /**
   * Makes `content` the retained value of `topic`, or clears it with `null`, and sends it to all who
   * have subscribed.
   *
   * @returns its version; rejected when the broker has not confirmed it. Then {@link errorOccurred} or
   * {@link disconnected} tells why.
   */
  abstract retain(topic: string, content: TopicContent | null): Promise<number>;

  /**
   * Puts a value back that a broker has lost. Version 0 stands for any value from before.
   *
   * @returns its version, or 0 when the broker has one that is as new.
   */
  abstract restore(topic: string, content: TopicContent, version: number): Promise<number>;

  /** Lets go of the broker for good. */
  abstract close(): Promise<void>;
}
