import { Worker } from 'node:worker_threads';

/** In milliseconds. */
const LONGEST_SILENCE = 60_000;

// Runs in a thread of its own, because a case that never ends leaves this one no turn.
const WATCH = `
  const { workerData } = require('node:worker_threads');
  const { cell, longest, names, seed } = workerData;
  const seen = new Int32Array(cell);
  for (;;) {
    const index = seen[1];
    const target = seen[0];
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, longest);
    if (seen[1] !== index || seen[0] !== target) continue;
    require('node:fs').writeSync(1, names[target] + ': case ' + index + ' of seed ' + seed
      + ' does not end.\\nfuzz: 0 passed, 1 failed\\n');
    process.kill(process.pid, 'SIGKILL');
  }
`;

/** Ends the process, and tells the case, when one goes on for more than a minute. */
export class Watchdog {
  readonly #seen: Int32Array;
  readonly #worker: Worker;

  constructor(names: readonly string[], seed: number, longest: number = LONGEST_SILENCE) {
    const cell = new SharedArrayBuffer(8);
    this.#seen = new Int32Array(cell);
    this.#worker = new Worker(WATCH, {
      eval: true,
      // Else an option such as --input-type makes another language of it.
      execArgv: [],
      workerData: { cell, longest, names, seed },
    });
    this.#worker.unref();
  }

  /** Learns what is being done now. */
  note(target: number, index: number): void {
    this.#seen[0] = target;
    this.#seen[1] = index;
  }
}
