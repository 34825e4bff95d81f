import { printable } from '../network/failure-text.ts';
import type { SocketError } from '../network/qabstractsocket.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';

/** What `errorString()` says when there was no error. */
const NOTHING: ReadonlySet<string> = new Set(['', 'Unknown error']);

/**
 * Why a socket does not do what was awaited (not in Qt): what `error()`, `errorString()` and the
 * getters of the closing said at that moment.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** What `error()` said; UnknownSocketError after a closing handshake. */
  readonly error: SocketError;
  /** What `closeCode()` said. */
  readonly closeCode: number;
  /** What `closeReason()` said. */
  readonly closeReason: string;

  /** @internal */
  constructor(socket: QWebSocketBase) {
    const code = socket.closeCode();
    const reason = socket.closeReason();
    const why = reason === '' ? '' : ` (${printable(reason)})`;
    super(failureOf(socket) || `The socket is not connected; its close code is ${code}${why}.`);
    this.error = socket.error();
    this.closeCode = code;
    this.closeReason = reason;
  }
}

/** What went wrong with the last connection or attempt, in words; empty for nothing. */
export function failureOf(socket: QWebSocketBase): string {
  const text = socket.errorString();
  return NOTHING.has(text) ? '' : text;
}
