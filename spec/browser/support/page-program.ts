import type { Ending } from '../../support/child-program.ts';
import { Program } from '../../examples/support/program.ts';
import { freePort } from '../../support/ports.ts';
import type { Counterpart } from './chromium.ts';

/** A compiled example that serves a page. Until it is stopped, it is always started at the same port. */
export class PageProgram implements Counterpart {
  readonly #path: string;
  readonly #args: readonly string[];
  #port: number | undefined;
  #program: Program | undefined;
  #address = '';

  /** @param path - below `build/examples`, without its ending */
  constructor(path: string, ...args: string[]) {
    this.#path = path;
    this.#args = args;
  }

  /** Starts it, and waits until its page can be opened. */
  async start(...more: string[]): Promise<void> {
    // Not one of the system's: another program would be given it meanwhile.
    this.#port ??= await freePort();
    this.#program = new Program(this.#path, `--port=${this.#port}`, ...this.#args, ...more);
    this.#address = (await this.#program.prints(/http:\/\/\S+/))[0];
  }

  /** Where its page is. */
  get address(): string {
    return this.#address;
  }

  signal(name: NodeJS.Signals): void {
    this.#program?.signal(name);
  }

  /** Sends a signal that ends it, and waits for the end. */
  async end(name: NodeJS.Signals): Promise<Ending> {
    this.signal(name);
    return this.#program!.ended;
  }

  async stop(): Promise<void> {
    this.#port = undefined;
    if (this.#program !== undefined) await this.end('SIGKILL');
  }
}
