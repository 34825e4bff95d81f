import { CloseCode, QWebSocket } from 'qwebsockets';
import { BackOff } from '../support/back-off.ts';
import { CommandLine, wholeNumber } from '../support/command-line.ts';
import type { Quote, Reply, Request } from './protocol.ts';

const parser = new CommandLine('client', 'Prints the prices that a stock ticker pushes.', {
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
}).process();

const count = parser.isSet('count') ? wholeNumber(parser.value('count'), 1, 1e9) : Infinity;
if (count === undefined) parser.fail('The count must be a whole number above 0.');
const symbols = parser
  .value('symbols')
  .split(',')
  .filter((symbol) => symbol !== '');
if (symbols.length === 0) parser.fail('There are no symbols to subscribe to.');

const url = parser.value('url');
if (!/^ws:\/\/./i.test(url) || !URL.canParse(url)) parser.fail(`"${url}" is no ws:// URL.`);

const socket = new QWebSocket();
const backOff = new BackOff();
let printed = 0;
let isDone = false;
let retry: NodeJS.Timeout | undefined;

socket.connected.connect(() => send({ type: 'subscribe', symbols }));
socket.textMessageReceived.connect((message) => receive(JSON.parse(message) as Reply));
socket.disconnected.connect(() => {
  if (!isDone) reconnect();
});
process.once('SIGINT', () => finish(0));
socket.open(url);

function send(request: Request): void {
  socket.sendTextMessage(JSON.stringify(request));
}

function receive(reply: Reply): void {
  if (isDone) return;
  switch (reply.type) {
    case 'subscribed':
      if (backOff.isTrying) console.error('client: The connection is back.');
      backOff.succeed();
      break;
    case 'price':
      console.log(line(reply));
      printed += 1;
      if (printed === count) finish(0);
      break;
    case 'error':
      console.error(`client: ${reply.message}`);
      finish(1);
      break;
    case 'symbols':
    case 'pong':
      break;
  }
}

function line({ symbol, price, change }: Quote): string {
  const arrow = change > 0 ? '▲' : change < 0 ? '▼' : '=';
  return `${symbol} ${price.toFixed(2)} ${arrow} ${Math.abs(change).toFixed(2)}`;
}

function reconnect(): void {
  const delay = backOff.next();
  const reason = socket.closeReason() || socket.errorString();
  console.error(
    `client: Connection lost: ${reason} Next attempt in ${(delay / 1000).toFixed(1)} s.`,
  );
  retry = setTimeout(() => socket.open(url), delay);
}

function finish(code: number): void {
  isDone = true;
  clearTimeout(retry);
  process.exitCode = code;
  socket.close(CloseCode.CloseCodeNormal);
}
