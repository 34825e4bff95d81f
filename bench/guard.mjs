// Fails when the codec has become slower beside ws than it was: npm run bench:guard [-- --record]
//
// With --record the figures of today become what later ones are compared with. See README.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readOptions } from '../tools/arguments.mjs';
import { Child } from './support/child.mjs';
import { spread } from './support/statistics.mjs';
import { digits, tableOf, withQuartiles } from './support/table.mjs';

const ROWS = [
  'codec read 125 B text, masked',
  'codec read 125 B text, unmasked',
  'codec read 125 B mixed text, masked',
  'codec read 1 KiB text, masked',
  'codec read 1 KiB binary, masked',
  'codec read 1 KiB mixed text, masked',
  'codec read 16 KiB text, unmasked',
  'codec read 16 KiB mixed text, masked',
  'codec read 125 B text, masked, from a stream',
  'codec read 125 B text, masked, by 7 bytes',
  'codec write 125 B text, unmasked',
  'codec write 1 KiB text, unmasked',
  'codec write 1 KiB binary, masked',
  'codec write 1 KiB mixed text, unmasked',
  'codec write 16 KiB binary, masked',
];

// A ratio may fall by this share.
const TOLERANCE = 0.15;

// All rows are measured in so many processes at least, and in up to so many until the quartiles of
// each are no further apart than this share.
const ROUNDS = 5;
const MOST_ROUNDS = 7;
const NARROW = 0.06;

// What later runs are compared with must not be a lucky one.
const ROUNDS_OF_RECORD = 15;

const ROUND = fileURLToPath(new URL('guard-round.mjs', import.meta.url));
const RECORD = new URL('guard.json', import.meta.url);

const HELP = `Fails when the codec has become slower beside ws than it was.

  npm run bench:guard [-- --record]

  --record  takes the figures of today as those that later ones are compared with
  --help    shows this
`;

const values = readOptions(HELP, { record: { type: 'boolean', default: false } });
const records = JSON.parse(readFileSync(RECORD, 'utf8'));
// Versions of Node compile differently, so each has figures of its own.
const [major] = process.versions.node.split('.');
const here = {
  node: process.version,
  ws: createRequire(import.meta.url)('ws/package.json').version,
  processor: `${cpus().length} x ${cpus()[0].model.trim()}`,
};

const missing = ROWS.filter((name) => records[major]?.ratios[name] === undefined);

if (values.record) await record();
else if (missing.length === 0) await compare(records[major]);
else refuse();

async function record() {
  const ratios = await measured(ROUNDS_OF_RECORD, ROUNDS_OF_RECORD);
  const figures = ROWS.map((name) => [name, Number(ratios.get(name).median.toPrecision(3))]);
  const date = new Date().toISOString().slice(0, 10);
  records[major] = { date, ...here, ratios: Object.fromEntries(figures) };
  writeFileSync(RECORD, `${JSON.stringify(records, null, 2)}\n`);
  const rows = ROWS.map((name) => [name, withQuartiles(ratios.get(name))]);
  console.log(tableOf(['times ws', 'recorded'], rows));
}

function refuse() {
  console.error(
    `guard: for Node ${major} ${missing.length} rows are not recorded, as "${missing[0]}"; ` +
      'npm run bench:guard -- --record does it',
  );
  process.exitCode = 1;
}

async function compare(recorded) {
  const hasFallen = (name, { median }) => median < (1 - TOLERANCE) * recorded.ratios[name];
  const ratios = await measured(ROUNDS, MOST_ROUNDS);
  const suspects = ROWS.filter((name) => hasFallen(name, ratios.get(name)));
  if (suspects.length > 0) {
    // A fall counts when it is seen twice.
    const again = await measured(MOST_ROUNDS, MOST_ROUNDS);
    for (const name of suspects) ratios.set(name, again.get(name));
  }

  const rows = ROWS.map((name) => {
    const ratio = ratios.get(name);
    const change = 100 * (ratio.median / recorded.ratios[name] - 1);
    return [
      name,
      digits(recorded.ratios[name]),
      withQuartiles(ratio),
      `${change < 0 ? '' : '+'}${change.toFixed(0)} %`,
      hasFallen(name, ratio) ? 'FALLEN' : suspects.includes(name) ? 'only once' : '',
    ];
  });
  console.log(`${tableOf(['times ws', 'recorded', 'now', 'change', ''], rows)}\n`);

  const fallen = ROWS.filter((name) => hasFallen(name, ratios.get(name)));
  if (fallen.length > 0) {
    console.log(`recorded: ${describe(recorded)}, ${recorded.date}`);
    console.log(`now:      ${describe(here)}`);
    console.log('Where that is meant to be: npm run bench:guard -- --record\n');
    process.exitCode = 1;
  }
  console.log(`guard: ${ROWS.length - fallen.length} passed, ${fallen.length} failed`);
}

/** The ratios of all rows, from `least` to `most` processes. */
async function measured(least, most) {
  const samples = [];
  let ratios = new Map();
  const isSettled = () => samples.length >= least && [...ratios.values()].every(isNarrow);
  while (samples.length < most && !isSettled()) {
    samples.push(await sample());
    ratios = new Map(ROWS.map((name) => [name, spread(samples.map((ratio) => ratio[name]))]));
  }
  return ratios;
}

/** One round: all rows, as what else a process has compiled moves each of them by up to a fourth. */
async function sample() {
  const child = new Child(process.execPath, [ROUND, ...ROWS]);
  try {
    return JSON.parse(await child.told());
  } finally {
    await child.end();
  }
}

function isNarrow({ q1, median, q3 }) {
  return q3 - q1 <= NARROW * median;
}

function describe({ node, ws, processor }) {
  return `Node ${node}, ws ${ws}, ${processor}`;
}
