import { randomNumbers } from '../support/random-numbers.ts';

/** Where prices come from: a random walk or a recording. */
export interface PriceSource {
  /** The price of every symbol before its first step, in the order in which symbols are listed. */
  readonly openings: ReadonlyMap<string, number>;

  /** The next change of a price. A source never ends. */
  next(): Step;
}

/** One change of one price. */
export interface Step {
  readonly symbol: string;
  readonly price: number;
  /** Milliseconds between the step before and this one. */
  readonly pause: number;
}

/** The timers a feed runs on: the global ones, or a fake clock's. */
export type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

/** Plays the steps of a source, each after its pause, until it is stopped. */
export class Feed {
  readonly #source: PriceSource;
  readonly #play: (step: Step) => void;
  readonly #timers: Timers;
  #timer: ReturnType<Timers['setTimeout']> | undefined;

  constructor(source: PriceSource, play: (step: Step) => void, timers: Timers = globalThis) {
    this.#source = source;
    this.#play = play;
    this.#timers = timers;
  }

  /** Plays on from where it was stopped; a running feed goes on undisturbed. */
  start(): void {
    if (this.#timer === undefined) this.#wait(this.#source.next());
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(step: Step): void {
    this.#timer = this.#timers.setTimeout(() => {
      this.#wait(this.#source.next());
      this.#play(step);
    }, step.pause);
  }
}

const OPENINGS: ReadonlyMap<string, number> = new Map([
  ['AAPL', 187.2],
  ['ADBE', 560.3],
  ['AMD', 158.35],
  ['AMZN', 184.1],
  ['ASML', 934.25],
  ['CRM', 254.7],
  ['CSCO', 47.15],
  ['GOOG', 172.3],
  ['IBM', 190.5],
  ['INTC', 31.25],
  ['META', 504.2],
  ['MSFT', 415.6],
  ['NFLX', 641.05],
  ['NVDA', 121.4],
  ['ORCL', 139.8],
  ['QCOM', 196.45],
  ['SAP', 201.9],
  ['SHEL', 71.4],
  ['TM', 204.35],
  ['TSLA', 248.5],
]);

/** How far a price usually moves in one step, as a part of itself. */
const VOLATILITY = 0.002;

/** Twenty invented prices that wander. The same seed gives the same walk. */
export class RandomWalk implements PriceSource {
  readonly openings = OPENINGS;
  readonly #symbols = [...OPENINGS.keys()];
  readonly #prices = new Map(OPENINGS);
  readonly #random: () => number;
  readonly #pause: number;

  /** @param pause - milliseconds between two steps */
  constructor(seed: number, pause: number) {
    this.#random = randomNumbers(seed);
    this.#pause = pause;
  }

  next(): Step {
    const symbol = this.#symbols[Math.floor(this.#random() * this.#symbols.length)]!;
    // Three draws added up are close enough to a bell curve for a price.
    const bell = this.#random() + this.#random() + this.#random() - 1.5;
    const price = Math.max(0.01, roundToCents(this.#prices.get(symbol)! * (1 + bell * VOLATILITY)));
    this.#prices.set(symbol, price);
    return { symbol, price, pause: this.#pause };
  }
}

const SYMBOL = /^[A-Z][A-Z0-9.-]{0,11}$/;

/** No gap of a recording is played longer than this, in milliseconds. */
const LONGEST_PAUSE = 10_000;

/** Prices from a CSV file with the columns `time,symbol,price`, over and over again. */
export class Recording implements PriceSource {
  readonly openings: ReadonlyMap<string, number>;
  readonly #steps: readonly Step[];
  #position = 0;

  /**
   * @param csv - a header line, then one line per price in the order of time (ISO 8601)
   * @param pause - milliseconds between two steps; without it, as far apart as they were recorded
   * @throws Error naming the first line that is wrong
   */
  constructor(csv: string, pause?: number) {
    const [header, ...lines] = csv.trimEnd().split(/\r?\n/);
    if (header !== 'time,symbol,price') throw new Error('Line 1 is not "time,symbol,price".');
    if (lines.length === 0) throw new Error('There are no prices.');

    const openings = new Map<string, number>();
    let last: number | undefined;
    this.#steps = lines.map((line, index) => {
      const { time, symbol, price } = parseLine(line, index + 2);
      if (last !== undefined && time < last)
        throw new Error(`Line ${index + 2} goes back in time.`);
      const gap = Math.min(time - (last ?? time), LONGEST_PAUSE);
      last = time;
      if (!openings.has(symbol)) openings.set(symbol, price);
      // The first step follows the last one of the round before.
      return { symbol, price, pause: pause ?? (index === 0 ? 1000 : gap) };
    });
    this.openings = openings;
  }

  next(): Step {
    const step = this.#steps[this.#position]!;
    this.#position = (this.#position + 1) % this.#steps.length;
    return step;
  }
}

function parseLine(line: string, number: number) {
  const [time = '', symbol = '', price = '', ...rest] = line.split(',');
  if (rest.length > 0) throw new Error(`Line ${number} has more than three columns.`);
  if (Number.isNaN(Date.parse(time))) throw new Error(`Line ${number} does not start with a time.`);
  if (!SYMBOL.test(symbol)) throw new Error(`Line ${number} names no symbol.`);
  if (!(roundToCents(Number(price)) > 0 && Number.isFinite(Number(price)))) {
    throw new Error(`Line ${number} has no price.`);
  }
  return { time: Date.parse(time), symbol, price: roundToCents(Number(price)) };
}

/** Prices have two decimals. */
export function roundToCents(price: number): number {
  return Math.round(price * 100) / 100;
}
