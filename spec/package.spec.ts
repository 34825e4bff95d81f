import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

interface Manifest {
  readonly version: string;
  readonly exports: Record<string, unknown>;
  readonly dependencies: Record<string, string>;
}

describe('the package', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

  it('gives require() the names that import gives', async () => {
    const imported = (await import('qwebsockets')) as object;
    const required = createRequire(import.meta.url)('qwebsockets') as object;

    expect(Object.keys(required).toSorted()).to.deep.equal(Object.keys(imported).toSorted());
  });

  it('depends on eventemitter3 alone', () => {
    expect(Object.keys(manifest.dependencies)).to.deep.equal(['eventemitter3']);
  });

  for (const file of pathsIn(manifest.exports)) {
    it(`holds ${file}, which it exports`, () => {
      expect(existsSync(file)).to.equal(true);
    });
  }

  for (const room of ['core', 'network', 'websockets']) {
    it(`needs no types of Node for what is declared in ${room}`, () => {
      const folder = resolve('dist/esm', room);
      const declarations = readdirSync(folder).filter((name) => name.endsWith('.d.ts'));

      const needy = declarations.filter((name) =>
        /\bBuffer\b|\bNodeJS\.|'node:/.test(code(readFileSync(join(folder, name), 'utf8'))),
      );

      expect(declarations).to.not.deep.equal([]);
      expect(needy).to.deep.equal([]);
    });
  }

  it('tells of its version in the change log', () => {
    expect(readFileSync('CHANGELOG.md', 'utf8')).to.include(`\n## [${manifest.version}]`);
  });
});

describe('the README', () => {
  it('shows programs that compile', function () {
    this.timeout(20_000);
    const folder = resolve('build/readme');
    mkdirSync(folder, { recursive: true });
    const programs = [...readFileSync('README.md', 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)];
    programs.forEach(([, source = ''], index) =>
      writeFileSync(join(folder, `${index}.ts`), source),
    );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: { noEmit: true },
        files: programs.map((_, index) => `${index}.ts`),
        references: [],
      }),
    );

    const compiler = resolve('node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' });

    expect(programs).to.not.deep.equal([]);
    expect(stdout).to.equal('');
  });
});

/** The paths at the ends of a tree of conditions. */
function pathsIn(conditions: unknown): string[] {
  if (typeof conditions === 'string') return [conditions];
  return Object.values(conditions ?? {}).flatMap(pathsIn);
}

function code(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\//g, '');
}
