#!/usr/bin/env node
import { ExitCode } from './exit-code.ts';
import { run } from './run.ts';

process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // `qws … | head -1`: who reads has gone, and nothing is left to do.
  if (code === 'EPIPE') process.exit(ExitCode.Ok);
  process.stderr.write(`error: standard output: ${message}\n`);
  process.exit(ExitCode.Failed);
});
// A server goes on when nobody reads its log any more.
process.stderr.on('error', () => {});

process.exitCode = await run(process.argv.slice(2));
