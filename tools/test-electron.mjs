// Checks the Electron part against Electron: its types, and the program itself where there is one.
//
//   node tools/test-electron.mjs
//
// ELECTRON names the binary, or ELECTRON_OVERRIDE_DIST_PATH its folder. Without them nothing is run,
// which is said and is no failure. The exit code is 0 when nothing failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setUp } from './setup.mjs';

/** The newest of each major that Electron supports, and the first with `net.WebSocket` before them. */
const VERSIONS = ['42.11.18', '43.8.12', '44.11.5', '45.4.1'];

const BINARIES = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };

/** The programs that are written against Electron's types. */
const PROGRAMS = ['examples/electron', 'examples/electron-origin', 'spec/electron/app'];

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

if (process.argv.includes('--help')) {
  console.log('Checks the Electron part against the types of Electron, and in the Electron that');
  console.log('ELECTRON (its binary) or ELECTRON_OVERRIDE_DIST_PATH (its folder) names.');
} else {
  process.exitCode = setUp() || checkTypes() || (await runScenarios());
}

function checkTypes() {
  const failed = VERSIONS.filter((version) => !compilesAgainst(version));
  console.log(
    `electron: types of ${VERSIONS.length - failed.length} versions passed, ${failed.length} failed`,
  );
  return failed.length === 0 ? 0 : 1;
}

function compilesAgainst(version) {
  const folder = at(`build/electron/${version}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const isThere =
    run('npm', ['pack', `electron@${version}`, '--silent', '--pack-destination', folder], folder) &&
    run('tar', ['-xzf', `electron-${version}.tgz`], folder);
  if (!isThere) {
    console.error(`electron: the types of ${version} cannot be had`);
    return false;
  }
  const path = relativeTo(`build/electron/${version}`);
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: `${path}/spec/tsconfig.json`,
      compilerOptions: {
        noEmit: true,
        incremental: false,
        rootDir: path,
        paths: { electron: ['./package/electron.d.ts'] },
      },
      include: PROGRAMS.map((program) => `${path}/${program}`),
      references: [],
    }),
  );
  const compiler = at('node_modules/typescript/bin/tsc');
  return run(process.execPath, [compiler, '-p', folder], at('.'));
}

function relativeTo(folder) {
  return folder.replaceAll(/[^/]+/g, '..');
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 2] }).status === 0;
}

async function runScenarios() {
  const binary = findBinary();
  if (binary === undefined) {
    console.log('electron: not run, as neither ELECTRON nor ELECTRON_OVERRIDE_DIST_PATH names one');
    return 0;
  }
  const { makeBundles } = await import(pathToFileURL(at('build/spec/electron/app/bundles.js')));
  await makeBundles();
  const args = [at('build/spec/electron/app/main.js')];
  // Chromium's sandbox does not start as root.
  if (process.getuid?.() === 0) args.unshift('--no-sandbox');
  const { stdout } = spawnSync(binary, args, {
    cwd: at('.'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 2],
    timeout: 300_000,
  });
  const line = /^outcome: (.*)$/m.exec(stdout ?? '')?.[1];
  if (line === undefined) {
    console.error(`electron: ${binary} has said nothing of its scenarios`);
    return 1;
  }
  const { page, net } = JSON.parse(line);
  const failed = [...page.failed, ...net.failed];
  for (const text of failed) console.error(text);
  const passed = page.passed.length + net.passed.length;
  console.log(`electron: ${passed} passed, ${failed.length} failed`);
  return failed.length === 0 && page.passed.length > 0 && net.passed.length > 0 ? 0 : 1;
}

function findBinary() {
  const { ELECTRON, ELECTRON_OVERRIDE_DIST_PATH: folder } = process.env;
  const binary = ELECTRON || (folder && join(folder, BINARIES[process.platform] ?? 'electron'));
  if (!binary) return undefined;
  if (!existsSync(binary)) throw new Error(`There is no Electron at ${binary}.`);
  return binary;
}
