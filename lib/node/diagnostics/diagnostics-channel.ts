import { channel, type Channel } from 'node:diagnostics_channel';
import type { DiagnosticsMessages } from './messages.ts';

const NOW = Promise.resolve();

// Whoever writes a message down does not mean all that hangs on these.
const UNWRITTEN = ['socket', 'server'] as const;

/** A channel that costs one look at {@link isWatched} as long as nobody has subscribed. */
export class DiagnosticsChannel<Name extends keyof DiagnosticsMessages> {
  readonly #channel: Channel;

  constructor(name: Name) {
    this.#channel = channel(name);
  }

  get name(): Name {
    return this.#channel.name as Name;
  }

  /** Whether there are subscribers; without any, nothing needs to be published. */
  get isWatched(): boolean {
    return this.#channel.hasSubscribers;
  }

  /**
   * Publishes `message` when the code that runs is through.
   *
   * A subscriber may call anything on any object, which nobody in the middle of his work could bear.
   * What one throws is an uncaught exception, and the others get the message all the same.
   */
  publish(message: DiagnosticsMessages[Name]): void {
    for (const name of UNWRITTEN) {
      if (name in message) Object.defineProperty(message, name, { enumerable: false });
    }
    void NOW.then(() => this.#channel.publish(message));
  }
}
