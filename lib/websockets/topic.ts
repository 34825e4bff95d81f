import type { QWebSocketBase } from './qwebsocket-base.ts';
import type { QWebSocketPreparedMessage } from './qwebsocketpreparedmessage.ts';

/** One topic: who has subscribed to it, and its latest value where that is kept. */
export class Topic {
  readonly name: string;
  readonly subscribers: Set<QWebSocketBase> = new Set();
  retained: QWebSocketPreparedMessage | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Whether there is nothing left to know of it. */
  get isIdle(): boolean {
    return this.subscribers.size === 0 && this.retained === undefined;
  }
}
