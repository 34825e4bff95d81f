import { readFileSync } from 'node:fs';
import type { CommandLine } from '../support/command-line.ts';
import { numberOption } from '../support/web-program.ts';
import { RandomWalk, Recording, type PriceSource } from './feed.ts';

/** The options of programs that make prices. */
export const sourceOptions = {
  feed: { value: 'file', help: 'Recorded prices, CSV with time,symbol,price.' },
  seed: { value: 'number', help: 'The same number gives the same walk [default: random].' },
  interval: {
    value: 'ms',
    help: 'Milliseconds between two prices [default: 100, or as recorded].',
  },
} as const;

/** The source that the options ask for; what is wrong with one ends the program. */
export function openSource(parser: CommandLine<keyof typeof sourceOptions>): PriceSource {
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
