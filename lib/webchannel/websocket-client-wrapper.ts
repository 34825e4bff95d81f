import type { AnyQObject } from '../core/any-qobject.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import type { QWebSocketServerBase } from '../websockets/qwebsocketserver-base.ts';
import { WebSocketTransport } from './websocket-transport.ts';

/** The signals of a WebSocketClientWrapper and what they carry. */
export interface WebSocketClientWrapperSignals {
  clientConnected: [transport: WebSocketTransport];
}

/**
 * Makes a {@link WebSocketTransport} of every socket that connects to a server, as the class of this
 * name in Qt's examples.
 */
export class WebSocketClientWrapper extends QObject<WebSocketClientWrapperSignals> {
  readonly #server: QWebSocketServerBase;

  /** @param parent destroys the object when it is destroyed itself. */
  constructor(server: QWebSocketServerBase, parent: AnyQObject | null = null) {
    super(parent);
    this.#server = server;
    server.newConnection.connect(this, () => this.#welcome());
  }

  /** Emitted when a client has connected. */
  get clientConnected(): Signal<WebSocketClientWrapperSignals['clientConnected']> {
    return this.signal('clientConnected');
  }

  #welcome(): void {
    const socket = this.#server.nextPendingConnection();
    if (socket !== null) this.announce('clientConnected', new WebSocketTransport(socket));
  }
}
