import { SocketState } from '../network/qabstractsocket.ts';
import { ConnectionError } from './connection-error.ts';
import { emitted } from './emitted.ts';
import type { QWebSocketBase } from './qwebsocket-base.ts';

/** When to wait no longer for a socket to drain. */
export interface DrainOptions {
  /** Ends the wait: the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a socket has to drain. */
export interface DrainedOptions extends DrainOptions {
  /** How many bytes may still be to write; 65,536 unless given. */
  readonly mark?: number | undefined;
}

const DEFAULT_MARK = 64 * 1024;

/**
 * Waits until a socket has no more than `mark` bytes to write (not in Qt): at once when it has not.
 * Between the messages of a long row, it keeps them from piling up in memory.
 *
 * It is rejected with a {@link ConnectionError} when the connection ends before that, or has ended, and
 * with the reason of `signal` when that is aborted.
 */
export function drained(
  socket: QWebSocketBase,
  { mark = DEFAULT_MARK, signal }: DrainedOptions = {},
): Promise<void> {
  return written(socket, () => socket.bytesToWrite() <= mark, signal);
}

/** Waits until a socket may be sent to and `isEnough`; otherwise as {@link drained}. */
export async function written(
  socket: QWebSocketBase,
  isEnough: () => boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  for (;;) {
    const state = socket.state();
    if (state === SocketState.UnconnectedState) throw new ConnectionError(socket);
    if (state !== SocketState.ClosingState && isEnough()) return;
    await emitted(socket.bytesWritten, { signal });
  }
}
