import type { SocketError } from '../network/qabstractsocket.ts';

/** Counts what a session carries, and tells those who watch it, but later: nothing is called back. */
export interface Meter {
  /** So many bytes of the peer have come, headers included. */
  read(length: number): void;
  /** A message of `size` bytes has come; it is about to be delivered. */
  messageReceived(isText: boolean, size: number): void;
  /** A message of `size` bytes was taken for sending. */
  messageSent(isText: boolean, size: number): void;
  /** A Ping with a payload of `size` bytes has come, or was sent. */
  ping(isSent: boolean, size: number): void;
  /** The same for a Pong. */
  pong(isSent: boolean, size: number): void;
  /** The connection begins to close: the first Close frame has come, or was sent. */
  closing(isByPeer: boolean, code: number, reason: string): void;
  /** The stream has ended without a Close frame; `isByPeer` is false when we have cut it. */
  lost(isByPeer: boolean, error: SocketError, description: string): void;
  /** The connection is gone. Comes last, and once. */
  ended(): void;
}
