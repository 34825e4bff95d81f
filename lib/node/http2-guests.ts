import type { Http2Session } from 'node:http2';
import { Http2Watch } from './http2-watch.ts';

const all = new WeakMap<Http2Session, Http2Guests>();

/**
 * The WebSockets on a connection of HTTP/2 that a server of the application's own has accepted, and ends
 * as it likes: as long as there are some, it is watched whether it is still there.
 */
export class Http2Guests {
  readonly #watch: Http2Watch;
  #count = 0;

  private constructor(session: Http2Session) {
    this.#watch = new Http2Watch(session.socket, session, () => session.destroy());
    session.once('close', () => this.#watch.stop());
  }

  /** Those on the connection of `session`, which has a socket. */
  static of(session: Http2Session): Http2Guests {
    let guests = all.get(session);
    if (guests === undefined) {
      guests = new Http2Guests(session);
      all.set(session, guests);
    }
    return guests;
  }

  /** One more WebSocket is open; it ends with {@link left}. */
  came(): void {
    this.#count++;
    if (this.#count === 1) this.#watch.start();
  }

  left(): void {
    this.#count--;
    if (this.#count === 0) this.#watch.stop();
  }
}
