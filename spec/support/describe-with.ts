import { programInPath } from './program-in-path.ts';

/**
 * `describe()` of what `program` does. Where it is missing the specs are pending, and the reason is in
 * the title; in CI that is a failure.
 *
 * @param remedy the command that installs it.
 * @param run gets its path.
 */
export function describeWith(program: string, remedy: string, run: (path: string) => void): void {
  const path = programInPath(program);
  if (path !== undefined) {
    describe(program, () => run(path));
    return;
  }
  const reason = `${program} is not installed: ${remedy}`;
  describe(program, () => {
    if (process.env['CI'] === undefined) it(`(${reason})`);
    else it('is installed', () => Promise.reject(new Error(reason)));
  });
}
