import { roundToCents } from './feed.ts';
import { writeReply, type Quote } from './protocol.ts';

/** What subscriptions need of a socket. */
export interface Subscriber {
  sendTextMessage(message: string): number;
  bytesToWrite(): number;
}

/** A subscriber with more than this waiting to be written gets no pushes, in bytes. */
export const MAX_BACKLOG = 1024 * 1024;

interface Market {
  readonly opening: number;
  quote: Quote;
  readonly subscribers: Set<Subscriber>;
}

/** Who gets which prices. */
export class Subscriptions {
  readonly #markets = new Map<string, Market>();
  /** Symbols of which slow subscribers have missed the latest price. */
  readonly #missed = new Map<Subscriber, Set<string>>();

  /** @param time - of the opening prices, in milliseconds since 1970 */
  constructor(openings: ReadonlyMap<string, number>, time: number) {
    for (const [symbol, price] of openings) {
      const quote = { symbol, price, time, change: 0 };
      this.#markets.set(symbol, { opening: price, quote, subscribers: new Set() });
    }
  }

  has(symbol: string): boolean {
    return this.#markets.has(symbol);
  }

  symbols(): string[] {
    return [...this.#markets.keys()];
  }

  subscribe(subscriber: Subscriber, symbols: readonly string[]): void {
    for (const symbol of symbols) this.#markets.get(symbol)?.subscribers.add(subscriber);
  }

  unsubscribe(subscriber: Subscriber, symbols: readonly string[]): void {
    const missed = this.#missed.get(subscriber);
    for (const symbol of symbols) {
      this.#markets.get(symbol)?.subscribers.delete(subscriber);
      missed?.delete(symbol);
    }
  }

  /** Forgets a subscriber that has gone. */
  drop(subscriber: Subscriber): void {
    for (const market of this.#markets.values()) market.subscribers.delete(subscriber);
    this.#missed.delete(subscriber);
  }

  /** The latest prices of everything `subscriber` is subscribed to. */
  quotesFor(subscriber: Subscriber): Quote[] {
    return [...this.#markets.values()]
      .filter((market) => market.subscribers.has(subscriber))
      .map((market) => market.quote);
  }

  /** Tells the subscribers of `symbol` its price, unless it is still the same. */
  publish(symbol: string, price: number, time: number): void {
    const market = this.#markets.get(symbol);
    if (market === undefined || market.quote.price === price) return;

    market.quote = { symbol, price, time, change: roundToCents(price - market.opening) };
    const message = writeReply({ type: 'price', ...market.quote });
    for (const subscriber of market.subscribers) {
      if (subscriber.bytesToWrite() > MAX_BACKLOG) this.#miss(subscriber, symbol);
      else this.#push(subscriber, symbol, message);
    }
  }

  /** Sends a slow subscriber what it has missed, once half of its backlog is gone. */
  catchUp(subscriber: Subscriber): void {
    const missed = this.#missed.get(subscriber);
    if (missed === undefined || subscriber.bytesToWrite() > MAX_BACKLOG / 2) return;

    this.#missed.delete(subscriber);
    for (const symbol of missed) {
      const quote = this.#markets.get(symbol)!.quote;
      subscriber.sendTextMessage(writeReply({ type: 'price', ...quote }));
    }
  }

  #miss(subscriber: Subscriber, symbol: string): void {
    const missed = this.#missed.get(subscriber);
    if (missed === undefined) this.#missed.set(subscriber, new Set([symbol]));
    else missed.add(symbol);
  }

  #push(subscriber: Subscriber, symbol: string, message: string): void {
    this.#missed.get(subscriber)?.delete(symbol);
    subscriber.sendTextMessage(message);
  }
}
