import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Where the program `name` is; undefined when it is not installed. */
export function programInPath(name: string): string | undefined {
  // Debian has servers in directories that not everybody's PATH names.
  const directories = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
  ];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

/** Runs a server until it is told to stop. */
export class RunningProgram {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Starts the program, and waits until it listens to `port`. */
  static async start(path: string, options: string[], port: number): Promise<RunningProgram> {
    const program = new RunningProgram(spawn(path, options, { stdio: 'ignore' }));
    while (!(await isListening(port))) {
      if (program.#process.exitCode !== null) throw new Error(`${path} ended at once.`);
      await setTimeout(5);
    }
    return program;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

/** Whether something listens to `port` of 127.0.0.1. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
