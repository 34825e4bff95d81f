import type { WebSocketBase, Status } from '../../../lib/qml/websocket-base.ts';
import { emitted } from '../../support/emitted.ts';

/** Waits until `socket` has `status`; at once when it does. */
export async function reaches(socket: WebSocketBase, status: Status): Promise<void> {
  while (socket.status !== status) await emitted(socket.statusChanged);
}
