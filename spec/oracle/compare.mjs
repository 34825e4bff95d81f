#!/usr/bin/env node
// Compare the port's traces with what is expected of it: those of the real Qt or, where the port differs
// from Qt on purpose, those that derive.mjs made of them.
//
//   node compare.mjs [--pure-qt] [--filter REGEX] [--strict] [--soft SEL]... [--verbose] [--full]
//                    [--quiet] [--port DIR] [SET...]
//
// SET is a folder with scenarios/, traces/ (Qt's) and expected/ (the derived ones). Default: open. The port's
// traces are taken from build/oracle of the project, or from --port. What the selectors of --soft and of a scenario's
// "assert" mean is told in README.md. --pure-qt leaves expected/ aside.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findScenarios, tracePath, PORT_TRACES } from './lib/files.mjs';
import { compareScenario } from './lib/compare.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const o = { sets: [], soft: [] };
const argv = process.argv.slice(2);
while (argv.length) {
  const a = argv.shift();
  if (a === '--filter') o.filter = argv.shift();
  else if (a === '--port') o.port = argv.shift();
  else if (a === '--soft') o.soft.push(argv.shift());
  else if (['--strict', '--verbose', '--full', '--quiet', '--pure-qt'].includes(a)) o[a.slice(2)] = true;
  else if (a.startsWith('--')) {
    console.error('usage: compare.mjs [--pure-qt] [--filter REGEX] [--strict] [--soft SEL]... [--verbose] [--full] [--quiet] [--port DIR] [SET...]');
    process.exit(2);
  } else o.sets.push(a);
}
if (!o.sets.length) o.sets = [path.join(HERE, 'open')];

const read = (f) => { try { return JSON.parse(fs.readFileSync(f, 'utf8')); } catch { return null; } };
const themes = new Map();
let agree = 0, total = 0, agreeAnyTime = 0, onlyNewer = 0, softOnly = 0, missing = 0, underRows = 0, agreeUnderRows = 0;

for (const set of o.sets) {
  for (const file of findScenarios([path.join(set, 'scenarios')], o.filter)) {
    let scenario = read(file);
    const theme = scenario.name.split('/')[0];
    const row = themes.get(theme) ?? themes.set(theme, [0, 0]).get(theme);
    const qt = read(tracePath(file, null, 'traces'));
    if (!qt) { console.log('SKIP ' + scenario.name + ': Qt has no trace for it'); continue; }
    total++;
    row[1]++;
    const port = read(tracePath(file, o.port ?? PORT_TRACES));
    if (!port) {
      missing++;
      if (!o.quiet) console.log('MISS ' + scenario.name + ': no trace of the port');
      continue;
    }
    const derived = o['pure-qt'] ? null : read(tracePath(file, null, 'expected'));
    if (derived?.assert) scenario = { ...scenario, assert: derived.assert };
    const rows = derived ? ' [' + derived.rows.join(' ') + ']' : '';
    const want = derived ?? qt;
    const how = { strict: o.strict, soft: o.soft, who: derived ? 'expected' : 'Qt' };
    const r = compareScenario(scenario, want, port, how);
    const later = r.hard.length ? compareScenario(scenario, want, port, { ...how, soft: [...o.soft, 'during'] }) : r;
    if (!later.hard.length) agreeAnyTime++;
    if (derived) underRows++;
    if (!r.hard.length) {
      agree++;
      if (derived) agreeUnderRows++;
      row[0]++;
      if (r.soft.length) softOnly++;
      if (!o.quiet) console.log('PASS ' + scenario.name + rows + (r.soft.length ? '  (' + r.soft.length + ' soft)' : ''));
      if (o.verbose) for (const d of r.soft) console.log('     ~ ' + d);
      continue;
    }
    if (scenario.newerQt && !derived) onlyNewer++;
    if (o.quiet) continue;
    console.log('DIFF ' + scenario.name + rows + '  ' + scenario.description);
    const lines = o.full ? r.hard : r.hard.slice(0, 8);
    for (const d of lines) console.log('     ' + d);
    if (lines.length < r.hard.length) console.log('     ... ' + (r.hard.length - lines.length) + ' more');
    if (o.verbose) for (const d of r.soft) console.log('     ~ ' + d);
    if (derived) console.log('     expected is not what Qt 6.4.2 does, but that by the rows' + rows + (derived.why ? ': ' + derived.why : ''));
    else if (scenario.newerQt) console.log('     note: ' + scenario.newerQt);
  }
}

console.log('');
for (const [t, [a, n]] of [...themes].sort()) console.log(t.padEnd(18) + String(a).padStart(4) + '/' + n);
if (missing) console.log(`${missing} scenarios without a trace of the port`);
if (softOnly) console.log(`${softOnly} of the agreeing scenarios have soft differences (wording and the like; --verbose shows them)`);
if (onlyNewer) console.log(`${onlyNewer} of the differing scenarios are ones where a newer Qt is known to differ from 6.4.2 too (see their notes)`);
if (!o['pure-qt']) console.log(`${underRows} of ${total} judged under rows of docs/differences-from-qt.md, ${agreeUnderRows} of them agree; the others with Qt's own traces`);
console.log(`${agreeAnyTime}/${total} agree when it does not matter whether a signal comes within a call or after it`);
console.log(`${agree}/${total} scenarios agree`);
process.exitCode = agree === total ? 0 : 1;
