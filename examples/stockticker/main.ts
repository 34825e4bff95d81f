import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandLine, wholeNumber } from '../support/command-line.ts';
import { RandomWalk, Recording, type PriceSource } from './feed.ts';
import { StockServer } from './stockserver.ts';

const parser = new CommandLine(
  'stockticker',
  'Pushes invented stock prices to a page and to everyone else who subscribes.',
  {
    port: {
      short: 'p',
      value: 'port',
      help: 'Port, 0 for any free one [default: $PORT or 8080].',
      default: process.env['PORT'] ?? '8080',
    },
    host: {
      value: 'address',
      help: 'Address to listen on [default: 127.0.0.1].',
      default: '127.0.0.1',
    },
    feed: { value: 'file', help: 'Recorded prices, CSV with time,symbol,price.' },
    seed: { value: 'number', help: 'The same number gives the same walk [default: random].' },
    interval: {
      value: 'ms',
      help: 'Milliseconds between two prices [default: 100, or as recorded].',
    },
  },
).process();

const page = readFileSync(new URL('./index.html', import.meta.url));
const wantedPort = numberOption('port', 0, 65_535) ?? 0;
const stocks = new StockServer(openSource());
const http = createServer(servePage);

http.once('error', (error) => parser.fail(`Cannot listen: ${error.message}.`));
http.listen(wantedPort, parser.value('host'), () => {
  const { address, port, family } = http.address() as AddressInfo;
  const host = /^(127\.0\.0\.1|0\.0\.0\.0|::1?)$/.test(address)
    ? 'localhost'
    : family === 'IPv6'
      ? `[${address}]`
      : address;
  stocks.start(http);
  console.log(`Stock ticker at http://${host}:${port}/`);
});

let isShuttingDown = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void shutDown());

async function shutDown(): Promise<void> {
  if (isShuttingDown) return;
  isShuttingDown = true;
  http.close();
  await stocks.shutDown();
  http.closeAllConnections();
}

function openSource(): PriceSource {
  const interval = numberOption('interval', 1, 3_600_000);
  const file = parser.value('feed');
  if (file === '') {
    const seed = numberOption('seed', 0, 2 ** 32 - 1) ?? Date.now();
    return new RandomWalk(seed, interval ?? 100);
  }
  try {
    return new Recording(readFileSync(file, 'utf8'), interval);
  } catch (error) {
    return parser.fail(`Cannot play ${file}: ${(error as Error).message}`);
  }
}

function numberOption(
  name: 'port' | 'seed' | 'interval',
  least: number,
  most: number,
): number | undefined {
  const text = parser.value(name);
  if (text === '') return undefined;
  return (
    wholeNumber(text, least, most) ??
    parser.fail(`The ${name} must be a whole number from ${least} to ${most}.`)
  );
}

function servePage(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
  } else if (request.url?.split('?', 1)[0] !== '/') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found.\n');
  } else {
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; " +
          "connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
      })
      .end(request.method === 'HEAD' ? undefined : page);
  }
}
