// Runs one of the examples, making the checkout ready first.
//
//   node tools/run-example.mjs [NAME [ARGUMENT…]]
//
// Without a name it lists them. NAME/PROGRAM runs another program of an example, as
// stockticker/client. The exit code is the example's.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

/** The same signal within this time, in milliseconds, is one request that came by two ways. */
const ECHO_TIME = 1000;

/** How often to look whether npm is still there, in milliseconds. */
const NPM_CHECK_INTERVAL = 250;

/** Ends the example in its own orderly way when this process is killed and cannot tell it. */
const END_WITH_PARENT = `data:text/javascript,${encodeURIComponent(`
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();`)}`;

const [name, ...args] = process.argv.slice(2);
const names = readdirSync(new URL('../examples', import.meta.url)).filter((folder) =>
  hasProgram(`${folder}/main`),
);

if (name === undefined || name === '--help' || name === '-h') {
  console.log(
    `The examples are:\n${list(names)}\n` +
      'Run one: npm run example -- NAME. Its options: npm run example -- NAME --help.',
  );
} else if (!hasProgram(programOf(name))) {
  console.error(`There is no example "${name}". There are:\n${list(names)}`);
  process.exitCode = 1;
} else {
  process.exitCode = setUp('examples');
  if (process.exitCode === 0) run(name, args);
}

/** Where the program that a name stands for lies, below the folder of the examples. */
function programOf(wanted) {
  return wanted.includes('/') ? wanted : `${wanted}/main`;
}

function hasProgram(path) {
  return (
    /^[a-z][a-z-]*\/[a-z][a-z-]*$/.test(path) &&
    existsSync(new URL(`../examples/${path}.ts`, import.meta.url))
  );
}

function list(folders) {
  return folders.map((folder) => `  ${folder}`).join('\n');
}

function run(example, parameters) {
  const main = fileURLToPath(
    new URL(`../build/examples/${programOf(example)}.js`, import.meta.url),
  );
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', `--import=${END_WITH_PARENT}`, main, ...parameters],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // Ctrl+C reaches a whole process group, and npm passes it on once more: in a group of its own
      // the example hears it only from here, once.
      detached: process.platform !== 'win32',
    },
  );

  const heard = new Map();
  const forward = (signal) => {
    const last = heard.get(signal) ?? -Infinity;
    heard.set(signal, performance.now());
    if (heard.get(signal) - last > ECHO_TIME) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);

  // A signal to npm alone ends the shell between npm and us, and goes no further.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (heard.size === 0) forward('SIGTERM');
  }, NPM_CHECK_INTERVAL);
  if (process.env.npm_lifecycle_event === undefined) clearInterval(watch);

  child.on('error', (error) => {
    console.error(`Cannot run ${example}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    clearInterval(watch);
    for (const each of signals) process.off(each, forward);
    // A shell sees an example that a signal ended as it would without us.
    if (signal === null) process.exitCode = code;
    else process.kill(process.pid, signal);
  });
}
