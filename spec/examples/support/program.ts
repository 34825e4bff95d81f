import { ChildProgram } from '../../support/child-program.ts';

/** A compiled example that runs as a process of its own. */
export class Program extends ChildProgram {
  /** @param path - below `build/examples`, without its ending */
  constructor(path: string, ...args: string[]) {
    const { PORT: _, BROKER_URL: __, ...env } = process.env;
    super(`examples/${path}.js`, args, env);
  }
}
