/**
 * Carries the origin of a request to a server's slots, and their answer back, as
 * QWebSocketCorsAuthenticator.
 *
 * An origin is allowed until a slot says otherwise. See RFC 6455 §10.2.
 *
 * @see https://doc.qt.io/qt-6/qwebsocketcorsauthenticator.html
 */
export class QWebSocketCorsAuthenticator {
  #origin: string;
  #allowed: boolean;

  /** Asks about an origin, allowing it for now, or copies another authenticator with its answer. */
  constructor(origin: string | QWebSocketCorsAuthenticator) {
    const isText = typeof origin === 'string';
    this.#origin = isText ? origin : origin.#origin;
    this.#allowed = isText ? true : origin.#allowed;
  }

  /** The origin as the client sent it, such as `https://example.com`; '' when it sent none. */
  origin(): string {
    return this.#origin;
  }

  /** Allows or denies the origin; the last call counts. */
  setAllowed(allowed: boolean): void {
    this.#allowed = allowed;
  }

  /** Whether the origin may connect. */
  allowed(): boolean {
    return this.#allowed;
  }

  /** Exchanges the contents of this and `other`. */
  swap(other: QWebSocketCorsAuthenticator): void {
    [this.#origin, other.#origin] = [other.#origin, this.#origin];
    [this.#allowed, other.#allowed] = [other.#allowed, this.#allowed];
  }

  /** Whether both have the same origin and the same answer. */
  equals(other: QWebSocketCorsAuthenticator): boolean {
    return this.#origin === other.#origin && this.#allowed === other.#allowed;
  }

  /** An independent copy. */
  clone(): QWebSocketCorsAuthenticator {
    return new QWebSocketCorsAuthenticator(this);
  }
}
