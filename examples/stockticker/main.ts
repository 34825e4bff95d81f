import { readFileSync } from 'node:fs';
import { CommandLine } from '../support/command-line.ts';
import { createPageServer } from '../support/page-server.ts';
import { numberOption, runWebProgram, webOptions } from '../support/web-program.ts';
import { RandomWalk, Recording, type PriceSource } from './feed.ts';
import { StockServer } from './stockserver.ts';

const parser = new CommandLine(
  'stockticker',
  'Pushes invented stock prices to a page and to everyone else who subscribes.',
  {
    ...webOptions,
    feed: { value: 'file', help: 'Recorded prices, CSV with time,symbol,price.' },
    seed: { value: 'number', help: 'The same number gives the same walk [default: random].' },
    interval: {
      value: 'ms',
      help: 'Milliseconds between two prices [default: 100, or as recorded].',
    },
  },
).process();

const stocks = new StockServer(openSource());
const http = createPageServer({ '/': 'index.html' }, import.meta.url);
runWebProgram(parser, {
  title: 'Stock ticker',
  http,
  start: () => stocks.start(http),
  shutDown: () => stocks.shutDown(),
});

function openSource(): PriceSource {
  const interval = numberOption(parser, 'interval', 1, 3_600_000);
  const file = parser.value('feed');
  if (file === '') {
    const seed = numberOption(parser, 'seed', 0, 2 ** 32 - 1) ?? Date.now();
    return new RandomWalk(seed, interval ?? 100);
  }
  try {
    return new Recording(readFileSync(file, 'utf8'), interval);
  } catch (error) {
    return parser.fail(`Cannot play ${file}: ${(error as Error).message}`);
  }
}
