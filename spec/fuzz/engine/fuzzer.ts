import type { FuzzTarget } from './fuzz-target.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';
import { Violation } from './violated.ts';

/** In milliseconds: a thousand times of what a case takes. */
const MAX_CASE_TIME = 250;

/** In bytes. Work that grows with the square of the size takes 16 times as long for the second. */
const SMALL = 16 * 1024;
const LARGE = 64 * 1024;
const MAX_GROWTH = 10;

/** In milliseconds: what takes less is not worth a look. */
const MIN_NOTABLE_TIME = 8;

const ROUNDS = 4;

// What looks slow is looked at again: the collector and the compiler work in threads of their own, whose
// time counts.
const MOST_ROUNDS = 16;

/** A broken promise, and how to see it again. */
export interface Finding {
  readonly target: string;
  /** What was violated. */
  readonly sentence: string;
  /** Where the case stands among those of its seed; -1 for none of them. */
  readonly index: number;
  /** The smallest input that shows it. */
  readonly input: Buffer;
}

/** What came of a target. */
export interface Report {
  readonly target: string;
  readonly runs: number;
  readonly seconds: number;
  readonly finding: Finding | undefined;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** The first case. */
  readonly from?: number;
  /** Told before each case. */
  readonly begin?: (index: number) => void;
}

/** Runs cases of `target` until one finds something, and then makes that small. */
export function fuzz(target: FuzzTarget, { seed, runs, from = 0, begin }: FuzzOptions): Report {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  for (let done = 0; done < runs; done++) {
    const index = from + done;
    begin?.(index);
    const { input, variant } = caseOf(target, seed, index);
    const sentence = examine(target, input, variant);
    if (sentence !== undefined) {
      const fails = (bytes: Buffer): boolean => examine(target, bytes, variant) !== undefined;
      const smallest = shrink(input, fails);
      const finding = {
        target: target.name,
        sentence: examine(target, smallest, variant) ?? sentence,
        index,
        input: smallest,
      };
      return { target: target.name, runs: done + 1, seconds: seconds(), finding };
    }
  }
  return { target: target.name, runs, seconds: seconds(), finding: undefined };
}

/** Sees whether the hard inputs of `target` cost more than their size. */
export function findSlowness(target: FuzzTarget): Finding | undefined {
  for (const [name, make] of Object.entries(target.hard)) {
    const small = make(SMALL);
    const large = make(LARGE);
    const sentence = examine(target, large, 0, Infinity);
    if (sentence !== undefined) return slow(target, sentence, large);

    let time = timeOf(target, large);
    let least = Infinity;
    for (let round = 0; time > MIN_NOTABLE_TIME; round++) {
      if (round >= ROUNDS && (round >= MOST_ROUNDS || time / least <= MAX_GROWTH)) break;
      least = Math.min(least, timeOf(target, small));
      time = Math.min(time, timeOf(target, large));
    }
    const growth = time / least;
    if (growth > MAX_GROWTH && time > MIN_NOTABLE_TIME) {
      const times = growth.toFixed(1);
      return slow(target, `${name}: four times the bytes take ${times} times as long.`, large);
    }
  }
  return undefined;
}

function slow({ name: target }: FuzzTarget, sentence: string, input: Buffer): Finding {
  return { target, sentence, index: -1, input };
}

function timeOf(target: FuzzTarget, input: Buffer): number {
  return timeFor(() => target.check(input, new Random(0)));
}

/** In milliseconds of this process: whoever else keeps the machine busy does not count. */
function timeFor(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One case: what is read, and the seed of everything besides. */
export function caseOf(
  target: FuzzTarget,
  seed: number,
  index: number,
): { input: Buffer; variant: number } {
  const random = Random.of(seed, target.name, index);
  return { input: target.generate(random), variant: random.word() };
}

/** What `input` shows to be broken; undefined when nothing is. */
export function examine(
  target: FuzzTarget,
  input: Buffer,
  variant: number,
  maxTime: number = MAX_CASE_TIME,
): string | undefined {
  const start = performance.now();
  const sentence = checked(target, input, variant);
  if (sentence !== undefined || performance.now() - start <= maxTime) return sentence;

  for (let round = 0; round < ROUNDS; round++) {
    if (timeFor(() => checked(target, input, variant)) <= maxTime) return undefined;
  }
  return `The case takes longer than ${maxTime} ms.`;
}

function checked(target: FuzzTarget, input: Buffer, variant: number): string | undefined {
  try {
    target.check(input, new Random(variant));
  } catch (error) {
    if (error instanceof Violation) return error.message;
    return `It threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  if (hasStrangeProperties()) return 'A prototype of the language has changed.';
  return undefined;
}

const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype];
const PROPERTIES = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length);

function hasStrangeProperties(): boolean {
  for (let i = 0; i < PROTOTYPES.length; i++) {
    if (Reflect.ownKeys(PROTOTYPES[i]!).length !== PROPERTIES[i]) return true;
  }
  return false;
}
