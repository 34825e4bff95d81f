import { expect } from 'chai';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation } from '../support/installation.ts';

/** From the oldest that reads what ours writes to the newest. */
const COMPILERS = ['5.4.5', '5.9.3', '6.0.3', '7.0.2'];
const NODE_TYPES = '@types/node@20.19.43';

const es = ['consumer.mts'];
const both = ['consumer.mts', 'consumer.cts'];

/** How the package is resolved, and by what: ES modules, CommonJS. */
const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16', files: both },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', files: both },
  bundler: { module: 'esnext', moduleResolution: 'bundler', files: es },
};

/** Pages have the types of the DOM, and none of Node are installed for them. */
const platforms = {
  node: { lib: ['es2022'], types: ['node'] },
  page: { lib: ['es2022', 'dom'], types: [] },
};

describe('A program that uses the package, in each kind of module, with and without Node', () => {
  let installation: Installation;
  const projects: string[] = [];

  before(async () => {
    installation = await Installation.make();
    const aliases = COMPILERS.map((version) => `${nameOf(version)}@npm:typescript@${version}`);
    await installation.install('compilers', ...aliases);
    await installation.install('node', NODE_TYPES);
    for (const [platform, types] of Object.entries(platforms)) {
      for (const [name, { files, ...resolution }] of Object.entries(resolutions)) {
        const project = join(platform, name);
        projects.push(project);
        write(project, files, { ...types, ...resolution });
      }
    }
  });

  after(() => {
    installation.remove();
  });

  /** The folder says in the compiler's complaints what was compiled how. */
  function write(project: string, files: readonly string[], options: object): void {
    const folder = join(installation.folder, project);
    mkdirSync(folder, { recursive: true });
    for (const file of files) cpSync('spec/types/consumer.ts', join(folder, file));
    const strictness = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
    const compilerOptions = { ...options, ...strictness, target: 'es2022', outDir: 'out' };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  }

  for (const version of COMPILERS) {
    it(`is compiled by TypeScript ${version}`, async () => {
      const compiler = `compilers/node_modules/${nameOf(version)}/bin/tsc`;

      const complaints = await installation.try(
        process.execPath,
        compiler,
        '--build',
        '--force',
        ...projects,
      );

      expect(complaints).to.equal('');
    });
  }
});

function nameOf(version: string): string {
  return `typescript-${version}`;
}
