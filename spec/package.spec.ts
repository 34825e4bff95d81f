import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

interface Door {
  readonly 'module-sync'?: string;
  readonly require: { readonly default: string };
}

interface Manifest {
  readonly version: string;
  readonly exports: Record<string, Door | string>;
  readonly bin: Record<string, string>;
  readonly dependencies: Record<string, string>;
}

describe('the package', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

  const require = createRequire(import.meta.url);
  for (const [path, door] of Object.entries(manifest.exports)) {
    if (typeof door === 'string') continue;
    const name = path.replace('.', 'qwebsockets');

    it(`gives require('${name}') the names that import gives`, async () => {
      const imported = (await import(name)) as object;
      const required = require(resolve(door.require.default)) as object;

      expect(Object.keys(required).toSorted()).to.deep.equal(Object.keys(imported).toSorted());
    });

    if (door['module-sync'] === undefined) continue;

    it(`gives require('${name}') in Node the very same things, so that both can be mixed`, async () => {
      const imported = (await import(name)) as Record<string, unknown>;
      const required = require(name) as Record<string, unknown>;

      for (const key of Object.keys(imported)) expect(required[key]).to.equal(imported[key]);
    });
  }

  it('depends on eventemitter3, and for the command line on commander', () => {
    expect(Object.keys(manifest.dependencies)).to.deep.equal(['commander', 'eventemitter3']);
  });

  for (const file of new Set(pathsIn(manifest.exports))) {
    it(`holds ${file}, which it exports`, () => {
      expect(existsSync(file)).to.equal(true);
    });
  }

  it('brings the program qws, and nothing of it for require()', () => {
    const { qws = '' } = manifest.bin;

    expect(readFileSync(qws, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
    expect(existsSync('dist/cjs/cli')).to.equal(false);
  });

  it('can be used by a program that has no types of Node', function () {
    this.timeout(60_000);

    expect(
      compile('consumer', {
        compilerOptions: { lib: ['es2022', 'dom'], types: [], skipLibCheck: false },
        programs: [
          `import * as door from 'qwebsockets';\nconsole.log(new door.QWebSocket().state());\n`,
          `import { WebSocket } from 'qwebsockets/qml';\nconsole.log(new WebSocket().status);\n`,
          `import * as door from 'qwebsockets/browser';\nconsole.log(new door.QWebSocket().state());\n`,
          `import { WebSocket } from 'qwebsockets/browser/qml';\nnew WebSocket({ active: true });\n`,
          `import { QWebSocket } from 'qwebsockets/electron/renderer';\nnew QWebSocket().open('');\n`,
          `import { parseProxies } from 'qwebsockets/electron';\nconsole.log(parseProxies('DIRECT'));\n`,
          `import { QWebChannel } from 'qwebsockets/webchannel';\nnew QWebChannel().blockUpdates();\n`,
          `import { connectTopicBroker } from 'qwebsockets/brokers';\nconsole.log(connectTopicBroker);\n`,
          `import { exposeBridge } from 'qwebsockets/electron/preload';\nconsole.log(exposeBridge);\n`,
        ],
      }),
    ).to.equal('');
  });

  it('tells of its version in the change log', () => {
    expect(readFileSync('CHANGELOG.md', 'utf8')).to.include(`\n## [${manifest.version}]`);
  });

  it('has a change log of versions and kinds of changes', () => {
    const headings = readFileSync('CHANGELOG.md', 'utf8').match(/^##.*$/gm) ?? [];
    const version = /^## \[\d+\.\d+\.\d+\] - (?:\d{4}-\d\d-\d\d|unreleased)$/;
    const kind = /^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/;

    expect(headings.filter((line) => !version.test(line) && !kind.test(line))).to.deep.equal([]);
    // Only what comes next has no date.
    const dateless = headings.filter((line) => line.endsWith('unreleased'));
    expect(headings.slice(0, 1)).to.include.members(dateless);
  });
});

interface Program {
  readonly compilerOptions: object;
  readonly programs: readonly string[];
}

/** What the compiler says about programs that use the package. */
function compile(name: string, { compilerOptions, programs }: Program): string {
  const folder = resolve('build', name);
  mkdirSync(folder, { recursive: true });
  programs.forEach((source, index) => writeFileSync(join(folder, `${index}.ts`), source));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noEmit: true, ...compilerOptions },
      files: programs.map((_, index) => `${index}.ts`),
      references: [],
    }),
  );
  const compiler = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });
  return stdout;
}

/** The paths at the ends of a tree of conditions. */
function pathsIn(conditions: unknown): string[] {
  if (typeof conditions === 'string') return [conditions];
  return Object.values(conditions ?? {}).flatMap(pathsIn);
}
