import { Feed, roundToCents, type PriceSource, type Step, type Timers } from './feed.ts';
import type { Quote } from './protocol.ts';

/** Makes quotes out of the steps of a source: one for each change of a price. */
export class PriceMaker {
  readonly #source: PriceSource;
  readonly #publish: (quote: Quote) => void;
  readonly #feed: Feed;
  readonly #latest: Map<string, number>;

  constructor(source: PriceSource, publish: (quote: Quote) => void, timers?: Timers) {
    this.#source = source;
    this.#publish = publish;
    this.#latest = new Map(source.openings);
    this.#feed = new Feed(source, (step) => this.#play(step), timers);
  }

  /** Publishes all prices once, and then what changes. */
  start(): void {
    for (const [symbol, price] of this.#latest) this.#tell(symbol, price);
    this.#feed.start();
  }

  stop(): void {
    this.#feed.stop();
  }

  #play({ symbol, price }: Step): void {
    if (this.#latest.get(symbol) === price) return;
    this.#latest.set(symbol, price);
    this.#tell(symbol, price);
  }

  #tell(symbol: string, price: number): void {
    const change = roundToCents(price - this.#source.openings.get(symbol)!);
    this.#publish({ symbol, price, time: Date.now(), change });
  }
}
