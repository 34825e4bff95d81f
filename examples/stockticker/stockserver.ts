import type { Server } from 'node:http';
import { CloseCode, QWebSocketServer, type QWebSocket } from 'qwebsockets';
import { sayGoodbye } from '../support/say-goodbye.ts';
import { Feed, type PriceSource, type Timers } from './feed.ts';
import { BadRequest, parseRequest, writeReply, type Reply, type Request } from './protocol.ts';
import { MAX_BACKLOG, Subscriptions } from './subscriptions.ts';

/** A client that sends more bad messages than this without a good one between them is closed. */
export const MAX_BAD_MESSAGES = 5;

/** The longest message that is read, in bytes; all requests fit. */
const MAX_MESSAGE_SIZE = 16 * 1024;

/** Prices for everyone who subscribes, at `/feed` on the port of an HTTP server. */
export class StockServer {
  readonly #server = new QWebSocketServer('Stock Ticker', QWebSocketServer.NonSecureMode);
  readonly #subscriptions: Subscriptions;
  readonly #feed: Feed;
  /** How many bad messages in a row each client has sent. */
  readonly #clients = new Map<QWebSocket, number>();

  constructor(source: PriceSource, timers?: Timers) {
    this.#subscriptions = new Subscriptions(source.openings, Date.now());
    this.#feed = new Feed(
      source,
      ({ symbol, price }) => this.#subscriptions.publish(symbol, price, Date.now()),
      timers,
    );
    this.#server.newConnection.connect(() => this.#takeConnections());
  }

  start(http: Server): void {
    this.#server.attach(http, { path: '/feed' });
    this.#feed.start();
  }

  /** Closes every connection with 1001 and waits until the last one is gone. */
  async shutDown(): Promise<void> {
    this.#feed.stop();
    this.#server.close();
    await sayGoodbye(this.#clients.keys());
  }

  #takeConnections(): void {
    while (this.#server.hasPendingConnections()) {
      const socket = this.#server.nextPendingConnection();
      if (socket === null) return;

      this.#clients.set(socket, 0);
      socket.setMaxAllowedIncomingMessageSize(MAX_MESSAGE_SIZE);
      socket.setMaxAllowedIncomingFrameSize(MAX_MESSAGE_SIZE);
      socket.textMessageReceived.connect((message) => this.#processMessage(socket, message));
      socket.binaryMessageReceived.connect(() => this.#refuse(socket, 'Messages must be text.'));
      socket.bytesWritten.connect(() => this.#subscriptions.catchUp(socket));
      socket.disconnected.connect(() => this.#forget(socket));
    }
  }

  #processMessage(socket: QWebSocket, message: string): void {
    let request: Request;
    try {
      request = parseRequest(message, this.#subscriptions);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      this.#refuse(socket, error.message);
      return;
    }
    this.#clients.set(socket, 0);
    this.#answer(socket, request);
  }

  #answer(socket: QWebSocket, request: Request): void {
    switch (request.type) {
      case 'list':
        return this.#reply(socket, { type: 'symbols', symbols: this.#subscriptions.symbols() });
      case 'ping':
        return this.#reply(socket, { type: 'pong', id: request.id });
      case 'subscribe':
        this.#subscriptions.subscribe(socket, request.symbols);
        return this.#replySubscribed(socket);
      case 'unsubscribe':
        this.#subscriptions.unsubscribe(socket, request.symbols);
        return this.#replySubscribed(socket);
    }
  }

  #replySubscribed(socket: QWebSocket): void {
    const quotes = this.#subscriptions.quotesFor(socket);
    this.#reply(socket, {
      type: 'subscribed',
      symbols: quotes.map(({ symbol }) => symbol),
      prices: Object.fromEntries(quotes.map(({ symbol, ...quote }) => [symbol, quote])),
    });
  }

  #refuse(socket: QWebSocket, message: string): void {
    this.#reply(socket, { type: 'error', message });
    const badMessages = (this.#clients.get(socket) ?? 0) + 1;
    this.#clients.set(socket, badMessages);
    if (badMessages > MAX_BAD_MESSAGES) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'Too many bad messages.');
    }
  }

  #reply(socket: QWebSocket, reply: Reply): void {
    // Pushes stop at half of this: only who asks and never reads gets here.
    if (socket.bytesToWrite() > 2 * MAX_BACKLOG) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'Too many unread replies.');
    } else {
      socket.sendTextMessage(writeReply(reply));
    }
  }

  #forget(socket: QWebSocket): void {
    this.#clients.delete(socket);
    this.#subscriptions.drop(socket);
    socket.deleteLater();
  }
}
