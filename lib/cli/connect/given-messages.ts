import type { Conversation, Source } from './conversation.ts';

/** Sends messages that are known already, waits, and closes. */
export class GivenMessages implements Source {
  readonly #messages: readonly string[];
  readonly #wait: number;

  /** @param wait behind the last one, in milliseconds. */
  constructor(messages: readonly string[], wait: number) {
    this.#messages = messages;
    this.#wait = wait;
  }

  begin(conversation: Conversation): void {
    for (const message of this.#messages) conversation.socket.sendTextMessage(message);
    conversation.closeAfter(this.#wait);
  }

  stop(): void {}

  isUnfinished(): boolean {
    return false;
  }
}
