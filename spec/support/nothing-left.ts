import type { Context } from 'mocha';
import { relative } from 'node:path';
import { setImmediate, setTimeout as pause } from 'node:timers/promises';

/** In nanoseconds: what a spec has ended may take so long to be gone on a busy machine. */
const PATIENCE = 10_000_000_000n;

// The rest of this turn, and mocha's timers; those of the specs are looked at by themselves.
const OF_THE_RUN = ['Immediate', 'TickObject', 'Timeout'];

// Specs fake it.
const { hrtime } = process;

/** A timer that was set: held weakly, as specs look at what is garbage. */
interface Noted {
  readonly timer: WeakRef<NodeJS.Timeout>;
  readonly number: number;
}

let noted: Noted[] = [];
let count = 0;
const origins = new WeakMap<NodeJS.Timeout, Error>();

function noting<T extends typeof setTimeout | typeof setInterval>(set: T): T {
  return new Proxy(set, {
    apply(_, self, args) {
      const timer = Reflect.apply(set, self, args) as NodeJS.Timeout;
      noted.push({ timer: new WeakRef(timer), number: ++count });
      origins.set(timer, new Error('A timer'));
      return timer;
    },
  });
}

const watched = { setTimeout: noting(setTimeout), setInterval: noting(setInterval) };

// Node tells whether a timer keeps the program alive, but not whether it is set.
function isSet(timer: NodeJS.Timeout | undefined): timer is NodeJS.Timeout {
  return timer !== undefined && Reflect.get(timer, '_destroyed') !== true;
}

function countResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) {
    if (!OF_THE_RUN.includes(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What specs may have faked. */
function clocks(): unknown[] {
  return [setTimeout, setInterval, setImmediate, Date, performance.now];
}

/** What has begun since it was made. */
class Begun {
  readonly #clocks = clocks();
  readonly #resources = countResources();
  readonly #count = count;

  /** What of it is alive. */
  living(): (string | Error)[] {
    const living: (string | Error)[] = [];
    for (const [name, now] of countResources()) {
      const before = this.#resources.get(name) ?? 0;
      if (now > before) living.push(`${name}: ${now}, before it ${before}`);
    }
    noted = noted.filter(({ timer }) => isSet(timer.deref()));
    for (const { timer, number } of noted) {
      if (number > this.#count) living.push(origins.get(timer.deref()!)!);
    }
    if (clocks().some((one, i) => one !== this.#clocks[i])) living.push('A fake clock');
    return living;
  }

  /** What of it stays alive, in words. */
  async staying(): Promise<string[]> {
    const end = hrtime.bigint() + PATIENCE;
    let living = this.living();
    for (let turn = 0; living.length > 0 && hrtime.bigint() < end; turn++) {
      await (turn < 100 ? setImmediate() : pause(1));
      living = this.living();
    }
    return living.map((one) => (one instanceof Error ? one.stack! : one));
  }
}

let bySuite: Begun;
let bySpec: Begun;
/** The first spec of the suite that leaves something behind, and what. */
let fault = '';
/** Whether one has failed: it may not have come to its end. */
let isFailing = false;

/**
 * Fails each suite that leaves something behind which is alive: a timer, a server, a connection, a
 * program. Others would be blamed for what that does. Mocha loads it before all specs.
 */
export const mochaHooks = {
  beforeAll(this: Context): void {
    Object.assign(globalThis, watched);
    bySuite = new Begun();
    for (const suite of this.test!.parent!.suites) {
      suite.afterAll('leaves nothing behind', async () => {
        const left = isFailing ? '' : fault || (await bySuite.staying()).join('\n');
        bySuite = new Begun();
        isFailing = false;
        fault = '';
        if (left !== '') throw new Error(`${relative('', suite.file!)} leaves behind:\n${left}`);
      });
    }
  },
  beforeEach(): void {
    bySpec = new Begun();
  },
  async afterEach(this: Context): Promise<void> {
    const spec = this.currentTest!;
    if (spec.state === 'failed') isFailing = true;
    if (isFailing || fault !== '') return;
    const left = await bySpec.staying();
    if (left.length > 0) fault = `${spec.fullTitle()}\n${left.join('\n')}`;
  },
};
