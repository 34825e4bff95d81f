import { ConnectionType } from '../core/connection-type.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';

/** What the `QWebChannel` of the npm package `qwebchannel` sends and receives with. */
export interface WebChannelTransport {
  /** Sends a message. */
  send(message: string): void;
  /** Is given each message that comes; the QWebChannel sets it. */
  onmessage: ((event: { readonly data: string }) => void) | null;
}

/**
 * Makes of a socket what Qt's JavaScript client of web channels asks for (not in Qt, whose WebEngine
 * has `qt.webChannelTransport` for it): `new QWebChannel(toWebChannelTransport(socket), ready)`.
 *
 * The client speaks at once, so the socket has to be connected. It takes text messages alone. The end
 * of the connection ends the channel: calls without an answer stay so, and the next connection needs
 * a transport and a QWebChannel of its own.
 *
 * @see https://doc.qt.io/qt-6/qtwebchannel-javascript.html
 */
export function toWebChannelTransport(socket: QWebSocketBase): WebChannelTransport {
  const transport: WebChannelTransport = {
    send: (message) => void socket.sendTextMessage(message),
    onmessage: null,
  };
  const receiving = socket.textMessageReceived.connect((data) => transport.onmessage?.({ data }));
  // What comes on the next connection answers somebody else.
  const end = (): void => void receiving.disconnect();
  socket.disconnected.connect(end, ConnectionType.SingleShotConnection);
  return transport;
}
