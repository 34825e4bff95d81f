import type { QObject } from '../../../lib/core/qobject.ts';
import { Reconnector } from '../../../lib/node/reconnector.ts';
import { WebSocketBase, type WebSocketInit } from '../../../lib/qml/websocket-base.ts';
import { KeepAlive } from '../../../lib/websockets/keep-alive.ts';
import { KeptSocket } from '../../support/kept-socket.ts';

const NAMES = ['Connecting', 'Open', 'Closing', 'Closed', 'Error'];

/** A WebSocket whose sockets belong to the spec. */
export class TestWebSocket extends WebSocketBase {
  readonly sockets: KeptSocket[];
  /** What it has told, in order. */
  readonly log: string[];

  constructor(init: WebSocketInit, parent: QObject) {
    const sockets: KeptSocket[] = [];
    const log: string[] = [];
    super(
      {
        onStatusChanged: (status) => log.push(NAMES[status]!),
        onReconnecting: (attempt, delay) => log.push(`reconnecting ${attempt} ${delay}`),
        onReconnected: () => log.push('reconnected'),
        onGaveUp: (reason) => log.push(`gaveUp ${reason}`),
        ...init,
      },
      parent,
      {
        createSocket() {
          const socket = new KeptSocket();
          sockets.push(socket);
          return socket;
        },
        createReconnector: (socket, options) =>
          new Reconnector(socket, { random: () => 0.5, ...options }),
        createKeepAlive: (options) => new KeepAlive(options),
      },
    );
    this.sockets = sockets;
    this.log = log;
  }

  get socket(): KeptSocket {
    return this.sockets.at(-1)!;
  }
}
