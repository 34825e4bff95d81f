import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

/** A compiled program that runs as a process of its own. */
export class ChildProgram {
  readonly ended: Promise<Ending>;
  protected readonly child: ChildProcess;
  #stdout = '';
  #stderr = '';
  /** Those who wait for more output. */
  #waiting: (() => void)[] = [];

  /**
   * @param path - below `build`
   * @param command - what runs it; this Node unless given
   */
  constructor(
    path: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    [runner, ...options]: readonly [string, ...string[]] = [process.execPath],
  ) {
    this.child = spawn(runner, [...options, `build/${path}`, ...args], { env });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.ended = this.#end();
    running.add(this.child);
  }

  /** Ends what a failed spec has left running. */
  static killAll(): void {
    for (const child of running) child.kill('SIGKILL');
  }

  /** Waits until the output so far matches, on stdout or stderr. Fails when the program ends first. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) return match;
      await Promise.race([
        new Promise<void>((resolve) => this.#waiting.push(resolve)),
        this.ended.then(({ code, stdout, stderr }) => {
          if (pattern.test(stdout) || pattern.test(stderr)) return;
          throw new Error(`Ended with ${code} before it printed ${pattern}:\n${stdout}${stderr}`);
        }),
      ]);
    }
  }

  /** Gives the program `text` to read; without it, the end of what there is to read. */
  type(text?: string): void {
    if (text === undefined) this.child.stdin?.end();
    else this.child.stdin?.write(text);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #end(): Promise<Ending> {
    const [code] = (await once(this.child, 'close')) as [number | null];
    running.delete(this.child);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}
