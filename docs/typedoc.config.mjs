// The API reference of all doors of the package, with the pages of this folder: npm run docs.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CommentTag } from 'typedoc';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFileSync(at(path), 'utf8');

const doors = Object.keys(JSON.parse(read('../package.json')).exports)
  .map((name) => (name === '.' ? 'index' : name.slice(2).replaceAll('/', '-')))
  .map((name) => at(`../lib/${name}.ts`))
  .filter((path) => existsSync(path));

const index = read('README.md');
const pages = readdirSync(at('.'), { recursive: true })
  .filter((name) => name.endsWith('.md') && !name.startsWith('node_modules'))
  .filter((name) => name !== 'README.md')
  .toSorted((one, other) => placeOf(one) - placeOf(other));

/** Where the index has a page; behind all others when only another page leads to it. */
function placeOf(name) {
  const place = index.indexOf(`](${name})`);
  return place === -1 ? index.length : place;
}

/** Names the pages in the navigation as they name themselves, and not as their files. */
function nameAfterHeadings({ converter }) {
  converter.on('createDocument', (_context, page) => {
    page.name = /^# (.+)$/m.exec(page.content[0].text)[1].replaceAll('`', '');
  });
}

/** Shows the getters that return a signal as Signals, and not among other accessors. */
function groupSignals({ converter }) {
  converter.on('createSignature', (_context, signature) => {
    if (signature.type?.name !== 'Signal') return;
    signature.comment?.blockTags.push(
      new CommentTag('@group', [{ kind: 'text', text: 'Signals' }]),
    );
  });
}

export default {
  name: 'qwebsockets',
  entryPoints: doors,
  tsconfig: at('../lib/tsconfig.json'),
  out: at('../build/docs'),
  readme: at('README.md'),
  projectDocuments: pages.map((name) => at(name)),
  plugin: [nameAfterHeadings, groupSignals],
  groupOrder: ['Documents', 'Constructors', 'Signals', 'Accessors', 'Methods', '*'],
  excludePrivate: true,
  excludeInternal: true,
  highlightLanguages: [
    ...['bash', 'console', 'cpp', 'css', 'diff', 'dockerfile', 'html', 'http', 'ini', 'javascript'],
    ...['json', 'jsonc', 'nginx', 'python', 'qml', 'toml', 'typescript', 'yaml'],
  ],
  validation: { notDocumented: true, invalidLink: true, notExported: true },
  // Parts of what others are written with, which nobody needs by name.
  intentionallyNotExported: ['AnyMethod', 'ArgsOf', 'Init', 'ValueOf', 'WithMethod'],
  // Enumerators and signals that a class repeats are documented once, where they come from.
  requiredToBeDocumented: [
    ...['Class', 'Function', 'GetSignature', 'Interface', 'Method', 'TypeAlias', 'Variable'],
  ],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
