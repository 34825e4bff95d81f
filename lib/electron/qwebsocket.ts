import type { AnyQObject } from '../core/any-qobject.ts';
import { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { Version } from '../websockets/qwebsocketprotocol.ts';
import { connectThroughPreload } from './bridge-connectors.ts';
import { PortBackend, type BridgeConnector } from './port-backend.ts';

/**
 * A WebSocket client of a page or preload script, whose connections live in Electron's main
 * process: see `SocketBridge` there.
 *
 * @see https://doc.qt.io/qt-6/qwebsocket.html
 */
export class QWebSocket extends QWebSocketBase {
  /**
   * @param origin is told to the main process, which decides what is sent.
   * @param version is only remembered: the protocol spoken is always 13.
   * @param parent destroys the socket when it is destroyed itself.
   * @param connector the way to the main process: for a page, through the preload script that has
   *   called `exposeBridge()`; in a preload script itself, {@link connectThroughIpc}.
   */
  constructor(
    origin = '',
    version: Version = Version.VersionLatest,
    parent: AnyQObject | null = null,
    connector: BridgeConnector = connectThroughPreload,
  ) {
    super(origin, version, parent, (events, settings) => {
      return new PortBackend(events, settings, connector);
    });
  }
}
