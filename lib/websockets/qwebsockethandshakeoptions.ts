/**
 * What a client asks for in its handshake, as QWebSocketHandshakeOptions: the subprotocols.
 *
 * It is a value: what goes in and what comes out are copies.
 *
 * See RFC 6455 §4.1.
 *
 * @see https://doc.qt.io/qt-6/qwebsockethandshakeoptions.html
 */
export class QWebSocketHandshakeOptions {
  #subprotocols: readonly string[];

  /** Copies `other`; without it, asks for nothing. */
  constructor(other?: QWebSocketHandshakeOptions) {
    this.#subprotocols = other === undefined ? [] : other.#subprotocols;
  }

  /** The subprotocols, the preferred one first. */
  subprotocols(): string[] {
    return [...this.#subprotocols];
  }

  /**
   * Sets the subprotocols to ask for, the preferred one first. They are kept as given; names that
   * are none are left out when the request is written.
   */
  setSubprotocols(protocols: readonly string[]): void {
    this.#subprotocols = [...protocols];
  }

  /** Exchanges the contents of this and `other`. */
  swap(other: QWebSocketHandshakeOptions): void {
    [this.#subprotocols, other.#subprotocols] = [other.#subprotocols, this.#subprotocols];
  }

  /** Whether both ask for the same subprotocols in the same order. */
  equals(other: QWebSocketHandshakeOptions): boolean {
    return (
      this.#subprotocols.length === other.#subprotocols.length &&
      this.#subprotocols.every((name, i) => name === other.#subprotocols[i])
    );
  }

  /** An independent copy. */
  clone(): QWebSocketHandshakeOptions {
    return new QWebSocketHandshakeOptions(this);
  }
}
