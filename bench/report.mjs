// Makes tables and charts anew from what `--record` has written: the tables of README.md here, the
// summary in that of the package and in docs/performance.md, the costs in docs/compression.md.
//
//   node bench/report.mjs
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { compression } from './report/compression.mjs';
import { growthChart } from './report/growth-chart.mjs';
import { ratioChart } from './report/ratio-chart.mjs';
import { summary } from './report/summary.mjs';
import { tables } from './report/tables.mjs';

const FIGURES = new URL('figures/', import.meta.url);
const IMAGES = new URL('../docs/images/', import.meta.url);
const ROOT = new URL('../', import.meta.url);

const BEGIN = '<!-- made by bench/report.mjs -->';
const END = '<!-- end -->';

/** Writes down what has been measured, a workload a line; of others, what was recorded before stays. */
export function record({ machine, results }) {
  mkdirSync(FIGURES, { recursive: true });
  const file = new URL(`node${machine.node.slice(1).split('.')[0]}.json`, FIGURES);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : [];
  const fresh = new Map(results.map((row) => [row.name, row]));
  const kept = before.map((row) => fresh.get(row.name) ?? row);
  const names = new Set(kept.map(({ name }) => name));
  const all = [...kept, ...results.filter(({ name }) => !names.has(name))];
  writeFileSync(file, asJson({ machine, results: all }));
}

export function asJson({ machine, results }) {
  const lines = results.map((row) => JSON.stringify(row, rounded)).join(',\n');
  return `{"machine":${JSON.stringify(machine)},"results":[\n${lines}\n]}\n`;
}

export async function report() {
  const runs = readdirSync(FIGURES)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(new URL(file, FIGURES), 'utf8')));
  const [run] = runs;
  mkdirSync(IMAGES, { recursive: true });
  writeFileSync(new URL('speed.svg', IMAGES), ratioChart(run));
  writeFileSync(new URL('growth.svg', IMAGES), growthChart(run));

  await fill('bench/README.md', tables(runs));
  for (const page of ['README.md', 'docs/performance.md']) await fill(page, summary(run));
  await fill('docs/compression.md', compression(run));
}

/** Puts `text` where the page at `path` has what was made before. */
async function fill(path, text) {
  const file = fileURLToPath(new URL(path, ROOT));
  const page = readFileSync(file, 'utf8');
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  const options = await resolveConfig(file);
  const made = `${before}\n\n${text}\n\n${after}`;
  writeFileSync(file, await format(made, { ...options, filepath: file }));
}

/** Four digits are more than is known. */
function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await report();
