// Compares the library with ws.
//
//   node bench/main.mjs [OPTION…]
//
// --help shows the options. See README.md.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { misused, readOptions } from '../tools/arguments.mjs';
import * as codec from './codec.mjs';
import * as echo from './echo.mjs';
import * as growth from './growth.mjs';
import { GROWTH_HEAD, growthOf } from './support/growth-table.mjs';
import { loadProgram } from './support/load.mjs';
import { asJson, record, report } from './report.mjs';
import { whatIsMissing } from './support/rivals.mjs';
import { digits, tableOf, withQuartiles } from './support/table.mjs';

const HEAD = ['workload', 'rival', 'cost', 'unit', 'times ws', 'target', 'peer', 'more'];

const HELP = `Measures what the library costs beside ws and others; tables to standard output, progress to standard error.

  npm run bench -- [OPTION…]

  --quick           against ws alone and shorter, under 3 minutes; everything takes about half an hour
  --only PATTERN    only the workloads whose name matches this regular expression
  --list            shows their names and measures nothing
  --rivals A,B      only these, and ws
  --rounds N        how often each rival has its turn: 5, with --quick 2
  --json FILE       writes the figures with their quartiles
  --record          keeps the figures in bench/figures and makes the tables and charts anew
  --profile FOLDER  writes a CPU profile of our side for each sample of a server or a client
  --help            shows this

Servers and clients need Linux and a C compiler. bench/README.md tells what the figures mean.
`;

const values = readOptions(HELP, {
  only: { type: 'string', default: '' },
  rivals: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  record: { type: 'boolean', default: false },
  profile: { type: 'string' },
  list: { type: 'boolean', default: false },
});

const isQuick = values.quick;
const rounds = Number(values.rounds ?? (isQuick ? 2 : 5));
if (!Number.isInteger(rounds) || rounds < 1) misused('--rounds takes a whole number from 1 on.');

const wanted = values.rivals?.split(',') ?? (isQuick ? ['qwebsockets'] : undefined);
const missing = {};
// What else the machine has to do: the figures of a busy one are worth less.
const [load] = loadavg();

const pattern = new RegExp(values.only, 'i');
// Growth takes minutes: a quick run has it only where it is asked for.
const parts = isQuick && values.only === '' ? [codec, echo] : [codec, echo, growth];
const chosen = parts.flatMap(({ workloads, compare }) =>
  workloads
    .filter(({ name }) => pattern.test(name))
    .map((workload) => ({
      name: workload.name,
      rivals: workload.rivals ?? [],
      run: (options) => compare(workload, options),
    })),
);

if (values.list) {
  for (const { name } of chosen) console.log(name);
} else if (chosen.length === 0) {
  console.error(`No workload matches "${values.only}"; --list shows them all.`);
  process.exitCode = 1;
} else {
  try {
    if (chosen.some(({ rivals }) => rivals.length > 0)) loadProgram();
  } catch ({ message }) {
    console.error(`Servers and clients cannot be measured: ${message}`);
    process.exit(1);
  }
  await run();
  // Servers and sockets of the last workload may still be on their way out.
  process.exit();
}

async function run() {
  for (const rival of new Set(chosen.flatMap(({ rivals }) => rivals)).values()) {
    const reason = isWanted(rival) ? whatIsMissing(rival) : undefined;
    if (reason !== undefined) missing[rival] = reason;
  }
  const results = [];
  for (const [i, { name, run: measure }] of chosen.entries()) {
    try {
      results.push(
        await measure({
          rounds,
          isQuick,
          isWanted,
          profiles: values.profile,
          say: (text) => say(i, text),
        }),
      );
    } catch (cause) {
      throw new Error(`The workload "${name}" has failed.`, { cause });
    }
  }
  say(chosen.length, 'done');

  const machine = {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    ws: createRequire(import.meta.url)('ws/package.json').version,
    processor: `${cpus().length} x ${cpus()[0].model.trim()}`,
    rounds,
    load,
  };
  console.log(
    Object.entries(machine)
      .map((entry) => entry.join(': '))
      .join(', '),
  );
  console.log(`\n${tableOf(HEAD, results.flatMap(rowsOf))}`);
  const grown = growthOf(results);
  if (grown.length > 0) console.log(`\n${tableOf(GROWTH_HEAD, grown)}`);
  console.log(
    '\npeer: CPU time of the other end, as a share; above 1 (!) it may have been waited for',
  );
  for (const [rival, reason] of Object.entries(missing))
    console.log(`left out: ${rival}, ${reason}`);
  if (values.json !== undefined) {
    writeFileSync(values.json, asJson({ machine, results }));
  }
  if (values.record) {
    record({ machine, results });
    await report();
  }
}

function isWanted(rival) {
  if (rival === 'ws') return true;
  return (wanted?.includes(rival) ?? true) && missing[rival] === undefined;
}

function rowsOf({ name, unit, target, results }) {
  return results.map(({ rival, cost, ratio, peer, more }, i) => [
    i === 0 ? name : '',
    rival,
    withQuartiles(cost),
    unit,
    rival === 'ws' ? '1' : withQuartiles(ratio),
    rival !== 'qwebsockets' || target === undefined ? '' : verdict(ratio.median, target),
    share(peer, cost),
    Object.entries(more)
      .map(([what, { median }]) => `${digits(median)} ${what}`)
      .join(', '),
  ]);
}

/** The CPU time of the other end for the same work, as a share of that of what is measured. */
function share(peer, cost) {
  const part = peer === undefined ? NaN : peer.median / cost.median;
  return part > 1 ? `${digits(part)} !` : digits(part);
}

function verdict(ratio, target) {
  return `${ratio >= target ? 'meets' : 'BEHIND'} ${digits(target)}`;
}

function say(index, text) {
  process.stderr.write(`bench ${index}/${chosen.length}: ${text}\n`);
}
