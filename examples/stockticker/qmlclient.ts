import { WebSocket } from 'qwebsockets/qml';
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

const feed = new WebSocket({
  url,
  active: true,
  reconnect: { resubscribe: subscribe },
  onStatusChanged(status) {
    if (status === WebSocket.Error) console.error(`qmlclient: ${this.errorString}`);
  },
  onReconnecting(_, delay) {
    const seconds = (delay / 1000).toFixed(1);
    console.error(`qmlclient: No connection. Next attempt in ${seconds} s.`);
  },
  onReconnected: () => console.error('qmlclient: The connection is back.'),
  onGaveUp(reason) {
    console.error(`qmlclient: ${reason}`);
    finish(1);
  },
  onTextMessageReceived: (message) => printer.receive(message),
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

function subscribe(socket: { sendTextMessage(message: string): unknown }): void {
  socket.sendTextMessage(JSON.stringify({ type: 'subscribe', symbols }));
}

function finish(code: number): void {
  process.exitCode = code;
  feed.active = false;
  // A value in the place of the binding, which would open the spare feed now.
  spare.active = false;
}
