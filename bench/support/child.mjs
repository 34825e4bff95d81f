import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How long a process may take to answer, in milliseconds. */
const PATIENCE = 60_000;

/** A process that is asked by lines on its standard input, and answers by lines. */
export class Child {
  #process;
  /** @type {string[]} */
  #lines = [];
  #wake = () => {};
  #exit;

  /**
   * @param {string} program
   * @param {string[]} args
   */
  constructor(program, args = []) {
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exit = once(this.#process, 'exit').then(([code, signal]) => {
      this.#wake();
      return code ?? signal;
    });
    // A process that has ended is noticed by its silence.
    this.#process.stdin.on('error', () => {});
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.received(line));
  }

  get pid() {
    return this.#process.pid;
  }

  received(line) {
    this.#lines.push(line);
    this.#wake();
  }

  /** Waits for the next line; fails when the process ends or is silent. */
  async told() {
    if (this.#lines.length === 0) {
      let timer;
      await new Promise((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, PATIENCE);
      });
      clearTimeout(timer);
    }
    if (this.#lines.length > 0) return this.#lines.shift();
    const { exitCode, signalCode, spawnfile } = this.#process;
    const end = exitCode ?? signalCode;
    throw new Error(end === null ? `${spawnfile} is silent.` : `${spawnfile} has ended (${end}).`);
  }

  /** @param {Uint8Array} [bytes] what follows the line. */
  tell(line, bytes) {
    this.#process.stdin.write(`${line}\n`);
    if (bytes !== undefined) this.#process.stdin.write(bytes);
  }

  /** @param {Uint8Array} [bytes] what follows the line. */
  async ask(line, bytes) {
    this.tell(line, bytes);
    return this.told();
  }

  /** Ends the process. One that is to leave by itself writes its profile first. */
  async end({ byItself = false } = {}) {
    if (byItself) this.#process.stdin.end();
    else this.#process.kill('SIGKILL');
    await this.#exit;
  }
}
