import type { Socks5Sink } from '../../lib/codec/socks5.ts';
import type { SocketError } from '../../lib/network/qabstractsocket.ts';

/** Remembers what a Socks5Handshake tells, bytes as hexadecimal digits. */
export class RecordingSocks5Sink implements Socks5Sink {
  readonly sent: string[] = [];
  /** How it ended; undefined while it has not. */
  outcome: ['connected', early: string] | ['refused'] | ['failed', SocketError, string] | undefined;
  /** What stands behind a failure. */
  detail = '';
  /** How often it ended. */
  calls = 0;

  send(bytes: Buffer): void {
    this.sent.push(bytes.toString('hex'));
  }

  connected(early: Buffer): void {
    this.#end(['connected', early.toString('hex')]);
  }

  refused(): void {
    this.#end(['refused']);
  }

  failed(error: SocketError, description: string, detail: string): void {
    this.detail = detail;
    this.#end(['failed', error, description]);
  }

  #end(outcome: NonNullable<RecordingSocks5Sink['outcome']>): void {
    this.outcome = outcome;
    this.calls++;
  }
}
