import type { Server } from 'node:http';
import { CloseCode, QWebSocketServer, type QWebSocket } from 'qwebsockets';
import { sayGoodbye } from '../support/say-goodbye.ts';
import { Game, type Timers } from './game.ts';
import { readSteer, STEER_LENGTH } from './protocol.ts';
import { MAX_PLAYERS, World } from './world.ts';

/** Connections beyond those that play: they are told that the arena is full. */
const SPARE_CONNECTIONS = 32;

/** The game for everyone who connects to `/play` on the port of an HTTP server. */
export class ArenaServer {
  readonly #server = new QWebSocketServer('Arena', QWebSocketServer.NonSecureMode);
  readonly #sockets = new Set<QWebSocket>();
  readonly #game: Game;

  constructor(world = new World(), timers?: Timers) {
    this.#game = new Game(world, timers);
    this.#server.setMaxConnections(MAX_PLAYERS + SPARE_CONNECTIONS);
    this.#server.newConnection.connect(() => this.#takeConnections());
  }

  start(http: Server): void {
    this.#server.attach(http, { path: '/play' });
  }

  /** Closes every connection with 1001 and waits until the last one is gone. */
  async shutDown(): Promise<void> {
    this.#game.stop();
    this.#server.close();
    await sayGoodbye(this.#sockets);
  }

  #takeConnections(): void {
    while (this.#server.hasPendingConnections()) {
      const socket = this.#server.nextPendingConnection();
      if (socket === null) return;

      this.#sockets.add(socket);
      socket.setMaxAllowedIncomingMessageSize(STEER_LENGTH);
      socket.setMaxAllowedIncomingFrameSize(STEER_LENGTH);
      socket.binaryMessageReceived.connect((message) => this.#processMessage(socket, message));
      socket.textMessageReceived.connect(() =>
        this.#refuse(socket, CloseCode.CloseCodeDatatypeNotSupported, 'Messages must be binary.'),
      );
      socket.pong.connect(() => this.#game.hear(socket));
      socket.disconnected.connect(() => this.#forget(socket));
      if (!this.#game.join(socket)) {
        socket.close(CloseCode.CloseCodeTryAgainLater, 'The arena is full.');
      }
    }
  }

  #processMessage(socket: QWebSocket, message: Uint8Array): void {
    // What was under way when a player was refused does not count.
    if (!this.#game.has(socket)) return;
    const steering = readSteer(message);
    if (steering === undefined) {
      this.#refuse(socket, CloseCode.CloseCodeWrongDatatype, 'That is no message of the arena.');
    } else if (!this.#game.allow(socket)) {
      this.#refuse(socket, CloseCode.CloseCodePolicyViolated, 'Too many messages.');
    } else {
      this.#game.hear(socket);
      this.#game.steer(socket, steering);
    }
  }

  #refuse(socket: QWebSocket, code: CloseCode, reason: string): void {
    if (!this.#game.has(socket)) return;
    this.#game.leave(socket);
    socket.close(code, reason);
  }

  #forget(socket: QWebSocket): void {
    this.#sockets.delete(socket);
    this.#game.leave(socket);
    socket.deleteLater();
  }
}
