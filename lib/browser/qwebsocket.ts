import type { AnyQObject } from '../core/any-qobject.ts';
import { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { Version } from '../websockets/qwebsocketprotocol.ts';
import type { SocketBackendEvents, SocketSettings } from '../websockets/socket-backend.ts';
import { adviceFor } from './failure-advice.ts';
import { NativeBackend } from './native-backend.ts';
import { openNativeWebSocket } from './native-websocket.ts';

/**
 * A WebSocket client over the WebSocket of the page or worker, as Qt for WebAssembly has it.
 *
 * What a browser does not let scripts do, such as pinging, does nothing here.
 *
 * @see https://doc.qt.io/qt-6/qwebsocket.html
 */
export class QWebSocket extends QWebSocketBase {
  /**
   * @param origin is only remembered: the browser sends the origin of the page.
   * @param version is only remembered: the protocol spoken is always 13.
   * @param parent destroys the socket when it is destroyed itself.
   */
  constructor(
    origin = '',
    version: Version = Version.VersionLatest,
    parent: AnyQObject | null = null,
  ) {
    super(origin, version, parent, createNativeBackend);
  }
}

function createNativeBackend(
  events: SocketBackendEvents,
  settings: Readonly<SocketSettings>,
): NativeBackend {
  return new NativeBackend(events, settings, openNativeWebSocket, adviceFor);
}
