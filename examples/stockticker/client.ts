import { QWebSocket } from 'qwebsockets';
import { BackOff } from '../support/back-off.ts';
import { CommandLine } from '../support/command-line.ts';
import { withoutControls } from './news.ts';
import { PricePrinter } from './price-printer.ts';
import type { Request } from './protocol.ts';
import { readWatchOptions, watchOptions } from './watch-options.ts';

const parser = new CommandLine(
  'client',
  'Prints the prices that a stock ticker pushes.',
  watchOptions,
).process();
const { url, symbols, count } = readWatchOptions(parser);

const socket = new QWebSocket();
const printer = new PricePrinter('client', count, finish);
const backOff = new BackOff();
let isDone = false;
let retry: NodeJS.Timeout | undefined;

socket.connected.connect(() => send({ type: 'subscribe', symbols }));
socket.textMessageReceived.connect((message) => receive(message));
socket.disconnected.connect(() => {
  if (!isDone) reconnect();
});
process.once('SIGINT', () => finish(0));
socket.open(url);

function send(request: Request): void {
  socket.sendTextMessage(JSON.stringify(request));
}

function receive(message: string): void {
  if (printer.receive(message) !== 'subscribed') return;
  if (backOff.isTrying) console.error('client: The connection is back.');
  backOff.succeed();
}

function reconnect(): void {
  const delay = backOff.next();
  const reason = withoutControls(socket.closeReason()) || socket.errorString();
  console.error(`client: No connection: ${reason} Next attempt in ${(delay / 1000).toFixed(1)} s.`);
  retry = setTimeout(() => socket.open(url), delay);
}

function finish(code: number): void {
  isDone = true;
  clearTimeout(retry);
  process.exitCode = code;
  socket.close();
}
