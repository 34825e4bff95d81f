import type { QWebSocketServer } from 'qwebsockets';
import { writeReply, type Quote } from './protocol.ts';

/** Publishes a quote on the topic of its symbol, for all who have subscribed and all who will. */
export function publishQuote(server: QWebSocketServer, quote: Quote): void {
  server.publish(quote.symbol, writeReply({ type: 'price', ...quote }), { retain: true });
}
