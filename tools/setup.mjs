// Makes a checkout ready to run: installs the packages that are missing and compiles what is stale.
//
//   node tools/setup.mjs [lib | examples | all]
//
// Needs nothing but Node and npm, as it runs before anything is installed. What it says goes to
// standard error: standard output belongs to the program it makes ready.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(root, ...parts);

const PROJECTS = {
  lib: ['lib', 'lib/tsconfig.cjs.json'],
  examples: ['lib', 'lib/tsconfig.cjs.json', 'examples'],
  all: ['lib', 'lib/tsconfig.cjs.json', 'examples', 'spec'],
};

/** How long another setup may keep this one waiting, in milliseconds. */
const LOCK_TIMEOUT = 600_000;

/**
 * Installs and compiles what `goal` needs.
 *
 * @returns the exit code: 0, or that of the step that failed.
 */
export function setUp(goal = 'all') {
  return alone(() => install() || compile(PROJECTS[goal]));
}

function install() {
  if (isInstalled()) return 0;

  say('installing packages (npm ci)');
  // Development packages are wanted even where NODE_ENV or the user's settings leave them out.
  return run(...npm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'));
}

/** Whether node_modules holds what package-lock.json asks for. */
function isInstalled() {
  const wanted = readJson('package-lock.json').packages;
  // npm writes this list when an installation is complete.
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return false;

  return Object.entries(wanted).every(([path, { version, optional = false }]) => {
    if (path === '' || (optional && installed[path] === undefined)) return true;
    return installed[path]?.version === version && existsSync(at(path, 'package.json'));
  });
}

function compile(projects) {
  say(`compiling ${projects.filter((name) => !name.includes('.')).join(', ')}`);
  for (const folder of ['dist/esm', 'dist/cjs']) removeOrphans(at(folder), at('lib'));
  for (const folder of ['lib', 'examples', 'spec']) removeOrphans(at('build', folder), at(folder));

  // The compiler takes projects at once that do not refer to each other, and specs that import the
  // package by its name need it compiled.
  const first = projects.filter((name) => name !== 'spec');
  return (
    build(first) ||
    (projects.includes('spec') ? build(['spec']) : 0) ||
    run(process.execPath, [at('tools/mark-cjs.mjs')]) ||
    (projects.includes('examples') ? run(process.execPath, [at('tools/copy-assets.mjs')]) : 0)
  );
}

function build(projects) {
  return run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-b', ...projects]);
}

/** The compiler leaves the output of deleted sources behind, and mocha would go on running it. */
function removeOrphans(output, source) {
  if (!existsSync(output)) return;
  for (const entry of readdirSync(output, { withFileTypes: true })) {
    const name = join(output, entry.name);
    if (entry.isDirectory()) {
      removeOrphans(name, join(source, entry.name));
      if (readdirSync(name).length === 0) rmdirSync(name);
      continue;
    }
    const compiled = /^(.+?)(\.d\.ts|\.js)(\.map)?$/.exec(entry.name);
    if (compiled === null) continue;
    if (existsSync(join(source, `${compiled[1]}.ts`))) continue;
    if (!existsSync(join(source, entry.name))) rmSync(name);
  }
}

/** Runs `work` while no other setup of this checkout is at work. */
function alone(work) {
  const lock = at('build', 'setup.lock');
  mkdirSync(dirname(lock), { recursive: true });
  const giveUp = Date.now() + LOCK_TIMEOUT;
  while (!take(lock)) {
    if (Date.now() > giveUp) {
      say(`another setup does not end; if there is none, remove ${lock}`);
      return 1;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAbandoned(lock)) return false;
  rmSync(lock, { force: true });
  return take(lock);
}

function isAbandoned(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // Empty for the moment between its making and its writing.
    if (owner !== 0) process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** The command that runs npm: the one that started us where there is one. */
function npm(...args) {
  const cli = process.env.npm_execpath ?? '';
  if (basename(cli) === 'npm-cli.js') return [process.execPath, [cli, ...args]];
  return ['npm', args, { shell: process.platform === 'win32' }];
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    ...options,
  });
  if (error !== undefined) say(`cannot run ${command}: ${error.message}`);
  return status ?? 1;
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(at(path), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const goal = process.argv[2] ?? 'all';
  if (goal === '--help' || goal === '-h') {
    console.log(
      'npm run setup [-- lib | examples | all]: installs what is missing, compiles what is stale.',
    );
  } else if (Object.hasOwn(PROJECTS, goal)) {
    process.exitCode = setUp(goal);
  } else {
    say(`unknown goal ${goal}; one of ${Object.keys(PROJECTS).join(', ')}`);
    process.exitCode = 1;
  }
}
