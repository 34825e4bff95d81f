const NAME = 'keepalive ';

const NUMBERS = 2 ** 31;
const LONGEST = NAME.length + String(NUMBERS).length;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The pings of a socket that does not ping for its application alone, all times in milliseconds. */
export class PingTimes {
  /** When the application has pinged last. */
  byApplication: number;
  /** How long the last answer to one of ours took; −1 before the first one. */
  roundTripTime = -1;
  /** Whether there was a pong since our last ping. */
  isAnswered = true;
  // A page of Electron and the main process may both ping for one connection: they begin apart.
  #number = Math.floor(Math.random() * NUMBERS);
  #sentAt = 0;

  constructor(byApplication: number) {
    this.byApplication = byApplication;
  }

  /** Begins anew, for a connection of which nothing is known yet. */
  forget(): void {
    this.roundTripTime = -1;
    this.isAnswered = true;
  }

  /** Returns the payload of our next ping, which is sent `now`. */
  next(now: number): Uint8Array {
    this.#number = (this.#number + 1) % NUMBERS;
    this.#sentAt = now;
    this.isAnswered = false;
    return encoder.encode(`${NAME}${this.#number}`);
  }

  /** Takes a pong; returns when the ping was sent that it answers. */
  answered(payload: Uint8Array, now: number): number {
    // Of several pings a peer may answer the last one only (RFC 6455 §5.5.3), whoever sent it.
    const isFirst = !this.isAnswered;
    this.isAnswered = true;
    const text = payload.length <= LONGEST ? decoder.decode(payload) : '';
    if (!text.startsWith(NAME)) return this.byApplication;
    if (isFirst && text === `${NAME}${this.#number}`) this.roundTripTime = now - this.#sentAt;
    return this.#sentAt;
  }
}
