import type { NativeWebSocket } from './native-websocket.ts';

/** Between two looks at a socket that sends nothing, in milliseconds, at most. */
const LONGEST_PAUSE = 100;

/**
 * Finds out when bytes have been passed on to the network.
 *
 * The platform's WebSockets have no event for that, only a number that shrinks: while something
 * waits it is looked at, the more seldom the longer nothing moves.
 */
export class DrainWatch {
  readonly #tell: (count: number) => void;
  #waiting = 0;
  #pause = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell learns how many bytes have been passed on since the last time. */
  constructor(tell: (count: number) => void) {
    this.#tell = tell;
  }

  /** Notes that `count` bytes were given to `socket`. */
  sent(socket: NativeWebSocket, count: number): void {
    this.#waiting += count;
    if (this.#timer === undefined && this.#waiting > 0) this.#lookSoon(socket);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = 0;
    this.#pause = 0;
  }

  #lookSoon(socket: NativeWebSocket): void {
    this.#timer = setTimeout(() => this.#look(socket), this.#pause);
  }

  #look(socket: NativeWebSocket): void {
    this.#timer = undefined;
    const taken = this.#waiting - socket.bufferedAmount;
    this.#waiting -= taken;
    this.#pause = taken > 0 ? 0 : Math.min(2 * this.#pause + 1, LONGEST_PAUSE);
    if (this.#waiting > 0) this.#lookSoon(socket);
    // Last: a slot may send, close, or begin anew.
    if (taken > 0) this.#tell(taken);
  }
}
