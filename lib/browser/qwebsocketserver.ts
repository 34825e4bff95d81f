import type { AnyQObject } from '../core/any-qobject.ts';
import { QWebSocketServerBase, SslMode } from '../websockets/qwebsocketserver-base.ts';
import { NoListener } from './no-listener.ts';
import type { QWebSocket } from './qwebsocket.ts';

/**
 * A WebSocket server where there can be none: `listen()` returns false, and `errorString()` says
 * why. It is here for programs that share their code with Node.
 *
 * @see https://doc.qt.io/qt-6/qwebsocketserver.html
 */
export class QWebSocketServer extends QWebSocketServerBase {
  /**
   * @param serverName is only remembered.
   * @param secureMode is only remembered.
   * @param parent destroys the server when it is destroyed itself.
   */
  constructor(
    serverName = '',
    secureMode: SslMode = SslMode.NonSecureMode,
    parent: AnyQObject | null = null,
  ) {
    super(serverName, secureMode, parent, () => new NoListener());
  }

  /** Returns null. */
  override nextPendingConnection(): QWebSocket | null {
    return super.nextPendingConnection();
  }
}
