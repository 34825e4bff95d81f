import { ChildProgram } from '../../support/child-program.ts';

/** What a run of `qws` is given beside its arguments. */
export interface QwsOptions {
  /** All of its standard input; without it, that is open and can be written to. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether nobody reads its standard output. */
  readonly isUnread?: boolean;
}

/** The command line, as a process of its own. */
export class Qws extends ChildProgram {
  constructor(args: readonly string[], { input, env = {}, isUnread = false }: QwsOptions = {}) {
    super('lib/cli/main.js', args, { ...neutralEnvironment(), ...env });
    // It may have ended before it has read all.
    this.child.stdin!.on('error', () => {});
    if (input !== undefined) this.child.stdin!.end(input);
    if (isUnread) this.child.stdout!.pause();
  }

  /** Starts a server and waits for the address that it prints. */
  static async serve(command: string, ...args: string[]): Promise<{ qws: Qws; url: string }> {
    const qws = new Qws([command, '--port', '0', ...args]);
    const [, url = ''] = await qws.prints(/^Listening on (.+)\n/);
    return { qws, url };
  }

  /** Has nobody read its standard error any more, as when `head` has seen enough. */
  closeLog(): void {
    this.child.stderr!.destroy();
  }
}

/** Ours without proxies and without a history to write to. */
function neutralEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name));
  return { ...Object.fromEntries(own), QWS_HISTORY: '' };
}
