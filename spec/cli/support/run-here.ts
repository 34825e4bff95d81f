import { stub } from 'sinon';
import { run } from '../../../lib/cli/run.ts';
import type { Ending } from '../../support/child-program.ts';

/** Runs `qws` in this process: for what reads no input and heeds no signal. */
export async function runHere(...args: string[]): Promise<Ending> {
  const stdout = stub(process.stdout, 'write').returns(true);
  const stderr = stub(process.stderr, 'write').returns(true);
  try {
    const code = await run(args);
    return { code, stdout: written(stdout), stderr: written(stderr) };
  } finally {
    stdout.restore();
    stderr.restore();
  }
}

function written({ args }: { readonly args: readonly (readonly unknown[])[] }): string {
  return args.map(([text]) => String(text)).join('');
}
