import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wholeNumber, type CommandLine } from './command-line.ts';

/** The options of every program that serves a page. */
export const webOptions = {
  port: {
    short: 'p',
    value: 'port',
    help: 'Port, 0 for any free one [default: $PORT or 8080].',
    default: process.env['PORT'] ?? '8080',
  },
  host: {
    value: 'address',
    help: 'Address to listen on [default: 127.0.0.1, with $PORT 0.0.0.0].',
    // A platform that says which port connects from another machine.
    default: process.env['PORT'] === undefined ? '127.0.0.1' : '0.0.0.0',
  },
} as const;

/** The option of a server that serves no page: the port of Qt's examples. */
export const portOption = {
  short: 'p',
  value: 'port',
  help: 'Port, 0 for any free one [default: 1234].',
  default: '1234',
} as const;

/** A program that serves a page and WebSockets on one port. */
export interface WebProgram {
  /** Stands before the URL when it is printed. */
  readonly title: string;
  readonly http: Server;
  /** Called when the port is there. */
  start(): void;
  /** Called once, when the program is told to end; what is still connected afterwards is cut off. */
  shutDown(): Promise<void>;
}

/** Listens where the options say, prints the URL, and ends in order on SIGINT and SIGTERM. */
export function runWebProgram(parser: CommandLine<'port' | 'host'>, program: WebProgram): void {
  const { title, http } = program;
  const wantedPort = numberOption(parser, 'port', 0, 65_535) ?? 0;

  http.once('error', (error: NodeJS.ErrnoException) => {
    const advice = error.code === 'EADDRINUSE' ? ' Take another one, or --port 0 for any.' : '';
    parser.fail(`Cannot listen: ${error.message}.${advice}`);
  });
  http.listen(wantedPort, parser.value('host'), () => {
    program.start();
    console.log(`${title} at ${urlOf(http.address() as AddressInfo)}`);
  });

  let isShuttingDown = false;
  const shutDown = async (): Promise<void> => {
    if (isShuttingDown) return;
    isShuttingDown = true;
    http.close();
    await program.shutDown();
    http.closeAllConnections();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void shutDown());
}

/** The number given for an option; undefined without one. What is none ends the program. */
export function numberOption<Name extends string>(
  parser: CommandLine<Name>,
  name: Name,
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

function urlOf({ address, port, family }: AddressInfo): string {
  if (/^(127\.0\.0\.1|0\.0\.0\.0|::1?)$/.test(address)) return `http://localhost:${port}/`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}
