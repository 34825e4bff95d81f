// Makes ready what the library is compared with.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compiled } from './native.mjs';

const folder = new URL('../rivals/', import.meta.url);

/** Takes the packages of `rivals/package.json`, of which the rest of the project knows nothing. */
export const requireRival = createRequire(new URL('package.json', folder));

const PACKAGED = new Set(['ws-addons', 'websocket', 'faye-websocket']);

/**
 * What starts the process that is measured.
 *
 * @param {'servers' | 'clients'} role
 * @param {string} rival
 * @param {string[]} options for Node.
 * @returns {string[]} the program and its first arguments.
 */
export function commandOf(role, rival, options) {
  if (rival === 'qt') return [qtServer()];
  const file = new URL(`../${role}/${rival}.mjs`, import.meta.url);
  return [process.execPath, ...options, fileURLToPath(file)];
}

/** @returns {string | undefined} what `rival` lacks; then it is left out. */
export function whatIsMissing(rival) {
  try {
    if (rival === 'qt') qtServer();
    if (PACKAGED.has(rival)) installPackages();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

function qtServer() {
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'Qt6WebSockets'], {
    encoding: 'utf8',
  });
  if (flags.status !== 0) {
    throw new Error('no Qt for C++ (apt-get install g++ pkg-config qt6-websockets-dev)');
  }
  return compiled('qt-server', new URL('../qt/server.cpp', import.meta.url), 'g++', [
    '-std=c++17',
    '-fPIC',
    ...flags.stdout.trim().split(/\s+/),
  ]);
}

function installPackages() {
  if (existsSync(new URL('node_modules/.package-lock.json', folder))) return;
  // The programs in them that are not JavaScript are part of them: there is nothing to be built.
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('its packages are not there (npm ci --prefix bench/rivals)');
}
