import type { Server } from 'node:http';
import {
  BacklogPolicy,
  CloseCode,
  QWebSocketServer,
  type QWebSocket,
  type ServerStatistics,
} from 'qwebsockets';
import { sayGoodbye } from '../support/say-goodbye.ts';
import type { Upstream } from './upstream.ts';

/**
 * Who asks for this subprotocol gets JSON, in which the state of the service is told as well; all
 * others get the bare messages.
 */
export const STATUS = 'status';

/** A client with more than this waiting to be written is cut off, in bytes: none is left out. */
const MAX_BACKLOG = 1024 * 1024;

/** The longest line that a client may send, in bytes. */
const MAX_MESSAGE_SIZE = 4096;

const MAX_CONNECTIONS = 1000;

/** What clients that ask for {@link STATUS} are told. */
type Report =
  | {
      readonly type: 'service';
      readonly name: string;
      readonly isConnected: boolean;
      readonly reason: string;
    }
  | { readonly type: 'message'; readonly text: string; readonly time: number }
  | { readonly type: 'refused'; readonly reason: string };

/** One service, and everyone who listens to it. */
export class Channel {
  /** Where clients find it on the HTTP server. */
  readonly path: string;
  readonly name: string;
  /** Whether what clients send goes to the service. */
  readonly isTwoWay: boolean;
  readonly #upstream: Upstream;
  readonly #server = new QWebSocketServer('Bridge', QWebSocketServer.NonSecureMode);
  readonly #sockets = new Set<QWebSocket>();
  #service: Report & { type: 'service' };
  #last: (Report & { type: 'message' }) | undefined;

  constructor(path: string, upstream: Upstream, isTwoWay: boolean) {
    this.path = path;
    this.name = upstream.name;
    this.isTwoWay = isTwoWay && upstream.send !== undefined;
    this.#upstream = upstream;
    this.#service = { type: 'service', name: this.name, isConnected: false, reason: '' };
    this.#server.setSupportedSubprotocols([STATUS]);
    this.#server.setMaxConnections(MAX_CONNECTIONS);
    this.#server.setBacklogLimit(MAX_BACKLOG, BacklogPolicy.Disconnect);
    this.#server.newConnection.connect(() => this.#takeConnections());
  }

  /** What its server has counted. */
  statistics(): ServerStatistics {
    return this.#server.statistics();
  }

  /** @param log - is given a line whenever the service comes or goes */
  start(http: Server, log: (line: string) => void): void {
    this.#server.attach(http, { path: this.path });
    this.#upstream.start({
      connected: () => {
        log(`${this.name}: Connected.`);
        this.#tellService(true, '');
      },
      lost: (reason, delay) => {
        log(`${this.name}: ${reason} Next attempt in ${(delay / 1000).toFixed(1)} s.`);
        this.#tellService(false, reason);
      },
      skipped: (reason) => log(`${this.name}: ${reason} It is skipped.`),
      message: (text) => this.#passOn(text),
    });
  }

  /** Leaves the service, closes every connection with 1001, and waits until the last one is gone. */
  async shutDown(): Promise<void> {
    this.#upstream.stop();
    this.#server.close();
    await sayGoodbye(this.#sockets);
  }

  #passOn(text: string): void {
    this.#last = { type: 'message', text, time: Date.now() };
    this.#server.broadcastTextMessage(text, (socket) => socket.subprotocol() !== STATUS);
    this.#report(this.#last);
  }

  #tellService(isConnected: boolean, reason: string): void {
    this.#service = { ...this.#service, isConnected, reason };
    this.#report(this.#service);
  }

  #report(report: Report): void {
    this.#server.broadcastTextMessage(
      JSON.stringify(report),
      (socket) => socket.subprotocol() === STATUS,
    );
  }

  #takeConnections(): void {
    while (this.#server.hasPendingConnections()) {
      const socket = this.#server.nextPendingConnection();
      if (socket === null) return;

      this.#sockets.add(socket);
      socket.setMaxAllowedIncomingMessageSize(MAX_MESSAGE_SIZE);
      socket.setMaxAllowedIncomingFrameSize(MAX_MESSAGE_SIZE);
      socket.textMessageReceived.connect((message) => this.#processMessage(socket, message));
      socket.binaryMessageReceived.connect(() =>
        socket.close(CloseCode.CloseCodeDatatypeNotSupported, 'Messages must be text.'),
      );
      socket.disconnected.connect(() => this.#forget(socket));
      this.#welcome(socket);
    }
  }

  #welcome(socket: QWebSocket): void {
    const wantsReports = socket.subprotocol() === STATUS;
    if (wantsReports) socket.sendTextMessage(JSON.stringify(this.#service));
    if (this.#last === undefined) return;
    socket.sendTextMessage(wantsReports ? JSON.stringify(this.#last) : this.#last.text);
  }

  #processMessage(socket: QWebSocket, message: string): void {
    // What was under way when it was refused does not count.
    if (!socket.isValid()) return;
    if (!this.isTwoWay) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'This service takes no messages.');
    } else if (/[\r\n\0]/.test(message)) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'A message must be one line.');
    } else if (this.#upstream.send?.(message) === false) {
      this.#refuse(socket, 'The service cannot be reached now.');
    }
  }

  /** Nobody may believe that a line has arrived which has not. */
  #refuse(socket: QWebSocket, reason: string): void {
    if (socket.subprotocol() !== STATUS) socket.close(CloseCode.CloseCodeTryAgainLater, reason);
    else socket.sendTextMessage(JSON.stringify({ type: 'refused', reason } satisfies Report));
  }

  #forget(socket: QWebSocket): void {
    this.#sockets.delete(socket);
    socket.deleteLater();
  }
}
