/** What was carried by one connection, or by all of a server (not in Qt). */
export interface TrafficStatistics {
  /** Messages that have come, whole. */
  readonly messagesReceived: number;
  /** Messages that were taken for sending. */
  readonly messagesSent: number;
  /** The bytes of the messages that have come: their UTF-8 form, and before they were compressed. */
  readonly payloadReceived: number;
  /** The bytes of the messages that were taken for sending, as {@link payloadReceived} counts. */
  readonly payloadSent: number;
  /** The bytes that have come after the opening handshake: compressed, and with the headers of frames. */
  readonly bytesReceived: number;
  /** The bytes that the system has taken, as {@link bytesReceived} counts. What TLS adds is in neither. */
  readonly bytesSent: number;
}

/**
 * Why nothing came of a connection to a server, before it was a WebSocket (not in Qt).
 *
 * - `tooManyConnections`: see `setMaxConnections()`.
 * - `tooManyFromOneAddress`: see `setMaxConnectionsPerAddress()`.
 * - `tooManyHandshakes`: see `setMaxPendingHandshakes()`; also one that had to make room.
 * - `tooManyPending`: see `setMaxPendingConnections()`.
 * - `proxy`: it has to come through a trusted proxy with the PROXY protocol, and does not.
 * - `tls`: TLS has failed, or the client could not be verified.
 * - `malformed`: what came is no valid request.
 * - `tooLarge`: its head is too large, or those of all pending requests are together.
 * - `noUpgrade`: it does not ask for a WebSocket.
 * - `version`: it asks for another version than 13.
 * - `path`: nobody answers for its path.
 * - `origin`: its origin was denied.
 * - `denied`: an upgrade verifier has denied it, or none has accepted it.
 * - `timeout`: it has not come in time.
 * - `left`: the client has gone before it had an answer.
 * - `closed`: the server was closed, or its accepting is paused and too many wait.
 * - `failed`: our own side has failed: a verifier has thrown, or the server's name, its certificate or
 *   a header of the answer is no good.
 */
export type RefusalReason =
  | 'tooManyConnections'
  | 'tooManyFromOneAddress'
  | 'tooManyHandshakes'
  | 'tooManyPending'
  | 'proxy'
  | 'tls'
  | 'malformed'
  | 'tooLarge'
  | 'noUpgrade'
  | 'version'
  | 'path'
  | 'origin'
  | 'denied'
  | 'timeout'
  | 'left'
  | 'closed'
  | 'failed';

/** Of a server that has refused nobody. */
export const NO_REFUSALS: Readonly<Record<RefusalReason, number>> = {
  tooManyConnections: 0,
  tooManyFromOneAddress: 0,
  tooManyHandshakes: 0,
  tooManyPending: 0,
  proxy: 0,
  tls: 0,
  malformed: 0,
  tooLarge: 0,
  noUpgrade: 0,
  version: 0,
  path: 0,
  origin: 0,
  denied: 0,
  timeout: 0,
  left: 0,
  closed: 0,
  failed: 0,
};

/**
 * What a server has seen since it was made (not in Qt).
 *
 * `accepted` is the sum of `opened`, of all of `refused`, and of `handshaking`; `opened` that of
 * `open`, `closedByPeer`, `closedByServer` and `lost`.
 */
export interface ServerStatistics extends TrafficStatistics {
  /** Connections that have come, those that were refused at once included. */
  readonly accepted: number;
  /** Those of which a WebSocket became. */
  readonly opened: number;
  /** Those in their opening handshake now. */
  readonly handshaking: number;
  /** Those that are open now, or closing. */
  readonly open: number;
  /** Those of them that wait for `nextPendingConnection()`. */
  readonly waiting: number;
  /** Connections of which no WebSocket became, by reason. */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** Connections that the client has closed, by its close code. */
  readonly closedByPeer: Readonly<Record<string, number>>;
  /**
   * Connections that this side has closed, by the close code: 1006 for those that were cut by
   * `abort()`, by a KeepAlive or for their backlog.
   *
   * Of the codes that each side has named, 64 have a number of their own; that of all others is
   * under `other`.
   */
  readonly closedByServer: Readonly<Record<string, number>>;
  /** Connections that have broken off, by the name of the SocketError. */
  readonly lost: Readonly<Record<string, number>>;
  readonly pingsReceived: number;
  readonly pingsSent: number;
  readonly pongsReceived: number;
  readonly pongsSent: number;
}
