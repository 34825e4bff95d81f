import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OurServer } from '../interop/support/our-server.ts';
import { CERTS } from '../ssl/support/certs.ts';
import { describeWith } from '../support/describe-with.ts';
import { Installation } from '../support/installation.ts';

// In bytes, with some room to grow. Maps and sources, for debuggers, are half of it.
const MAX_PACKED = 1_600_000;
const MAX_UNPACKED = 9_500_000;

/** What does not work where, as docs/runtimes.md says. */
const gaps: Readonly<Record<string, readonly string[]>> = {
  node: 'WebSocket' in globalThis ? [] : ['the browser door'],
  deno: ['sockets of the system', 'compression by what was said before'],
  bun: ['sockets of the system', 'why a port cannot be had'],
};

const checks = Array.from(
  readFileSync('spec/runtimes/smoke.mjs', 'utf8').matchAll(/^ {2}async '?([^'(]+)'?\(\) \{$/gm),
  ([, name = '']) => name,
);

describe('The installed package', () => {
  let installation: Installation;

  before(async () => {
    installation = await Installation.make();
    installation.add('smoke.mjs');
    installation.add('required.cjs');
  });

  after(() => {
    installation.remove();
  });

  it('has what was compiled, its sources, and what tells about it', () => {
    const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.slice(0, -'.ts'.length).replaceAll('\\', '/'));
    // The command line is a program, which nothing requires.
    const required = sources.filter((name) => !name.startsWith('cli/'));
    const compiled = ['.js', '.js.map', '.d.ts', '.d.ts.map'].flatMap((end) => [
      ...sources.map((name) => `dist/esm/${name}${end}`),
      ...required.map((name) => `dist/cjs/${name}${end}`),
    ]);
    const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];
    // Those of the project alone: what is installed beside them is no page of ours.
    const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .map((name) => `docs/${name.replaceAll('\\', '/')}`)
      .filter((name) => /\.(?:md|cfg|conf|svg)$/.test(name) && !name.includes('node_modules'));

    expect(installation.packed.files.map(({ path }) => path).toSorted()).to.deep.equal(
      [
        ...pages,
        ...docs,
        'dist/cjs/package.json',
        ...compiled,
        ...sources.map((name) => `lib/${name}.ts`),
      ].toSorted(),
    );
  });

  it('weighs little', function () {
    const { size, unpackedSize } = installation.packed;

    this.test!.title += `: ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} on disk`;
    expect(size).to.be.below(MAX_PACKED);
    expect(unpackedSize).to.be.below(MAX_UNPACKED);
  });

  const remedy = 'npm run test:runtimes';
  describeWith('node', remedy, () => itRuns('node', process.execPath));
  describeWith('deno', remedy, () => itRuns('deno', 'deno', 'run', '-A'));
  describeWith('bun', remedy, () => itRuns('bun', 'bun'));

  function itRuns(name: string, ...command: [string, ...string[]]): void {
    let said: string[];

    before(async () => {
      const server = new OurServer('ws', [], { threshold: 0 });
      const told = [resolve(CERTS), server.url];
      said = (await installation.run(...command, 'smoke.mjs', ...told)).trim().split('\n');
      server.stop();
    });

    for (const check of checks) {
      if (gaps[name]?.includes(check) === true) {
        it(`cannot do yet: ${check}`, () => {
          expect(said.find((line) => isOf(check, line))).to.match(/^failed/);
        });
      } else {
        it(`does ${check}`, () => {
          expect(said.filter((line) => isOf(check, line))).to.deep.equal([`ok: ${check}`]);
        });
      }
    }

    it('gives require() and import() the same names', async () => {
      const words = await installation.run(...command, 'required.cjs');

      expect(words).to.match(/^[1-9]\d+ names, missing: none\n$/);
    });
  }

  it('has the commands that it promises', async () => {
    const place = join(installation.folder, 'node_modules/qwebsockets/package.json');
    const { bin = {} } = JSON.parse(readFileSync(place, 'utf8')) as { bin?: object };

    for (const command of Object.keys(bin)) {
      expect(await installation.run(`node_modules/.bin/${command}`, '--help')).to.include(command);
    }
  });
});

/** Whether `line` says how `check` went. */
function isOf(check: string, line: string): boolean {
  return line === `ok: ${check}` || line.startsWith(`failed: ${check}: `);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
