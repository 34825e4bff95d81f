import type { Server } from 'node:http';
import {
  BackPressure,
  CloseCode,
  QueuePolicy,
  QWebSocketServer,
  type QWebSocket,
  type TopicBroker,
} from 'qwebsockets';
import { sayGoodbye } from '../support/say-goodbye.ts';
import {
  BadRequest,
  parseRequest,
  writeReply,
  type Quote,
  type Reply,
  type Request,
} from './protocol.ts';
import { publishQuote } from './publish-quote.ts';

/** A client that sends more bad messages than this without a good one between them is closed. */
export const MAX_BAD_MESSAGES = 5;

/** The longest message that is read, in bytes; all requests fit. */
const MAX_MESSAGE_SIZE = 16 * 1024;

/** A client with more replies than this waiting to be written is closed, in bytes. */
const MAX_UNREAD = 1024 * 1024;

/** One process takes no more clients than this. */
const MAX_CLIENTS = 10_000;

/** Prices for everyone who subscribes, at `/feed` on the port of an HTTP server: a topic for each stock. */
export class StockServer {
  readonly #server = new QWebSocketServer('Stock Ticker', QWebSocketServer.NonSecureMode);
  readonly #symbols: ReadonlySet<string>;
  /** How many bad messages in a row each client has sent. */
  readonly #clients = new Map<QWebSocket, number>();

  constructor(symbols: Iterable<string>) {
    this.#symbols = new Set(symbols);
    this.#server.setMaxConnections(MAX_CLIENTS);
    this.#server.setMaxTopicsPerSocket(this.#symbols.size);
    // Who is behind gets the latest price of each stock, and none of those it has missed.
    this.#server.setTopicBackPressure(
      new BackPressure({ policy: QueuePolicy.LatestPerKey }, this.#server),
    );
    this.#server.newConnection.connect(() => this.#takeConnections());
  }

  /** Lets pages of `origin` in, and no others. */
  allowOrigin(origin: string): void {
    this.#server.originAuthenticationRequired.connect((page) => {
      page.setAllowed(page.origin() === '' || page.origin() === origin);
    });
  }

  /** Has other processes publish as well, and get what is published here. */
  share(broker: TopicBroker | null): void {
    this.#server.setTopicBroker(broker);
  }

  start(http: Server): void {
    this.#server.attach(http, { path: '/feed' });
  }

  publish(quote: Quote): void {
    publishQuote(this.#server, quote);
  }

  /** Closes every connection with 1001 and waits until the last one is gone. */
  async shutDown(): Promise<void> {
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
      socket.disconnected.connect(() => this.#forget(socket));
    }
  }

  #processMessage(socket: QWebSocket, message: string): void {
    let request: Request;
    try {
      request = parseRequest(message, this.#symbols);
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
        return this.#reply(socket, { type: 'symbols', symbols: [...this.#symbols] });
      case 'ping':
        return this.#reply(socket, { type: 'pong', id: request.id });
      case 'subscribe':
        this.#replySubscribed(socket, [...this.#server.topics(socket), ...request.symbols]);
        // The latest price follows at once.
        for (const symbol of request.symbols) this.#server.subscribe(socket, symbol);
        return;
      case 'unsubscribe':
        for (const symbol of request.symbols) this.#server.unsubscribe(socket, symbol);
        this.#replySubscribed(socket, this.#server.topics(socket));
    }
  }

  #replySubscribed(socket: QWebSocket, symbols: readonly string[]): void {
    const subscribed = new Set(symbols);
    const inOrder = [...this.#symbols].filter((symbol) => subscribed.has(symbol));
    this.#reply(socket, { type: 'subscribed', symbols: inOrder });
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
    // Prices stop far below this: only who asks and never reads gets here.
    if (socket.bytesToWrite() > MAX_UNREAD) {
      socket.close(CloseCode.CloseCodePolicyViolated, 'Too many unread replies.');
    } else {
      socket.sendTextMessage(writeReply(reply));
    }
  }

  #forget(socket: QWebSocket): void {
    this.#clients.delete(socket);
    socket.deleteLater();
  }
}
