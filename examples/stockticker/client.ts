import { QWebSocket, Reconnector } from 'qwebsockets';
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
const reconnector = new Reconnector(socket, {
  resubscribe: () => send({ type: 'subscribe', symbols }),
});

reconnector.reconnecting.connect((_, delay) => {
  const reason = withoutControls(socket.closeReason()) || socket.errorString();
  console.error(`client: No connection: ${reason} Next attempt in ${(delay / 1000).toFixed(1)} s.`);
});
reconnector.reconnected.connect(() => console.error('client: The connection is back.'));
reconnector.gaveUp.connect((reason) => {
  console.error(`client: ${reason}`);
  finish(1);
});
socket.textMessageReceived.connect((message) => printer.receive(message));
process.once('SIGINT', () => finish(0));
socket.open(url);

function send(request: Request): void {
  socket.sendTextMessage(JSON.stringify(request));
}

function finish(code: number): void {
  process.exitCode = code;
  socket.close();
}
