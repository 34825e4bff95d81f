import type { Duplex } from 'node:stream';
import type { AnyQObject } from '../core/any-qobject.ts';
import type { AcceptedHandshake } from '../websockets/accepted-handshake.ts';
import { adopt, begin, QWebSocketBase } from '../websockets/qwebsocket-base.ts';
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

/**
 * Makes the socket of a connection whose handshake a server has answered.
 *
 * What the peer sends waits until {@link beginDelivery}; `early` has come behind the request.
 */
export function adoptStream(
  stream: Duplex,
  early: Buffer,
  handshake: AcceptedHandshake,
  subprotocol: string,
): QWebSocket {
  const socket = new QWebSocket();
  // Every QWebSocket of this door has the backend that its constructor names.
  const backend = adopt(socket, handshake, subprotocol) as WireBackend;
  backend.accept(stream, early);
  return socket;
}

/** Lets `socket` deliver what its peer sends, a moment from now; once is enough. */
export function beginDelivery(socket: QWebSocketBase): void {
  begin(socket);
}

function createWireBackend(
  events: SocketBackendEvents,
  settings: Readonly<SocketSettings>,
): WireBackend {
  return new WireBackend(events, settings);
}
