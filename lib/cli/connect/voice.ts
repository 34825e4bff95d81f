/** What is known of a connection when it is open. */
export interface ConnectionFacts {
  /** Without what may be secret. */
  readonly url: string;
  readonly subprotocol: string;
  readonly extensions: string;
  readonly peerAddress: string;
  readonly peerPort: number;
}

/** Tells somebody what happens to a connection. */
export interface Voice {
  /** @param url without what may be secret. */
  connecting(url: string): void;
  connected(facts: ConnectionFacts): void;
  text(message: string): void;
  binary(message: Uint8Array): void;
  pong(milliseconds: number, payload: Uint8Array): void;
  warning(text: string): void;
  /** @param error the name of a SocketError, or '' for a peer that breaks the protocol. */
  failed(error: string, text: string): void;
  /** Comes last, for connections that were open. */
  closed(code: number, reason: string): void;
}

/** Takes whole lines, without their end. */
export type LineWriter = (line: string) => void;
