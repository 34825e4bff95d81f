import type { AnyQObject } from '../../core/any-qobject.ts';
import { WebSocketServerBase, type WebSocketServerInit } from '../../qml/websocketserver-base.ts';
import { QWebSocketServer } from '../qwebsocketserver.ts';
import { WebSocket } from './websocket.ts';

const parts = {
  createServer: (name: string): QWebSocketServer => new QWebSocketServer(name),
  createClient: (): WebSocket => new WebSocket(),
};

/**
 * A WebSocket server where there can be none: with `listen`, `errorString` says why nothing comes of
 * it. It is here for programs that share their code with Node.
 *
 * @see https://doc.qt.io/qt-6/qml-qtwebsockets-websocketserver.html
 */
export class WebSocketServer extends WebSocketServerBase {
  /**
   * @param init what stands between the braces in QML: properties, each a value or a function to
   *   bind it to, and handlers such as `onErrorStringChanged`.
   * @param parent destroys the server when it is destroyed itself.
   */
  constructor(init: WebSocketServerInit = {}, parent: AnyQObject | null = null) {
    super(init, parent, parts);
  }
}
