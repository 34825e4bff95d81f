import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';

/** One topic: who has subscribed to it, and its latest value where that is kept. */
export class Topic {
  readonly name: string;
  readonly subscribers: Set<QWebSocketBase> = new Set();
  retained: QWebSocketPreparedMessage | undefined;
  /** What is being delivered, and what is to follow it; undefined while nothing is. */
  deliveries: Delivery[] | undefined;
  /** What a broker has to do with it. */
  shared: SharedState = new SharedState();

  constructor(name: string) {
    this.name = name;
  }

  /** Whether there is nothing left to know of it. */
  get isIdle(): boolean {
    return (
      this.subscribers.size === 0 &&
      this.deliveries === undefined &&
      this.retained === undefined &&
      this.shared.unsent === undefined
    );
  }
}

/** A message on its way to the subscribers. */
export interface Delivery {
  readonly message: QWebSocketPreparedMessage;
  /** Whether it becomes the latest value. */
  readonly isRetained: boolean;
}

/** What is known of a topic that processes share by a broker. */
export class SharedState {
  /** The version of the retained value, 0 when the broker has given it none. */
  version = 0;
  /** Whether this process has published the retained value, so that it can restore it. */
  isOwn = false;
  /** Whether the broker is about to tell of a value that was published here without it. */
  isEchoed = false;
  /** Whether the broker may have lost the retained value while it was away. */
  isInDoubt = false;
  /** The latest value that the broker has not confirmed; `null` when it was cleared. */
  unsent: QWebSocketPreparedMessage | null | undefined;
  /** Whether the broker has refused that while it could be reached: then any later value replaces it. */
  isRefused = false;
  /** Subscribers that wait for the answer of the broker about the latest value. */
  asking: Set<QWebSocketBase> | undefined;
  /** Those that have come since it was asked: what they know already may be newer than its answer. */
  readonly waiting: Set<QWebSocketBase> = new Set();

  /** Whether `socket` has not got the latest value yet, nor is to get others before it. */
  isBehind(socket: QWebSocketBase): boolean {
    return this.waiting.has(socket) || this.asking?.has(socket) === true;
  }
}
