import type { AnyQObject } from '../core/any-qobject.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { ReconnectOptions } from '../websockets/reconnect-options.ts';
import { ReconnectorBase } from '../websockets/reconnector-base.ts';
import { PageWakes } from './page-wakes.ts';

// All listen to the same page.
const wakeSource = new PageWakes();

/**
 * Opens a socket again whenever its connection is lost or cannot be made, as long as there is a point
 * in it (not in Qt).
 *
 * A wait is cut short when the browser is online again, or the page is looked at. Browsers do not tell
 * with which status a server has refused: such an attempt is followed by others.
 */
export class Reconnector extends ReconnectorBase {
  /**
   * @param parent destroys the object when it is destroyed itself.
   * @throws RangeError for numbers out of their ranges.
   */
  constructor(
    socket: QWebSocketBase,
    options: ReconnectOptions = {},
    parent: AnyQObject | null = null,
  ) {
    super(socket, options, parent, { wakeSource });
  }
}
