import { readNews, type News } from './news.ts';
import type { Quote } from './protocol.ts';

/** Prints the prices that a server pushes, up to a number of them. */
export class PricePrinter {
  readonly #program: string;
  readonly #finish: (code: number) => void;
  #left: number;

  /**
   * @param program - stands before what is told on standard error
   * @param count - after how many prices to finish
   * @param finish - called once with the exit code, 1 when the server refuses or is none
   */
  constructor(program: string, count: number, finish: (code: number) => void) {
    this.#program = program;
    this.#left = count;
    this.#finish = finish;
  }

  /** Takes a message of the server; its type, or undefined when all is over. */
  receive(message: string): News['type'] | undefined {
    if (this.#left <= 0) return undefined;
    const news = readNews(message);
    if (news === undefined) return this.#fail('The server is no stock ticker.');
    if (news.type === 'error') return this.#fail(news.message);
    if (news.type === 'price') this.#print(news);
    return news.type;
  }

  #print(quote: Quote): void {
    console.log(priceLine(quote));
    this.#left -= 1;
    if (this.#left === 0) this.#finish(0);
  }

  #fail(reason: string): undefined {
    console.error(`${this.#program}: ${reason}`);
    this.#left = 0;
    this.#finish(1);
  }
}

function priceLine({ symbol, price, change }: Quote): string {
  const arrow = change > 0 ? '▲' : change < 0 ? '▼' : '=';
  return `${symbol} ${price.toFixed(2)} ${arrow} ${Math.abs(change).toFixed(2)}`;
}
