import { CommandLine } from '../support/command-line.ts';
import { createPageServer } from '../support/page-server.ts';
import { runWebProgram, webOptions } from '../support/web-program.ts';
import { brokerOption, connectBroker } from './broker-option.ts';
import { PriceMaker } from './price-maker.ts';
import { openSource, sourceOptions } from './source-options.ts';
import { StockServer } from './stockserver.ts';

const parser = new CommandLine(
  'stockticker',
  'Pushes invented stock prices to a page and to everyone else who subscribes.',
  {
    ...webOptions,
    ...sourceOptions,
    ...brokerOption,
    origin: {
      value: 'url',
      help: 'Where pages come from behind a gateway, such as https://example.com.',
    },
  },
).process();

const source = openSource(parser);
const stocks = new StockServer(source.openings.keys());
if (parser.isSet('origin')) stocks.allowOrigin(parser.value('origin'));

const broker = await connectBroker(parser);
stocks.share(broker);
// With a broker, all prices come from the one feeder behind it.
const prices =
  broker === null ? new PriceMaker(source, (quote) => stocks.publish(quote)) : undefined;

const http = createPageServer({ '/': 'index.html' }, import.meta.url);
runWebProgram(parser, {
  title: 'Stock ticker',
  http,
  start: () => {
    stocks.start(http);
    prices?.start();
  },
  shutDown: async () => {
    prices?.stop();
    await stocks.shutDown();
    await broker?.close();
  },
});
