import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a measured process may take to answer, in milliseconds. */
const PATIENCE = 20_000;

/** A process that is measured: it runs `file`, which reports by `measured.mjs`. */
export class Child {
  #process;
  #isProfiled;

  /**
   * @param {URL} file
   * @param {string[]} args
   * @param {string} [profiles] the folder for a CPU profile of the process, if one is wanted.
   */
  constructor(file, args, profiles) {
    this.#isProfiled = profiles !== undefined;
    const profiling = this.#isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
    this.#process = fork(file, args, {
      execArgv: ['--expose-gc', ...profiling],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
  }

  /** Waits for the next thing that the process tells; fails when it ends or is silent. */
  async told() {
    const cancel = new AbortController();
    const { signal } = cancel;
    const ended = once(this.#process, 'exit', { signal }).then(([code, name]) => {
      throw new Error(`A measured process has ended (${code ?? name}).`);
    });
    const silence = delay(PATIENCE, undefined, { signal }).then(() => {
      throw new Error('A measured process does not answer.');
    });
    const message = once(this.#process, 'message', { signal }).then(([answer]) => answer);
    try {
      return await Promise.race([message, ended, silence]);
    } finally {
      cancel.abort();
      await Promise.allSettled([message, ended, silence]);
    }
  }

  /** @param {string} question see `measured.mjs`. */
  async ask(question) {
    const answer = this.told();
    this.#process.send(question);
    return answer;
  }

  /** Ends the process; nothing of it is needed any more. */
  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    // A profile is written by a process that may leave by itself.
    if (this.#isProfiled) this.#process.disconnect();
    else this.#process.kill('SIGKILL');
    await gone;
  }
}
