import type { Socket } from 'node:net';

/**
 * Resets a TCP connection.
 *
 * Where its end was asked for and is not out yet, Node (20 to 24) would wait for that for ever when the
 * process exits: then the connection is given up without a reset.
 */
export function resetTcp(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
