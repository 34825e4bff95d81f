// Plays the oracle's scenarios on the compiled library and compares with what Qt did.
//
//   node tools/oracle.mjs [--theme NAME,NAME…] [--filter REGEX] [--full] [--verbose]
//
// The exit code is 0 when every scenario of what this release covers agrees. spec/oracle/README.md
// tells what a scenario is.
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findScenarios } from '../spec/oracle/lib/files.mjs';
import { loopbackOnly } from '../spec/oracle/lib/netns.mjs';
import { setUp } from './setup.mjs';

/** Scenarios that need what is not built yet: whole themes (`proxy/`) or single ones. */
const NOT_YET_COVERED = [
  { reason: 'TLS', scenarios: ['tls/', 'lifecycle/ignore-ssl-on-plain'] },
  { reason: 'proxies', scenarios: ['proxy/'] },
  {
    reason: 'HTTP authentication (401)',
    scenarios: [
      'handshake-fail/status-401-credentials-in-url',
      'handshake-fail/status-401-no-credentials',
    ],
  },
];

/** Getters that need the same; the scenarios that read them are judged without them. */
const GETTERS_NOT_YET_COVERED = ['sslConfiguration'];

/** Asks a name server, which only a namespace without a network answers at once and everywhere. */
const NEEDS_NAMESPACE = {
  reason: 'no network namespace to be had here',
  scenarios: ['handshake-fail/unknown-host'],
};

const options = parseArgs({
  options: {
    theme: { type: 'string' },
    filter: { type: 'string', default: '' },
    full: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
}).values;

process.exitCode = setUp('lib') || main();

function main() {
  const skipped = [...NOT_YET_COVERED, ...(loopbackOnly() === null ? [NEEDS_NAMESPACE] : [])];
  const themes = options.theme?.split(',').map((theme) => `${theme}/`) ?? [''];
  const filter = new RegExp(options.filter);

  const folder = at('spec/oracle/open/scenarios');
  const names = findScenarios([folder])
    .map((file) => relative(folder, file).replaceAll('\\', '/').replace('.json', ''))
    .filter((name) => themes.some((theme) => name.startsWith(theme)) && filter.test(name));
  const chosen = names.filter((name) => !skipped.some((group) => isIn(group, name)));
  if (names.length === 0) {
    console.error('oracle: no scenario has such a name');
    return 1;
  }

  const { passed, failed } = chosen.length > 0 ? play(chosen) : { passed: 0, failed: 0 };

  for (const group of skipped) {
    const count = names.filter((name) => isIn(group, name)).length;
    if (count > 0) console.log(`not yet covered: ${count} scenarios (${group.reason})`);
  }
  for (const getter of GETTERS_NOT_YET_COVERED)
    console.log(`not yet covered: the getter ${getter}() (TLS)`);
  console.log(`oracle: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function isIn({ scenarios }, name) {
  return scenarios.some((start) => name.startsWith(start));
}

function play(names) {
  const filter = `/scenarios/(?:${names.join('|')})[.]json$`;
  const scenarios = ['--filter', filter];
  const played = node(
    'spec/oracle/run_port.mjs',
    ['--module', at('dist/esm/index.js'), ...scenarios],
    {
      stdio: 'inherit',
    },
  );
  if (played.status !== 0) return { passed: 0, failed: names.length };

  const flags = ['full', 'verbose'].filter((flag) => options[flag]).map((flag) => `--${flag}`);
  const leniency = GETTERS_NOT_YET_COVERED.flatMap((getter) => ['--soft', `snap.${getter}`]);
  const { stdout } = node('spec/oracle/compare.mjs', [...scenarios, ...leniency, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const line of stdout.split('\n')) {
    if (options.verbose || !line.startsWith('PASS ')) console.log(line);
  }
  const agreeing = Number(/^(\d+)\/\d+ scenarios agree$/m.exec(stdout)?.[1] ?? 0);
  return { passed: agreeing, failed: names.length - agreeing };
}

function node(script, args, stdio) {
  return spawnSync(process.execPath, [at(script), ...args], {
    encoding: 'utf8',
    maxBuffer: Infinity,
    ...stdio,
  });
}

function at(path) {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
