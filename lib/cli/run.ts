import { Command, CommanderError, type Option } from 'commander';
import { addConnect } from './connect/connect.ts';
import { ExitCode } from './exit-code.ts';

import { addReport } from './report/report.ts';
import { addEcho } from './serve/echo.ts';
import { addListen } from './serve/listen.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/**
 * Runs `qws` with `args`, until it has done what they ask for.
 *
 * @returns the exit code.
 */
export async function run(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.Ok;
  const end = (code: ExitCode) => {
    exitCode = code;
  };
  try {
    await programOf(end).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return ExitCode.Usage;
  }
}

function programOf(end: (code: ExitCode) => void): Command {
  const program = new Command('qws')
    .description('WebSockets on the command line, and a look at what a Qt program uses of them.')
    .version(version())
    .exitOverride()
    .configureHelp({ optionDescription })
    .showHelpAfterError('(add --help to see what there is)')
    .addHelpText(
      'after',
      `
Examples:
  qws connect ws://localhost:1234          talk to a server
  qws echo --port 1234                     a server that sends everything back
  qws listen --port 1234 --exec ./count    a program behind a WebSocket
  qws report ~/src/chat                    what a Qt program uses, and what it becomes

Each command has a --help of its own. Exit codes: 0 all went well, 1 the connection or
the server failed, 2 the command line is wrong.`,
    );
  for (const add of [addConnect, addEcho, addListen, addReport]) add(program, end);
  return program;
}

/** What an option does, and its default where that tells something. */
function optionDescription({ description, defaultValue, defaultValueDescription }: Option): string {
  const value: unknown = defaultValueDescription ?? defaultValue;
  const isTold = typeof value === 'number' || (typeof value === 'string' && value !== '');
  return isTold ? `${description} (default: ${value})` : description;
}
