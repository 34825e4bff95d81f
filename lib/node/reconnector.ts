import type { AnyQObject } from '../core/any-qobject.ts';
import { ClockJumps } from '../websockets/clock-jumps.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { ReconnectOptions } from '../websockets/reconnect-options.ts';
import { ReconnectorBase } from '../websockets/reconnector-base.ts';
import { wakeProbe } from '../websockets/wake-probe.ts';

// One timer for all; it runs while somebody listens.
const wakeSource = new ClockJumps();

/**
 * Opens a socket again whenever its connection is lost or cannot be made, as long as there is a point
 * in it (not in Qt).
 *
 * That the machine has woken up is told by jumps of the clock; then a wait is cut short, and a peer
 * that seems to be there is pinged.
 */
export class Reconnector extends ReconnectorBase {
  /**
   * @param parent destroys the object when it is destroyed itself.
   * @throws TypeError for the socket of a server, and RangeError for numbers out of their ranges.
   */
  constructor(
    socket: QWebSocketBase,
    options: ReconnectOptions = {},
    parent: AnyQObject | null = null,
  ) {
    super(socket, options, parent, { wakeSource, createProbe: wakeProbe });
  }
}
