import { wholeNumber, type CommandLine } from '../support/command-line.ts';

/** The options of the terminal clients. */
export const watchOptions = {
  url: {
    value: 'url',
    help: 'The feed [default: ws://localhost:8080/feed].',
    default: 'ws://localhost:8080/feed',
  },
  symbols: {
    value: 'list',
    help: 'What to subscribe to [default: AAPL,MSFT].',
    default: 'AAPL,MSFT',
  },
  count: { value: 'number', help: 'Stops after so many prices [default: never].' },
} as const;

/** What a terminal client is to watch. */
export interface Watch {
  readonly url: string;
  readonly symbols: readonly string[];
  /** After how many prices to stop. */
  readonly count: number;
}

/** Reads the options; what is wrong with one ends the program. */
export function readWatchOptions(parser: CommandLine<keyof typeof watchOptions>): Watch {
  const symbols = parser
    .value('symbols')
    .split(',')
    .filter((symbol) => symbol !== '');
  if (symbols.length === 0) parser.fail('There are no symbols to subscribe to.');
  const count = parser.isSet('count') ? wholeNumber(parser.value('count'), 1, 1e9) : Infinity;
  if (count === undefined) return parser.fail('The count must be a whole number above 0.');
  return { url: checkFeedUrl(parser, parser.value('url')), symbols, count };
}

/** The URL of a feed; one that is wrong ends the program. */
export function checkFeedUrl<Name extends string>(parser: CommandLine<Name>, url: string): string {
  if (/^ws:\/\/./i.test(url) && URL.canParse(url)) return url;
  return parser.fail(`"${url}" is no ws:// URL.`);
}
