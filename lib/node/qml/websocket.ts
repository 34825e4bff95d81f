import type { AnyQObject } from '../../core/any-qobject.ts';
import {
  WebSocketBase,
  type WebSocketInit,
  type WebSocketParts,
} from '../../qml/websocket-base.ts';
import { KeepAlive } from '../../websockets/keep-alive.ts';
import { QWebSocket } from '../qwebsocket.ts';
import { Reconnector } from '../reconnector.ts';

const parts: WebSocketParts = {
  createSocket: () => new QWebSocket(),
  createReconnector: (socket, options) => new Reconnector(socket, options),
  createKeepAlive: (options) => new KeepAlive(options),
};

/**
 * A WebSocket with properties and handlers, as the QML type, over the sockets of Node.
 *
 * @see https://doc.qt.io/qt-6/qml-qtwebsockets-websocket.html
 */
export class WebSocket extends WebSocketBase {
  /**
   * @param init what stands between the braces in QML: properties, each a value or a function to
   *   bind it to, and handlers such as `onStatusChanged`.
   * @param parent destroys the WebSocket when it is destroyed itself.
   */
  constructor(init: WebSocketInit = {}, parent: AnyQObject | null = null) {
    super(init, parent, parts);
  }
}
