import { CloseCode, type QWebSocket } from '../../index.ts';

/** How long a peer may take to answer a Close frame when the server ends, in milliseconds. */
const CLOSE_TIMEOUT = 2000;

/** Closes `socket` because the server ends; done when it is disconnected. */
export function leave(socket: QWebSocket): Promise<void> {
  return new Promise((resolve) => {
    socket.disconnected.connect(() => resolve());
    socket.setCloseTimeout(CLOSE_TIMEOUT);
    socket.close(CloseCode.CloseCodeGoingAway, 'The server is shutting down.');
  });
}
