#!/usr/bin/env node
// Run oracle scenarios against a JavaScript port of QtWebSockets and store its traces.
//
//   node run_port.mjs --module X [--out DIR] [--filter REGEX] [--jobs N] [--patience MS]
//                    [--error-signal NAME] [--netns auto|yes|no] [PATH...]
//
// X is a path or a package name; it must export QWebSocket and QWebSocketServer (and, for the
// scenarios that need them, QHostAddress, QNetworkRequest, QWebSocketHandshakeOptions,
// QNetworkProxy, QSslConfiguration, QSslCertificate, QSslKey, QSslError, QMaskGenerator ...).
// A scenario stored as .../scenarios/THEME/NAME.json leaves its trace in build/oracle/THEME/NAME.json
// of the project unless --out is given. PATH defaults to open/scenarios.
// --patience caps every wait of a scenario (default 1500 ms): a port that never emits what is
// waited for costs that long once per scenario.
// Where Linux lets us, the port runs in a network namespace that has only loopback (--netns no turns
// that off): a port that ignores a proxy or looks up host.invalid reaches nothing else.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findScenarios, tracePath, dumpTrace, PORT_TRACES } from './lib/files.mjs';
import { loopbackOnly } from './lib/netns.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const SCENARIO_LIMIT_MS = 15000;

const opts = { jobs: Math.min(6, os.cpus().length * 3), patience: 1500, errorSignal: 'errorOccurred', paths: [] };
const argv = process.argv.slice(2);
while (argv.length) {
  const a = argv.shift();
  if (a === '--module') opts.module = argv.shift();
  else if (a === '--out') opts.out = argv.shift();
  else if (a === '--filter') opts.filter = argv.shift();
  else if (a === '--jobs') opts.jobs = Number(argv.shift());
  else if (a === '--patience') opts.patience = Number(argv.shift());
  else if (a === '--netns') opts.netns = argv.shift();
  else if (a === '--error-signal') opts.errorSignal = argv.shift();
  else if (a === '--help' || a.startsWith('--')) usage();
  else opts.paths.push(a);
}
if (!opts.module) usage();
if (!opts.paths.length) opts.paths = [path.join(HERE, 'open', 'scenarios')];

function usage() {
  console.error('usage: run_port.mjs --module X [--out DIR] [--filter REGEX] [--jobs N] [--patience MS] [--error-signal NAME] [--netns auto|yes|no] [PATH...]');
  process.exit(2);
}

const files = findScenarios(opts.paths, opts.filter);
const started = Date.now();
const todo = [...files];
let problems = 0;

const netns = opts.netns === 'no' ? null : loopbackOnly();
if (opts.netns === 'yes' && !netns) {
  console.error('no network namespace can be made here');
  process.exit(1);
}

function spawnWorker() {
  const cmd = [process.execPath, path.join(HERE, 'lib', 'port-worker.mjs'),
    JSON.stringify({ module: opts.module, errorSignal: opts.errorSignal, patience: opts.patience })];
  if (netns) cmd.unshift(...netns);
  const w = spawn(cmd[0], cmd.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    w.once('message', () => resolve(w));
    w.once('exit', (code) => reject(new Error('the worker cannot load ' + opts.module + ' (exit ' + code + ')')));
  });
}

function runIn(w, file) {
  return new Promise((resolve) => {
    const clean = () => { clearTimeout(t); w.removeListener('message', ok); w.removeListener('exit', died); };
    const ok = (m) => { clean(); resolve(m); };
    const died = (code, sig) => { clean(); resolve({ dead: 'the process of the port died (' + (sig ?? code) + ')' }); };
    const t = setTimeout(() => { clean(); w.kill('SIGKILL'); resolve({ dead: 'the port hangs' }); }, SCENARIO_LIMIT_MS);
    w.once('message', ok);
    w.once('exit', died);
    w.send(file);
  });
}

async function serve() {
  let w = await spawnWorker();
  while (todo.length) {
    const f = todo.shift();
    let res = await runIn(w, f);
    if (res.dead) {
      res = { actors: {}, problems: [res.dead] };
      w = await spawnWorker();
    }
    const name = JSON.parse(fs.readFileSync(f, 'utf8')).name;
    const out = tracePath(f, opts.out ?? PORT_TRACES);
    fs.mkdirSync(path.dirname(out), { recursive: true });
    const head = { name, module: opts.module };
    if (res.problems.length) { head.problems = res.problems; problems++; }
    fs.writeFileSync(out, dumpTrace({ ...head, actors: res.actors }));
  }
  w.disconnect();
}

try {
  await Promise.all(Array.from({ length: Math.min(opts.jobs, files.length) }, serve));
} catch (e) {
  console.error(e.message);
  process.exit(1);
}
console.log(`${files.length} scenarios run in ${((Date.now() - started) / 1000).toFixed(1)} s, ${problems} with exceptions or crashes (see "problems" in their traces)`);
process.exit(0);
