import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';

interface Room {
  /** The rooms whose files may be imported, beside its own. */
  readonly rooms: readonly string[];
  /** The rooms of which only types may be imported. */
  readonly types?: readonly string[];
  /** The modules that may be imported; `node:*` stands for all of Node's. */
  readonly modules?: readonly string[];
  /** Names that may not be used, each with the reason. */
  readonly without?: readonly Ban[];
}

interface Ban {
  readonly names: RegExp;
  readonly why: string;
}

const nodeGlobals: Ban = {
  names: /\b(?:process\s*[.[]|(?:setImmediate|clearImmediate|require|__dirname|__filename)\b)/,
  why: 'runs outside Node too',
};
const buffers: Ban = { names: /\bBuffer\b/, why: 'its types say Uint8Array' };
const domGlobals: Ban = {
  names: /\b(?:window|document|navigator|localStorage)\s*[.[]/,
  why: 'runs outside browsers too',
};
const timeAndEvents: Ban = {
  names:
    /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask|Promise|async|await|performance|Date\.now|new Date\(\)|emit)\b/,
  why: 'is pure: bytes in, calls out',
};

const inner = ['core', 'network', 'codec', 'session', 'websockets'];
const node: Room = {
  rooms: [
    ...inner,
    'ssl',
    'node',
    'node/openers',
    'node/acceptors',
    'node/routes',
    'node/diagnostics',
  ],
  modules: ['node:*'],
};
/** A program beside the library: it uses what everybody can import, and nobody imports it. */
const cli: Room = {
  rooms: ['.', 'cli', 'cli/connect', 'cli/report', 'cli/serve'],
  modules: ['node:*', 'commander'],
};
const portable = [nodeGlobals, buffers, domGlobals];

/** Who may import whom. What is not listed here does not exist. */
const rooms = new Map<string, Room>([
  ['core', { rooms: [], modules: ['eventemitter3'], without: portable }],
  ['network', { rooms: ['core'], without: portable }],
  [
    'codec',
    {
      rooms: ['network'],
      modules: ['node:crypto', 'node:buffer'],
      without: [nodeGlobals, domGlobals, timeAndEvents],
    },
  ],
  ['session', { rooms: ['codec', 'network'], without: [nodeGlobals, domGlobals] }],
  [
    'ssl',
    { rooms: ['core', 'network'], modules: ['node:crypto', 'node:fs', 'node:path', 'node:tls'] },
  ],
  ['websockets', { rooms: ['core', 'network'], types: ['ssl'], without: portable }],
  ['node', node],
  ['node/openers', node],
  ['node/acceptors', node],
  ['node/routes', node],
  ['node/diagnostics', node],
  [
    'brokers',
    {
      rooms: ['network', 'ssl', 'websockets'],
      modules: [
        'node:buffer',
        'node:net',
        'node:tls',
        '@nats-io/transport-node',
        '@nats-io/kv',
        'redis',
      ],
    },
  ],
  ['node/qml', { rooms: ['core', 'websockets', 'node', 'qml'] }],
  [
    'browser',
    {
      rooms: ['core', 'network', 'websockets'],
      types: ['ssl'],
      without: [nodeGlobals, buffers],
    },
  ],
  ['browser/qml', { rooms: ['core', 'websockets', 'browser', 'qml'] }],
  [
    'electron',
    { rooms: ['core', 'network', 'websockets', 'browser'], types: ['ssl'], without: portable },
  ],
  ['qml', { rooms: ['core', 'network', 'websockets'], types: ['ssl'], without: portable }],
  ['webchannel', { rooms: ['core', 'network', 'websockets'], without: portable }],
  [
    '.',
    {
      rooms: [
        ...inner,
        'ssl',
        'node',
        'node/diagnostics',
        'node/qml',
        'browser',
        'browser/qml',
        'electron',
        'qml',
        'webchannel',
        'testing',
        'brokers',
      ],
    },
  ],
  ['testing', { ...node, rooms: [...node.rooms, 'testing'] }],
  ['cli', cli],
  ['cli/connect', cli],
  ['cli/report', cli],
  ['cli/serve', cli],
]);

/** What a file may use all the same: it looks first whether it is there. */
const exceptions = new Map([['core/later-turn.ts', 'setImmediate']]);

/** What `source`, the file `path` of lib, does that its room forbids: a sentence each. */
function violations(path: string, source: string): string[] {
  const name = posix.dirname(path);
  const room = rooms.get(name);
  if (room === undefined) return [`There is no room "${name}".`];

  const code = withoutComments(source);
  const found = importsOf(code).flatMap(({ specifier, isType }) => {
    if (specifier === undefined) return ['An import is computed.'];
    if (mayImport(name, room, specifier, isType)) return [];
    return [`${name} may not import ${specifier}.`];
  });
  const words = withoutTexts(code);
  for (const { names, why } of room.without ?? []) {
    const used = names.exec(words);
    if (used === null || used[0] === exceptions.get(path)) continue;
    found.push(`${name} may not use ${used[0]}: it ${why}.`);
  }
  if (
    name === '.' &&
    code
      .replaceAll(/export (?:(?:type )?\{[^{}]*\}|type \*) from '[^']*';/g, '')
      // A list of names beside the door, which is held to the same.
      .replaceAll(/export \* from '\.\/[^/']*';/g, '')
      .trim() !== ''
  )
    found.push('A door does more than to re-export names.');
  return found;
}

function mayImport(name: string, room: Room, specifier: string, isType: boolean): boolean {
  if (specifier.startsWith('.')) {
    const target = posix.dirname(posix.join(name, specifier));
    const reachable = [name, ...room.rooms, ...(isType ? (room.types ?? []) : [])];
    return specifier.endsWith('.ts') && reachable.includes(target);
  }
  const modules = room.modules ?? [];
  return (
    modules.includes(specifier) || (specifier.startsWith('node:') && modules.includes('node:*'))
  );
}

interface Import {
  /** Undefined when it is no plain text. */
  readonly specifier: string | undefined;
  /** Whether nothing of it is left at run time. */
  readonly isType: boolean;
}

/** What is imported, in whatever form. */
function importsOf(code: string): Import[] {
  const statements = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]*)['"]/g;
  const bare = /\bimport\s*['"]([^'"]*)['"]/g;
  const calls = /\b(?:import|require)\s*\(\s*(?:['"]([^'"]*)['"]\s*\))?/g;
  return [statements, bare, calls].flatMap((form) =>
    Array.from(code.matchAll(form), ([text, specifier]) => ({
      specifier,
      isType: /^(?:import|export) type\b/.test(text),
    })),
  );
}

function withoutComments(source: string): string {
  const tokens = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[^]*?\*\/|\/\/.*/g;
  return source.replaceAll(tokens, (token) => (token.startsWith('/') ? ' ' : token));
}

/** Texts may speak of anything; what is computed inside a template is code. */
function withoutTexts(code: string): string {
  return code
    .replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, `''`)
    .replaceAll(/`(?:\\.|[^`\\])*`/g, (text) => (text.match(/\$\{[^}]*\}/g) ?? []).join(' '));
}

describe('the rooms of lib', () => {
  const lib = resolve('lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'));

  it('are furnished', () => {
    expect(files).to.include('index.ts');
  });

  for (const file of files) {
    it(`let ${file} do what it does`, () => {
      expect(violations(file, readFileSync(resolve(lib, file), 'utf8'))).to.deep.equal([]);
    });
  }
});

describe('the rules of the rooms', () => {
  const allowed: Record<string, [path: string, source: string]> = {
    'a file of the same room': ['codec/a.ts', `import { b } from './b.ts';`],
    'a room further in': ['session/a.ts', `import type { B } from '../codec/b.ts';`],
    'a room of the same house': ['node/openers/a.ts', `import { b } from '../routes/b.ts';`],
    'the one dependency in core': ['core/a.ts', `import Emitter from 'eventemitter3';`],
    'hashes in the codec': ['codec/a.ts', `import { createHash } from 'node:crypto';`],
    'any module of Node in node': ['node/a.ts', `import { connect } from 'node:net';`],
    'imports in comments': [
      'core/a.ts',
      `/** import { x } from 'node:net'; */\n// import 'y'\nconst a = 'https://a';`,
    ],
    'texts about Node': ['core/a.ts', `throw new Error('process.exit, setImmediate');`],
    'a type of TLS': ['websockets/a.ts', `import type { B } from '../ssl/b.ts';`],
    'timers in the session': ['session/a.ts', `setTimeout(() => {}, 5);`],
    'the door and commander in the command line': [
      'cli/a.ts',
      `import { Command } from 'commander';\nimport { B } from '../index.ts';`,
    ],
    'doors that re-export': [
      'index.ts',
      `// Names\nexport { A } from './core/a.ts';\nexport type {\n  B,\n} from './node/b.ts';\n`,
    ],
    'a list of names that doors share': ['index.ts', `export * from './portable.ts';`],
  };
  for (const [what, [path, source]] of Object.entries(allowed)) {
    it(`allow ${what}`, () => {
      expect(violations(path, source)).to.deep.equal([]);
    });
  }

  const forbidden: Record<string, [path: string, source: string]> = {
    'a room further out': ['codec/a.ts', `import { B } from '../session/b.ts';`],
    'a type from a room further out': ['core/a.ts', `import type { B } from '../network/b.ts';`],
    'a re-export from a room further out': ['network/a.ts', `export * from '../codec/b.ts';`],
    'more of TLS than types': ['websockets/a.ts', `import { type B, c } from '../ssl/b.ts';`],
    'an import over several lines': ['core/a.ts', `import {\n  b,\n} from\n  '../node/b.ts';`],
    'an import in double quotes': ['core/a.ts', `import b from "../node/b.ts";`],
    'an import for its effect': ['network/a.ts', `import '../node/b.ts';`],
    'an import at run time': ['websockets/a.ts', `await import('../node/b.ts');`],
    'an imported type expression': ['websockets/a.ts', `let a: import('../node/b.ts').B;`],
    'a computed import': ['node/a.ts', `await import(name);`],
    'a template as specifier': ['core/a.ts', 'await import(`../node/b.ts`);'],
    'require in the browser': ['browser/a.ts', `const b = require('../core/b.ts');`],
    'a module of Node outside node': ['session/a.ts', `import { Duplex } from 'node:stream';`],
    'another package': ['node/a.ts', `import ws from 'ws';`],
    'a module of Node without its prefix': ['node/a.ts', `import net from 'net';`],
    'the dependency outside core': ['websockets/a.ts', `import Emitter from 'eventemitter3';`],
    'an import without its ending': ['core/a.ts', `import { b } from './b';`],
    'a way out of lib': ['core/a.ts', `import { b } from '../../tools/b.ts';`],
    'an import of a door': ['node/a.ts', `import { b } from '../index.ts';`],
    'an unknown room': ['utils/a.ts', ``],
    'an unknown room in node': ['node/tls/a.ts', ``],
    'process in core': ['core/a.ts', `process.nextTick(run);`],
    'process in a template': ['core/a.ts', 'const a = `pid ${process.pid}`;'],
    'setImmediate in the session': ['session/a.ts', `setImmediate(run);`],
    'Buffer in a public type': ['websockets/a.ts', `function send(data: Buffer): void {}`],
    'the DOM in websockets': ['websockets/a.ts', `window.alert('!');`],
    'timers in the codec': ['codec/a.ts', `setTimeout(run, 5);`],
    'the clock in the codec': ['codec/a.ts', `const now = Date.now();`],
    'promises in the codec': ['codec/a.ts', `async function read() {}`],
    'a room of the library in the command line': ['cli/a.ts', `import { b } from '../node/b.ts';`],
    'commander in the library': ['node/a.ts', `import { Command } from 'commander';`],
    'the command line in a door': ['index.ts', `export { run } from './cli/run.ts';`],
    'code in a door': ['index.ts', `export const a = 1;`],
    'a whole room in a door': ['index.ts', `export * from './core/a.ts';`],
    'an import in a door': ['index.ts', `import { a } from './core/a.ts';`],
  };
  for (const [what, [path, source]] of Object.entries(forbidden)) {
    it(`forbid ${what}`, () => {
      expect(violations(path, source)).to.not.deep.equal([]);
    });
  }
});
