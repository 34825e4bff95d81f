import { Child } from './child.mjs';
import { commandOf } from './rivals.mjs';

/** A process that is measured. */
export class Target {
  #child;
  #isProfiled;

  /**
   * @param {'servers' | 'clients'} role
   * @param {string} rival
   * @param {unknown[]} args
   * @param {string} [profiles] the folder for a CPU profile of the process, if one is wanted.
   */
  constructor(role, rival, args, profiles) {
    this.#isProfiled = profiles !== undefined;
    const profiling = this.#isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`] : [];
    const [program, ...options] = commandOf(role, rival, ['--expose-gc', ...profiling]);
    this.#child = new Child(program, [...options, ...args.map(String)]);
  }

  /** The next thing that it tells. */
  async told() {
    return JSON.parse(await this.#child.told());
  }

  /** Its CPU time so far in microseconds, and the messages that it has seen. */
  usage() {
    return this.#ask('usage');
  }

  /** The bytes of its heap after collection, of its resident memory, and the most of that so far. */
  memory() {
    return this.#ask('memory');
  }

  end() {
    return this.#child.end({ byItself: this.#isProfiled });
  }

  async #ask(question) {
    this.#child.tell(question);
    return this.told();
  }
}
