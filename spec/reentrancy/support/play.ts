import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { uncaughtErrors } from '../../support/uncaught.ts';

// Some sixty worlds at a time, on a machine that may have other things to do.
const DEADLINE_MS = 40_000;
const TIMEOUT_MS = 60_000;
const NESTED = 8;

/** Thrown on purpose. */
export class SlotError extends Error {}

/** One signal, in which each of many actions is done: every one in a world of its own. */
export abstract class Play {
  readonly signal: string;
  /** What has gone wrong, in sentences. */
  readonly complaints: string[] = [];
  readonly running = new Set<string>();
  /** How many of {@link SlotError} were thrown. */
  thrown = 0;

  /** @param signal a name, and behind a space what tells one emission from the others. */
  constructor(signal: string) {
    this.signal = signal;
  }

  async run(action: string): Promise<void> {
    this.running.add(action);
    await this.live(action);
    this.running.delete(action);
  }

  /** Lives in a new world, up to its end; `action` is done in the signal. */
  protected abstract live(action: string): Promise<void>;

  /** A slot that does `act`, `times` times at most. */
  protected slot(action: string, times: number, act: () => void): () => void {
    let done = 0;
    let depth = 0;
    return () => {
      if (done++ >= times) return;
      if (++depth > NESTED) this.complain(action, 'goes round in circles');
      try {
        act();
      } catch (error) {
        if (error instanceof SlotError) this.thrown++;
        throw error;
      } finally {
        depth--;
      }
    };
  }

  protected complain(action: string, what: string): void {
    this.complaints.push(`${action} in ${this.signal}: ${what}`);
  }
}

/** Specifies that a slot of `signal` may do each of `actions`. */
export function itMayDo(
  actions: readonly string[],
  signal: string,
  makePlay: (signal: string) => Play,
): void {
  it(`may do anything in ${signal}`, async () => {
    const play = makePlay(signal);
    // mocha sets its timer when it has got the promise.
    await setImmediate();
    const before = resources();
    const errors = await uncaughtErrors(async () => {
      await inTime(
        actions.map((action) => play.run(action)),
        play.running,
      );
      await untilLeft(before, 10_000);
    });

    expect(errors.filter((error) => !(error instanceof SlotError))).to.deep.equal([]);
    expect(errors.length, 'exceptions').to.equal(play.thrown);
    expect(play.complaints.join('\n')).to.equal('');
    if (newResources(before).length > 0) await findLeak(actions, () => makePlay(signal));
    expect(newResources(before), 'what keeps the process running').to.deep.equal([]);
  }).timeout(TIMEOUT_MS);
}

/** Says which of `actions`, one at a time, leave something behind. */
async function findLeak(actions: readonly string[], makePlay: () => Play): Promise<void> {
  const leaks: string[] = [];
  await uncaughtErrors(async () => {
    for (const action of actions) {
      const before = resources();
      await makePlay().run(action);
      await untilLeft(before, 1_000);
      const left = newResources(before);
      if (left.length > 0) leaks.push(`${action}: ${left.join(' ')}`);
    }
  });
  expect(leaks).to.deep.equal([]);
}

async function inTime(all: readonly Promise<void>[], running: ReadonlySet<string>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Not done: ${[...running].join(', ')}.`)),
      DEADLINE_MS,
    );
  });
  await Promise.race([Promise.all(all), deadline]).finally(() => clearTimeout(timer));
}

/** What keeps the process running. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');
}

/** What keeps it running now, and did not `before`. */
function newResources(before: readonly string[]): string[] {
  const left = [...before];
  return resources().filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Waits until all that was not there before is gone, but not for ever. */
async function untilLeft(before: readonly string[], timeout: number): Promise<void> {
  const giveUp = performance.now() + timeout;
  while (newResources(before).length > 0 && performance.now() < giveUp) await setImmediate();
}
