#!/usr/bin/env node
import { ExitCode } from './exit-code.ts';
import { run } from './run.ts';

// `qws … | head -1`: who reads has gone, and nothing is left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(ExitCode.Ok);
});

process.exitCode = await run(process.argv.slice(2));
