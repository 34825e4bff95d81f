import type { AnyQObject } from '../core/any-qobject.ts';
import { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { Version } from '../websockets/qwebsocketprotocol.ts';
import type { SocketBackendEvents, SocketSettings } from '../websockets/socket-backend.ts';
import { WireBackend } from './wire-backend.ts';

/**
 * A WebSocket, over the sockets of Node.
 *
 * A client is made with the constructor and {@link open}ed; the sockets of a server come from
 * `QWebSocketServer.nextPendingConnection()` and are connected already.
 *
 * @see https://doc.qt.io/qt-6/qwebsocket.html
 */
export class QWebSocket extends QWebSocketBase {
  /**
   * @param origin the value of the `Origin` header; empty sends none.
   * @param version is only remembered: the protocol spoken is always 13.
   * @param parent destroys the socket when it is destroyed itself.
   */
  constructor(
    origin = '',
    version: Version = Version.VersionLatest,
    parent: AnyQObject | null = null,
  ) {
    super(origin, version, parent, createWireBackend);
  }
}

function createWireBackend(
  events: SocketBackendEvents,
  settings: Readonly<SocketSettings>,
): WireBackend {
  return new WireBackend(events, settings);
}
