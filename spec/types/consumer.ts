// A program as users write it, through every door of the package. It is compiled and never run.
import type { QSslConfiguration, QWebSocket } from 'qwebsockets';
import {
  CloseCode,
  QHostAddress,
  QObject,
  QUrl,
  QWebSocketServer,
  SslMode,
  connect,
  type Bytes,
  type Signal,
} from 'qwebsockets';
import { QWebSocket as PageSocket } from 'qwebsockets/browser';
import { WebSocket as PageElement } from 'qwebsockets/browser/qml';
import { SocketBridge, resolveProxies } from 'qwebsockets/electron';
import { exposeBridge } from 'qwebsockets/electron/preload';
import type { QWebSocket as BridgedSocket } from 'qwebsockets/electron/renderer';
import type { WebSocketServer } from 'qwebsockets/qml';
import { Status, WebSocket } from 'qwebsockets/qml';
import { QWebChannel, WebSocketTransport } from 'qwebsockets/webchannel';

export const doors = [PageSocket, PageElement, SocketBridge, resolveProxies, exposeBridge];

export class Listener {
  readonly #server = new QWebSocketServer('types', SslMode.SecureMode);
  readonly #sockets: QWebSocket[] = [];

  constructor(configuration: QSslConfiguration) {
    this.#server.setSslConfiguration(configuration);
    this.#server.newConnection.connect(this, this.#welcome);
    this.#server.sslErrors.connect((errors) => errors.map((error) => error.errorString()));
    if (!this.#server.listen(QHostAddress.LocalHost)) throw new Error(this.#server.errorString());
  }

  #welcome(): void {
    const socket = this.#server.nextPendingConnection();
    if (socket === null) return;
    this.#sockets.push(socket);
    socket.textMessageReceived.connect((message) => void socket.sendTextMessage(message));
    socket.binaryMessageReceived.connect((message) => {
      const bytes: Uint8Array = message;
      const taken: Bytes = bytes;
      socket.sendBinaryMessage(taken);
      socket.sendBinaryMessage(new ArrayBuffer(8));
    });
    connect(socket.disconnected, () => socket.deleteLater());
    const closes: Signal<[]> = socket.aboutToClose;
    closes.connect(() => socket.close(CloseCode.CloseCodeNormal));
  }
}

export class Lamp extends QObject<{ switched: [on: boolean] }> {
  constructor(parent: QObject | null = null) {
    super(parent);
  }
  isOn(): boolean {
    return false;
  }
  turn(on: boolean): void {
    this.emit('switched', on);
  }
}

export function publish(socket: QWebSocket): void {
  const channel = new QWebChannel();
  channel.registerObject('lamp', new Lamp(channel), {
    properties: { on: { read: 'isOn', write: 'turn', type: 'boolean', notify: 'switched' } },
    methods: { turn: ['boolean'] },
  });
  // @ts-expect-error it takes a boolean.
  channel.registerType(Lamp, { methods: { turn: ['number'] } });
  channel.connectTo(new WebSocketTransport(socket));
}

export function client(socket: QWebSocket | PageSocket | BridgedSocket): number {
  socket.open(new QUrl('ws://localhost'));
  socket.on('pong', (elapsedTime, payload) => elapsedTime + payload.length);
  // @ts-expect-error a slot wants a number where the signal has a text.
  socket.textMessageReceived.connect((message: number) => message);
  // @ts-expect-error a number is no text.
  socket.sendTextMessage(5);
  return socket.sendTextMessage('Hello');
}

export function element(server: WebSocketServer): WebSocket {
  const socket = new WebSocket({
    url: () => server.url,
    active: true,
    onStatusChanged: (status) => status === Status.Open,
  });
  // @ts-expect-error only the WebSocket itself knows.
  socket.status = Status.Closed;
  return socket;
}
