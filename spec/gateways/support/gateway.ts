import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../support/ports.ts';
import { isListening, programInPath } from '../../support/program-in-path.ts';

/** How a program is started. */
export interface Recipe {
  /** Its name; it stays in the foreground. */
  readonly program: string;
  /** What lies in its directory, by name. */
  files(directory: string, port: number): Readonly<Record<string, string>>;
  options(directory: string): readonly string[];
}

// Another program may take the port before this one does.
const ATTEMPTS = 3;

const START_TIME_MS = 20_000;
const END_TIME_MS = 5000;

// nobody and nogroup: none of these programs needs a privilege.
const NOBODY = 65_534;

/** A program of somebody else's that listens on 127.0.0.1, in a directory of its own. */
export class Gateway {
  readonly port: number;
  readonly #directory: string;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  #said = '';

  private constructor(recipe: Recipe, directory: string, port: number) {
    const isRoot = process.getuid?.() === 0;
    this.port = port;
    this.#directory = directory;
    this.#process = spawn(programInPath(recipe.program)!, recipe.options(directory), {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    }
  }

  /** Starts it, and waits until it listens; when that fails, the error has what it said. */
  static async start(recipe: Recipe): Promise<Gateway> {
    for (let attempt = 1; ; attempt++) {
      const port = await freePort();
      const directory = await mkdtemp(join(tmpdir(), 'qwebsockets-'));
      await fill(directory, recipe.files(directory, port));
      const gateway = new Gateway(recipe, directory, port);
      if (await gateway.#listens()) return gateway;
      await gateway.stop();
      if (attempt === ATTEMPTS) throw new Error(`${recipe.program}:\n${gateway.#said}`);
    }
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    if (this.#isRunning()) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      const kill = globalThis.setTimeout(() => this.#process.kill('SIGKILL'), END_TIME_MS);
      await exit;
      clearTimeout(kill);
    }
    await rm(this.#directory, { recursive: true });
  }

  async #listens(): Promise<boolean> {
    const giveUp = performance.now() + START_TIME_MS;
    while (this.#isRunning() && performance.now() < giveUp) {
      if (await isListening(this.port)) return this.#isRunning();
      await setTimeout(10);
    }
    return false;
  }

  #isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }
}

async function fill(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const paths = Object.keys(files).map((name) => join(directory, name));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content);
  }
  if (process.getuid?.() !== 0) return;
  for (const path of [directory, ...paths]) await chown(path, NOBODY, NOBODY);
}
