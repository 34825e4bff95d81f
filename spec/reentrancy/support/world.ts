import { QObject } from '../../../lib/core/qobject.ts';
import { SocketState } from '../../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { SslMode } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { emitted } from '../../support/emitted.ts';
import { identified } from '../../support/secure-client.ts';
import { trusting } from '../../support/secure-peer.ts';

class Family extends QObject {}

/** The two ends of a connection, their server and whoever else a slot may act on. */
export class World {
  /** The parent of {@link client}. */
  readonly family: Family = new Family();
  readonly client: QWebSocket;
  /** Another connection to the same server, which nothing is said on. */
  readonly sibling: QWebSocket = new QWebSocket();
  readonly server: QWebSocketServer;
  /** The server's end of the client's connection, once it was fetched. */
  peer: QWebSocket | undefined;
  /** What the client opens. */
  url = '';
  /** Whether slots have had their time. */
  isSettled = false;
  /** Whether connections are fetched as they come. */
  isFetching = true;
  /** Called with each connection that the server has accepted. */
  greet: (peer: QWebSocket) => void = () => {};
  readonly #endings: (() => void)[] = [];

  constructor(secureMode?: SslMode) {
    this.client = new QWebSocket('', undefined, this.family);
    this.server = new QWebSocketServer('', secureMode);
    this.server.newConnection.connect(() => {
      if (this.isFetching) this.fetch();
    });
  }

  listen(): void {
    if (!this.server.listen(QHostAddress.LocalHost)) throw new Error(this.server.errorString());
    this.url = this.server.serverUrl().toString();
  }

  fetch(): void {
    for (;;) {
      const peer = this.server.nextPendingConnection();
      if (peer === null) return;
      this.peer = peer;
      this.greet(peer);
    }
  }

  /** Does `ending` when the world ends. */
  atTheEnd(ending: () => void): void {
    this.#endings.push(ending);
  }

  /** Whether the server lets a newcomer in and tells it what it says. */
  async serves(): Promise<boolean> {
    const { server } = this;
    server.blockSignals(false);
    server.removeAllListeners();
    this.fetch();
    server.resumeAccepting();
    if (!server.isListening() && !server.listen(QHostAddress.LocalHost)) return false;
    server.setMaxPendingConnections(30);
    server.setHandshakeTimeout(10_000);
    server.setSslConfiguration(identified());
    server.newConnection.connect(() => {
      const peer = server.nextPendingConnection();
      peer?.textMessageReceived.connect((text) => peer.sendTextMessage(text));
    });
    const newcomer = new QWebSocket();
    newcomer.setSslConfiguration(trusting());
    newcomer.connected.connect(() => newcomer.sendTextMessage('still there?'));
    const answer = Promise.race([
      emitted(newcomer.textMessageReceived),
      emitted(newcomer.disconnected),
    ]);
    newcomer.open(server.serverUrl());
    const [text] = await answer;
    newcomer.abort();
    return text === 'still there?';
  }

  /** Gives everything up. */
  end(): void {
    this.client.abort();
    this.sibling.abort();
    this.peer?.abort();
    this.server[Symbol.dispose]();
    for (const ending of this.#endings) ending();
  }
}

/** Whether nothing goes on with `socket` any more. */
export function isAtRest(socket: QWebSocket): boolean {
  return socket.state() === SocketState.UnconnectedState;
}
