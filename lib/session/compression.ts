import { Inbox, type InboxOwner } from './inbox.ts';
import { Outbox, type OutboxOwner } from './outbox.ts';
import type { MessageCoder } from './wire.ts';

/** What a session has where compression was agreed on; most have agreed on none. */
export class Compression {
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly #coder: MessageCoder;
  // How often the outbox has been; a connection that closes gets on with that.
  emptied = 0;
  // What waits until the messages before it are compressed: our Close frame, the end of our side.
  owedClose: Buffer | undefined;
  isEndOwed = false;

  constructor(coder: MessageCoder, owner: OutboxOwner & InboxOwner) {
    this.outbox = new Outbox(coder, owner);
    this.inbox = new Inbox(coder, owner);
    this.#coder = coder;
  }

  /** Lets go of everything; nothing is told any more. */
  stop(): void {
    this.#coder.stop();
    this.outbox.stop();
    this.inbox.stop();
  }
}
