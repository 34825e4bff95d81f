// Starts the application: bundles what has to be bundled, and runs Electron.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CommandLine } from '../support/command-line.ts';
import { bundle } from './bundle.ts';

new CommandLine(
  'electron',
  'A chat between two windows whose sockets live in the main process. Needs Electron, which is ' +
    'fetched when it is not there; ELECTRON_OVERRIDE_DIST_PATH names the folder of another one.',
  {},
).process();

await bundle();
const cli = createRequire(import.meta.url).resolve('electron/cli.js');
const main = fileURLToPath(new URL('./electronmain.js', import.meta.url));
const electron = spawn(process.execPath, [cli, main], { stdio: 'inherit' });
electron.on('exit', (code) => {
  process.exitCode = code ?? 1;
  if (code !== 0) console.error('Electron did not start, or has failed: see above.');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => electron.kill(signal));
