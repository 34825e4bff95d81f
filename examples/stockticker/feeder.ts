import { QWebSocketServer } from 'qwebsockets';
import { CommandLine } from '../support/command-line.ts';
import { brokerOption, connectBroker } from './broker-option.ts';
import { PriceMaker } from './price-maker.ts';
import { publishQuote } from './publish-quote.ts';
import { openSource, sourceOptions } from './source-options.ts';

const parser = new CommandLine(
  'feeder',
  'Makes the prices for all stock tickers that have the same broker.',
  { ...sourceOptions, ...brokerOption },
).process();

const source = openSource(parser);
const broker =
  (await connectBroker(parser)) ??
  parser.fail('There is no broker: name one by --broker or BROKER_URL.');

// It listens nowhere: its topics are all that is needed of it.
const server = new QWebSocketServer();
server.setTopicBroker(broker);
const prices = new PriceMaker(source, (quote) => publishQuote(server, quote));
prices.start();
console.log(`Making prices of ${source.openings.size} stocks.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    prices.stop();
    void broker.close();
  });
}
