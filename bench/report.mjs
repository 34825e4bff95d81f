// Makes the tables of README.md and the charts anew from what `--record` has written.
//
//   node bench/report.mjs
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { growthChart } from './report/growth-chart.mjs';
import { ratioChart } from './report/ratio-chart.mjs';
import { tables } from './report/tables.mjs';

const FIGURES = new URL('figures/', import.meta.url);
const IMAGES = new URL('../docs/images/', import.meta.url);
const README = fileURLToPath(new URL('README.md', import.meta.url));

const BEGIN = '<!-- made by report.mjs -->';
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

  const readme = readFileSync(README, 'utf8');
  const before = readme.slice(0, readme.indexOf(BEGIN) + BEGIN.length);
  const after = readme.slice(readme.indexOf(END));
  const text = `${before}\n\n${tables(runs)}\n\n${after}`;
  const options = await resolveConfig(README);
  writeFileSync(README, await format(text, { ...options, filepath: README }));
}

/** Four digits are more than is known. */
function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await report();
