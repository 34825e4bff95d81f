import { WebSocket } from 'qwebsockets/qml';
import { BackOff } from '../support/back-off.ts';
import { CommandLine } from '../support/command-line.ts';
import { PricePrinter } from './price-printer.ts';
import { checkFeedUrl, readWatchOptions, watchOptions } from './watch-options.ts';

const parser = new CommandLine(
  'qmlclient',
  'Prints the prices that a stock ticker pushes, as a program of QML would.',
  {
    ...watchOptions,
    spare: { value: 'url', help: 'Another feed, for the time in which the first is away.' },
  },
).process();
const { url, symbols, count } = readWatchOptions(parser);
const spareUrl = parser.isSet('spare') ? checkFeedUrl(parser, parser.value('spare')) : '';

const printer = new PricePrinter('qmlclient', count, finish);
const backOff = new BackOff();
let retry: NodeJS.Timeout | undefined;

const feed = new WebSocket({
  url,
  active: true,
  onStatusChanged(status) {
    if (status === WebSocket.Open) subscribe(this);
    if (status === WebSocket.Closed) reconnect();
    if (status === WebSocket.Error) console.error(`qmlclient: ${this.errorString}`);
  },
  onTextMessageReceived(message) {
    if (printer.receive(message) !== 'subscribed') return;
    if (backOff.isTrying) console.error('qmlclient: The connection is back.');
    backOff.succeed();
  },
});

const spare = new WebSocket({
  url: spareUrl,
  // A binding: it is evaluated again whenever the status of the feed changes.
  active: () => feed.status !== WebSocket.Open,
  onStatusChanged(status) {
    if (status !== WebSocket.Open) return;
    console.error('qmlclient: The spare feed takes over.');
    subscribe(this);
  },
  onTextMessageReceived: (message) => printer.receive(message),
});

process.once('SIGINT', () => finish(0));

function subscribe(socket: WebSocket): void {
  socket.sendTextMessage(JSON.stringify({ type: 'subscribe', symbols }));
}

function reconnect(): void {
  // Closed is also what the program wants in the end.
  if (!feed.active) return;
  const delay = backOff.next();
  console.error(`qmlclient: No connection. Next attempt in ${(delay / 1000).toFixed(1)} s.`);
  retry = setTimeout(() => {
    feed.active = false;
    feed.active = true;
  }, delay);
}

function finish(code: number): void {
  clearTimeout(retry);
  process.exitCode = code;
  feed.active = false;
  // A value in the place of the binding, which would open the spare feed now.
  spare.active = false;
}
