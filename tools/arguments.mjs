import { basename, dirname } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * The options that a tool was called with, as `parseArgs` of Node reads them.
 *
 * With --help it shows `help` and the process ends; so it does, with exit code 2, when there is
 * an option that `options` does not have.
 */
export function readOptions(help, options) {
  try {
    const { values } = parseArgs({
      options: { ...options, help: { type: 'boolean', short: 'h' } },
    });
    if (!values.help) return values;
    process.stdout.write(help);
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    misused(error.message);
  }
  return process.exit();
}

/** Says what is wrong with the way in which the tool was called, and ends the process. */
export function misused(what) {
  const [, program] = process.argv;
  const name = basename(program, '.mjs');
  const tool = name === 'main' ? basename(dirname(program)) : name;
  console.error(`${tool}: ${what.replace(/[.]?$/, '.')} Try --help.`);
  process.exit(2);
}
