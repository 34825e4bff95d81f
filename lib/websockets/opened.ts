import { onLaterTurn } from '../core/later-turn.ts';
import { SocketState } from '../network/qabstractsocket.ts';
import type { QNetworkRequest } from '../network/qnetworkrequest.ts';
import type { QUrl } from '../network/qurl.ts';
import { ConnectionError } from './connection-error.ts';
import { emitted, type WaitOptions } from './emitted.ts';
import { holdBack, type QWebSocketBase } from './qwebsocket-base.ts';
import type { QWebSocketHandshakeOptions } from './qwebsockethandshakeoptions.ts';

/** How to open, and when to wait no longer. */
export interface OpenOptions extends WaitOptions {
  /** As for `open()`. */
  readonly handshakeOptions?: QWebSocketHandshakeOptions | undefined;
}

/**
 * Opens a socket, and waits until it is connected (not in Qt).
 *
 * It is rejected with a {@link ConnectionError} when the attempt fails, also by `close()` or `abort()`.
 * When `signal` is aborted or the `timeout` is over, the attempt is given up, and it is rejected as
 * {@link emitted} is; with a signal that has been aborted before, nothing is opened. What the peer sends
 * at once is delivered after the code that awaits this has run on, so that its slots come in time.
 *
 * @param target as for `open()`.
 */
export async function opened(
  socket: QWebSocketBase,
  target: string | URL | QUrl | QNetworkRequest,
  options: OpenOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  socket.open(target, options.handshakeOptions);
  if (socket.state() !== SocketState.ConnectingState) throw new ConnectionError(socket);

  const connection = socket.connected.connect(() => onLaterTurn(holdBack(socket)));
  try {
    await emitted(socket.connected, options);
  } catch (error) {
    // Of an attempt that failed nothing is left; a slot may have begun the next one.
    if (!(error instanceof ConnectionError)) socket.abort();
    throw error;
  } finally {
    connection.disconnect();
  }
}
