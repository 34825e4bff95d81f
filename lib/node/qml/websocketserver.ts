import type { AnyQObject } from '../../core/any-qobject.ts';
import {
  WebSocketServerBase,
  type ServerParts,
  type WebSocketServerInit,
} from '../../qml/websocketserver-base.ts';
import { KeepAlive } from '../../websockets/keep-alive.ts';
import { SslMode } from '../../websockets/qwebsocketserver-base.ts';
import { QWebSocketServer } from '../qwebsocketserver.ts';
import { WebSocket } from './websocket.ts';

const parts: ServerParts = {
  createServer: (name, secure) =>
    new QWebSocketServer(name, secure ? SslMode.SecureMode : SslMode.NonSecureMode),
  createClient: () => new WebSocket(),
  createKeepAlive: (options) => new KeepAlive(options),
};

/**
 * A WebSocket server with properties and handlers, as the QML type, over the sockets of Node.
 *
 * @see https://doc.qt.io/qt-6/qml-qtwebsockets-websocketserver.html
 */
export class WebSocketServer extends WebSocketServerBase {
  /**
   * @param init what stands between the braces in QML: properties, each a value or a function to
   *   bind it to, and handlers such as `onClientConnected`.
   * @param parent destroys the server when it is destroyed itself.
   */
  constructor(init: WebSocketServerInit = {}, parent: AnyQObject | null = null) {
    super(init, parent, parts);
  }
}
