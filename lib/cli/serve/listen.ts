import type { Command } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { wholeNumber } from '../option-values.ts';
import { shutdownRequest } from '../shutdown-request.ts';
import { UsageError } from '../usage-error.ts';
import { ProgramServer, type ProgramServerOptions } from './program-server.ts';
import { tlsFilesOf, withServerOptions, type ServerOptions } from './server-options.ts';

interface ListenOptions extends ServerOptions {
  readonly exec: string;
  readonly maxProcesses: number;
  readonly maxLine: number;
}

const PORT = 8080;

/** Adds `qws listen` to the program. */
export function addListen(program: Command, end: (code: ExitCode) => void): void {
  const command = program
    .command('listen')
    .summary('run a program for each connection')
    .usage('[options] --exec <program> [-- argument...]')
    .description(
      'Runs a program for each connection. Each line that it writes on standard output is sent as ' +
        'a text message, each text message that comes is a line on its standard input.',
    )
    .argument('[argument...]', 'arguments of the program, as they are: there is no shell')
    .requiredOption('-x, --exec <program>', 'program to run');
  withServerOptions(command, PORT)
    .option(
      '--max-processes <count>',
      'how many programs may run at a time',
      wholeNumber(1, 10_000),
      32,
    )
    .option('--max-line <bytes>', 'longest line of a program', wholeNumber(1, 2 ** 30), 1024 * 1024)
    .addHelpText(
      'after',
      `
Examples:
  qws listen --exec cat
  qws listen --port 8080 --exec vmstat -- -n 1
  qws listen --exec python3 -- -u counter.py

The program finds the request in the variables of CGI: REMOTE_ADDR, PATH_INFO, QUERY_STRING,
HTTP_ORIGIN and so on. Programs that hold their output back when it is no terminal need a
switch of theirs, such as -u above. SIGINT and SIGTERM close all connections with 1001 and
end the programs.`,
    )
    .action(async (args: string[], options: ListenOptions) => end(await listen(args, options)));
}

async function listen(args: readonly string[], options: ListenOptions): Promise<ExitCode> {
  if (options.exec === '') throw new UsageError('--exec names no program.');
  const server = makeServer({
    command: { file: options.exec, args, longestLine: options.maxLine },
    tls: tlsFilesOf(options),
    allowOrigin: options.allowOrigin,
    maxMessage: options.maxMessage,
    maxProcesses: options.maxProcesses,
    env: process.env,
    log: (text) => {
      if (options.verbose) process.stderr.write(`${text}\n`);
    },
    warn: (text) => void process.stderr.write(`${text}\n`),
  });
  try {
    const url = await server.listen(options.host, options.port);
    process.stdout.write(`Listening on ${url}\n`);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`);
    return ExitCode.Failed;
  }
  await shutdownRequest();
  await server.close();
  return ExitCode.Ok;
}

function makeServer(options: ProgramServerOptions): ProgramServer {
  try {
    return new ProgramServer(options);
  } catch (error) {
    throw new UsageError(`--cert and --key cannot be used: ${(error as Error).message}`);
  }
}
