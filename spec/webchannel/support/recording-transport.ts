import { QWebChannelAbstractTransport } from '../../../lib/webchannel/qwebchannelabstracttransport.ts';

/** A message, as the client gets it. */
export type Sent = Record<string, unknown>;

/** The client's side of a channel in the hands of a spec: what it is sent, as JSON says it. */
export class RecordingTransport extends QWebChannelAbstractTransport {
  readonly sent: Sent[] = [];

  override sendMessage(message: object): void {
    this.sent.push(JSON.parse(JSON.stringify(message)) as Sent);
  }

  /** Says something as the client; returns what it is sent at once. */
  say(message: unknown): Sent[] {
    const before = this.sent.length;
    this.emit('messageReceived', message, this);
    return this.sent.slice(before);
  }

  /** What was sent and not taken yet. */
  take(): Sent[] {
    return this.sent.splice(0);
  }
}
