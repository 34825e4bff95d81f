// The API reference of all doors of the package, with the pages of this folder: npm run docs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { exports } = JSON.parse(readFileSync(at('../package.json'), 'utf8'));

const doors = Object.keys(exports)
  .map((name) =>
    at(name === '.' ? '../lib/index.ts' : `../lib/${name.slice(2).replaceAll('/', '-')}.ts`),
  )
  .filter((path) => existsSync(path));

const pages = readdirSync(at('.'), { recursive: true })
  .filter((name) => name.endsWith('.md') && !name.startsWith('node_modules'))
  .filter((name) => name !== 'README.md')
  .toSorted();

export default {
  name: 'qwebsockets',
  entryPoints: doors,
  tsconfig: at('../lib/tsconfig.json'),
  out: at('../build/docs'),
  readme: at('README.md'),
  projectDocuments: pages.map((name) => at(name)),
  excludePrivate: true,
  excludeInternal: true,
  highlightLanguages: [
    ...['bash', 'console', 'cpp', 'css', 'diff', 'dockerfile', 'html', 'http', 'ini', 'javascript'],
    ...['json', 'jsonc', 'nginx', 'python', 'qml', 'toml', 'typescript', 'yaml'],
  ],
  validation: { notDocumented: true, invalidLink: true, notExported: true },
  // Parts of what others are written with, which nobody needs by name.
  intentionallyNotExported: ['Init', 'WithMethod', 'ArgsOf'],
  // Enumerators and signals that a class repeats are documented once, where they come from.
  requiredToBeDocumented: [
    ...['Class', 'Function', 'GetSignature', 'Interface', 'Method', 'TypeAlias', 'Variable'],
  ],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
