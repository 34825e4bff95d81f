// Plays the oracle's scenarios on the compiled library and compares with what Qt did.
//
//   node tools/oracle.mjs [OPTION…]
//
// The exit code is 0 when every scenario agrees. spec/oracle/README.md tells what a scenario is.
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findScenarios } from '../spec/oracle/lib/files.mjs';
import { loopbackOnly } from '../spec/oracle/lib/netns.mjs';
import { readOptions } from './arguments.mjs';
import { setUp } from './setup.mjs';

/** Asks a name server, which only a namespace without a network answers at once and everywhere. */
const NEEDS_NAMESPACE = {
  reason: 'no network namespace to be had here',
  scenario: 'handshake-fail/unknown-host',
};

const HELP = `Plays on the library what was played on a running Qt, and compares what both did.

  npm run oracle -- [OPTION…]

  --theme NAME,NAME…  only the scenarios in these folders of spec/oracle/open/scenarios
  --filter REGEX      only those whose name matches
  --full              shows all differences, not just the first eight of a scenario
  --verbose           shows those that do not count, too
  --help              shows this
`;

const options = readOptions(HELP, {
  theme: { type: 'string' },
  filter: { type: 'string', default: '' },
  full: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
});

process.exitCode = setUp('lib') || main();

function main() {
  const canHide = loopbackOnly() !== null;
  const themes = options.theme?.split(',').map((theme) => `${theme}/`) ?? [''];
  const filter = new RegExp(options.filter);

  const folder = at('spec/oracle/open/scenarios');
  const names = findScenarios([folder])
    .map((file) => relative(folder, file).replaceAll('\\', '/').replace('.json', ''))
    .filter((name) => themes.some((theme) => name.startsWith(theme)) && filter.test(name));
  const chosen = names.filter((name) => canHide || name !== NEEDS_NAMESPACE.scenario);
  if (names.length === 0) {
    console.error('oracle: no scenario has such a name');
    return 1;
  }

  const { passed, failed } = chosen.length > 0 ? play(chosen) : { passed: 0, failed: 0 };

  if (chosen.length < names.length)
    console.log(`skipped: ${NEEDS_NAMESPACE.scenario} (${NEEDS_NAMESPACE.reason})`);
  console.log(`oracle: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
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
  const { stdout } = node('spec/oracle/compare.mjs', [...scenarios, ...flags], {
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
