import { QHttpServerRequest } from './qhttpserverrequest.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';

/**
 * Hands what a verifier has learned of a client, such as its user, to whoever has the socket (not in
 * Qt).
 *
 * One for each kind of thing; it keeps nothing alive.
 */
export class UpgradeData<T> {
  readonly #values = new WeakMap<QHttpServerRequest, T>();

  /** Notes `value` for a request; the last one counts. */
  set(request: QHttpServerRequest, value: T): void {
    this.#values.set(request, value);
  }

  /** What was noted for the request that `socket` has come of; undefined when nothing was. */
  of(socket: QWebSocketBase): T | undefined {
    const request = QHttpServerRequest.of(socket);
    return request === null ? undefined : this.#values.get(request);
  }
}
