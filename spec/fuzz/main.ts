import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FuzzTarget } from './engine/fuzz-target.ts';
import { caseOf, findSlowness, fuzz, type Finding, type Report } from './engine/fuzzer.ts';
import { Watchdog } from './engine/watchdog.ts';
import { targets } from './targets/targets.ts';

const HELP = `Gives the parsers made-up inputs and checks what they promise.

  npm run fuzz -- [--runs N] [--seed N] [--target NAME] [--case N]

  --runs N       how many inputs each target gets; 20,000 unless it is given
  --seed N       which ones: the same seed makes the same inputs; 1 unless it is given
  --target NAME  only this target; may be repeated
  --case N       only the input of this number, which is shown
  --help         shows this, and the names of the targets

The last line says how many targets have passed and failed; one that failed ends with exit code 1.

Targets: ${targets.map(({ name }) => name).join(', ')}
`;

/** In milliseconds: how often progress is told. */
const PROGRESS_EVERY = 3000;

// What a case has left to be done later, as zlib does, is done after so many: millions of them would
// fill the memory.
const CASES_PER_TURN = 1000;

interface Options {
  readonly runs: string;
  readonly seed: string;
  readonly target?: string[];
  readonly case?: string;
  readonly help: boolean;
}

/** What is wrong with the options. */
class Misuse extends Error {}

process.exitCode = await main().catch(misused);

async function main(): Promise<number> {
  const values = optionsGiven();
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const runs = wholeNumber('--runs', values.runs);
  const seed = wholeNumber('--seed', values.seed);
  const chosen = values.target?.map(targetCalled) ?? targets;
  if (values.case !== undefined) return replay(chosen, seed, wholeNumber('--case', values.case));

  const watchdog = new Watchdog(
    chosen.map(({ name }) => name),
    seed,
  );
  const reports: Report[] = [];
  for (const [at, target] of chosen.entries()) {
    reports.push(await run(target, seed, runs, (index) => watchdog.note(at, index)));
  }
  for (const { finding } of reports) if (finding !== undefined) describe(finding, seed);
  process.stdout.write(tableOf(reports));
  const failed = reports.filter(({ finding }) => finding !== undefined).length;
  console.log(`fuzz: ${reports.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function run(
  target: FuzzTarget,
  seed: number,
  runs: number,
  begin: (index: number) => void,
): Promise<Report> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  let told = start;
  for (let from = 0; from < runs; from += CASES_PER_TURN) {
    const report = fuzz(target, { seed, runs: Math.min(CASES_PER_TURN, runs - from), from, begin });
    if (report.finding !== undefined) {
      return { ...report, runs: from + report.runs, seconds: seconds() };
    }
    await setImmediate();
    if (performance.now() - told < PROGRESS_EVERY) continue;
    told = performance.now();
    const done = from + report.runs;
    const speed = Math.round(done / seconds());
    console.error(`${target.name}: ${done} of ${runs} runs, ${speed}/s, seed ${seed}`);
  }
  return { target: target.name, runs, seconds: seconds(), finding: findSlowness(target) };
}

function replay(chosen: readonly FuzzTarget[], seed: number, index: number): number {
  for (const target of chosen) {
    show(`${target.name}, seed ${seed}, case ${index}`, caseOf(target, seed, index).input);
    const { finding } = fuzz(target, { seed, runs: 1, from: index });
    if (finding === undefined) console.log('nothing is violated');
    else describe(finding, seed);
    if (finding !== undefined) process.exitCode = 1;
  }
  return Number(process.exitCode ?? 0);
}

function describe({ target, sentence, index, input }: Finding, seed: number): void {
  console.log(`\n${target}: ${sentence}`);
  show('the smallest input', input);
  if (index < 0) return;
  console.log(`again: npm run fuzz -- --target ${target} --seed ${seed} --case ${index}`);
}

/** As a seed file has it. */
function show(title: string, input: Buffer): void {
  const shown = input.subarray(0, 300);
  const more = shown.length < input.length ? ` (the first ${shown.length})` : '';
  console.log(`# ${title}: ${input.length} bytes${more}`);
  console.log((shown.toString('hex').match(/../g) ?? []).join(' '));
  console.log(JSON.stringify(shown.toString('latin1')));
}

function tableOf(reports: readonly Report[]): string {
  const lines = reports.map(({ target, runs, seconds, finding }) => {
    const speed = String(Math.round(runs / Math.max(seconds, 1e-3)));
    const numbers = `${String(runs).padStart(10)} ${seconds.toFixed(1).padStart(8)} ${speed.padStart(8)}`;
    return `${target.padEnd(20)} ${numbers}  ${finding === undefined ? '' : 'FINDING'}`.trimEnd();
  });
  return `\n${'target'.padEnd(20)}       runs  seconds   runs/s\n${lines.join('\n')}\n\n`;
}

function targetCalled(name: string): FuzzTarget {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Misuse(`There is no target ${name}; --help lists them.`);
  return target;
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new Misuse(`${option} takes a whole number from 0 on.`);
  return Number(text);
}

function optionsGiven(): Options {
  try {
    return parseArgs({
      options: {
        runs: { type: 'string', default: '20000' },
        seed: { type: 'string', default: '1' },
        target: { type: 'string', multiple: true },
        case: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

/** Says what is wrong with the options; returns the exit code. */
function misused(error: unknown): number {
  if (!(error instanceof Misuse)) throw error;
  console.error(`fuzz: ${error.message.replace(/[.]?$/, '.')} Try --help.`);
  return 2;
}
