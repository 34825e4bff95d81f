import type { AnyQObject } from '../core/any-qobject.ts';
import { QWebSocketServerBase, SslMode } from '../websockets/qwebsocketserver-base.ts';
import { ListenerBackend } from './listener-backend.ts';
import type { QWebSocket } from './qwebsocket.ts';

/**
 * A WebSocket server, on a port of its own or together with an HTTP server of Node.
 *
 * @see https://doc.qt.io/qt-6/qwebsocketserver.html
 */
export class QWebSocketServer extends QWebSocketServerBase {
  /**
   * @param serverName what is sent as `Server`; nothing when it is empty.
   * @param secureMode whether to speak TLS, for which `setSslConfiguration()` has the certificate.
   * @param parent destroys the server when it is destroyed itself.
   */
  constructor(
    serverName = '',
    secureMode: SslMode = SslMode.NonSecureMode,
    parent: AnyQObject | null = null,
  ) {
    super(
      serverName,
      secureMode,
      parent,
      (events, settings) => new ListenerBackend(events, settings),
    );
  }

  override nextPendingConnection(): QWebSocket | null {
    return super.nextPendingConnection();
  }
}
