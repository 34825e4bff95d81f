import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';

/** What an {@link EchoServer} accepts at most; Qt's limits unless they are given. */
export interface EchoLimits {
  readonly maxAllowedIncomingMessageSize?: number;
  readonly maxAllowedIncomingFrameSize?: number;
}

/** The server of Qt's own test of QWebSocket: it sends every message back. */
export class EchoServer {
  readonly server: QWebSocketServer = new QWebSocketServer('Echo Server');
  /** The connections in the order of their coming. */
  readonly sockets: QWebSocket[] = [];

  constructor(limits: EchoLimits = {}) {
    this.server.setSupportedSubprotocols(['protocol1', 'protocol2']);
    this.server.newConnection.connect(() => {
      const socket = this.server.nextPendingConnection()!;
      this.sockets.push(socket);
      socket.setMaxAllowedIncomingMessageSize(
        limits.maxAllowedIncomingMessageSize ?? QWebSocket.maxIncomingMessageSize(),
      );
      socket.setMaxAllowedIncomingFrameSize(
        limits.maxAllowedIncomingFrameSize ?? QWebSocket.maxIncomingFrameSize(),
      );
      socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
      socket.binaryMessageReceived.connect((message) => socket.sendBinaryMessage(message));
    });
    this.server.listen(QHostAddress.LocalHost);
  }

  /** Where it listens, without a slash at the end. */
  get url(): string {
    return this.server.serverUrl().toString();
  }

  /** The connection that came last. */
  get newest(): QWebSocket {
    return this.sockets.at(-1)!;
  }

  stop(): void {
    this.server[Symbol.dispose]();
    for (const socket of this.sockets) socket.abort();
  }
}
