import { NO_REFUSALS, type RefusalReason, type ServerStatistics } from './server-statistics.ts';
import { KindTally } from './kind-tally.ts';

/** What a server counts by plain additions, for all of its connections together. */
export class ServerCounters {
  accepted = 0;
  opened = 0;
  ended = 0;
  messagesReceived = 0;
  messagesSent = 0;
  payloadReceived = 0;
  payloadSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  pingsReceived = 0;
  pingsSent = 0;
  pongsReceived = 0;
  pongsSent = 0;
  readonly closedByPeer: KindTally = new KindTally();
  readonly closedByServer: KindTally = new KindTally();
  readonly lost: KindTally = new KindTally();
  readonly #refused: Record<RefusalReason, number> = { ...NO_REFUSALS };
  #allRefused = 0;

  refuse(reason: RefusalReason): void {
    this.#refused[reason]++;
    this.#allRefused++;
  }

  /** @param waiting how many open connections nobody has fetched yet. */
  statistics(waiting: number): ServerStatistics {
    const { accepted, opened } = this;
    return {
      accepted,
      opened,
      handshaking: accepted - opened - this.#allRefused,
      open: opened - this.ended,
      waiting,
      refused: { ...this.#refused },
      closedByPeer: this.closedByPeer.counts(),
      closedByServer: this.closedByServer.counts(),
      lost: this.lost.counts(),
      messagesReceived: this.messagesReceived,
      messagesSent: this.messagesSent,
      payloadReceived: this.payloadReceived,
      payloadSent: this.payloadSent,
      bytesReceived: this.bytesReceived,
      bytesSent: this.bytesSent,
      pingsReceived: this.pingsReceived,
      pingsSent: this.pingsSent,
      pongsReceived: this.pongsReceived,
      pongsSent: this.pongsSent,
    };
  }
}
