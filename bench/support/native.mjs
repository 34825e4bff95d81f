// Compiles the programs of the benchmark that are not for Node.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../build/bench/', import.meta.url);

/**
 * The program that `source` makes, compiled anew when it is older than that.
 *
 * @param {string} name of the program.
 * @param {URL} source
 * @param {string} compiler
 * @param {string[]} options
 * @returns {string} the program's path.
 */
export function compiled(name, source, compiler, options) {
  const program = fileURLToPath(new URL(name, folder));
  const from = fileURLToPath(source);
  if (existsSync(program) && statSync(program).mtimeMs > statSync(from).mtimeMs) return program;

  mkdirSync(folder, { recursive: true });
  const { status, error, stderr } = spawnSync(compiler, ['-O2', '-o', program, from, ...options], {
    encoding: 'utf8',
  });
  if (error !== undefined)
    throw new Error(`no ${compiler} (apt-get install gcc g++)`, { cause: error });
  if (status !== 0) throw new Error(`${from} does not compile.\n${stderr}`);
  return program;
}
