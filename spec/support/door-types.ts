import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A name in a file that declares it, or hands it on. */
interface Place {
  readonly file: string;
  readonly name: string;
}

/** What a declaration file says of a name. */
interface Declaration {
  readonly isExported: boolean;
  /** Without comments, strings, and what is not for programs. */
  readonly text: string;
}

interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** What comes from other files of the package, by the names that it has here. */
  readonly imports: ReadonlyMap<string, Place>;
  /** What is handed on from them. */
  readonly exports: ReadonlyMap<string, Place>;
}

/** A type that programs cannot write, and what speaks of it. */
export interface Unnamed {
  readonly type: string;
  readonly in: string;
}

const files = new Map<string, DeclarationFile>();

/**
 * The types that programs meet in what `door` exports and cannot write, as neither it nor `first`
 * exports them.
 */
export function unnamedTypes(door: string, first: string): Unnamed[] {
  const exported = exportsOf(door);
  const known = new Set([...exported, ...exportsOf(first)].map(keyOf));
  return exported.flatMap((place) => {
    const met = [...typesIn(place, new Set())].filter((type) => !known.has(keyOf(type)));
    return [...new Set(met.map(({ name }) => name))].map((type) => ({ type, in: place.name }));
  });
}

function exportsOf(door: string): Place[] {
  return [...fileOf(door).exports.values()].map(home);
}

/** The types of the package that a declaration speaks of; those that its file keeps to itself are a part of it. */
function* typesIn(place: Place, seen: Set<string>): Generator<Place> {
  if (seen.has(keyOf(place))) return;
  seen.add(keyOf(place));
  const { declarations, imports } = fileOf(place.file);
  const { text } = declarations.get(place.name)!;
  for (const [name] of text.matchAll(/(?<![.\w])[A-Z]\w*/g)) {
    const imported = imports.get(name);
    if (imported !== undefined) yield home(imported);
    else if (name === place.name) continue;
    else if (declarations.get(name)?.isExported === true) yield { file: place.file, name };
    else if (declarations.has(name)) yield* typesIn({ file: place.file, name }, seen);
  }
}

/** Where it is declared, through whatever files it was handed on. */
function home(place: Place): Place {
  const { declarations, exports } = fileOf(place.file);
  if (declarations.has(place.name)) return place;
  const next = exports.get(place.name);
  if (next === undefined) throw new Error(`${place.file} does not declare ${place.name}.`);
  return home(next);
}

function keyOf({ file, name }: Place): string {
  return `${file} ${name}`;
}

function fileOf(path: string): DeclarationFile {
  let file = files.get(path);
  if (file === undefined) {
    const source = readFileSync(path, 'utf8');
    file = {
      declarations: declarationsIn(source),
      imports: namesOf('import', path, source),
      exports: namesOf('export', path, source),
    };
    files.set(path, file);
  }
  return file;
}

/** What `import { A as B } from './c.ts'` and its like bring. */
function namesOf(how: 'import' | 'export', path: string, source: string): Map<string, Place> {
  const found = new Map<string, Place>();
  const lists = new RegExp(`^${how} (?:type )?\\{([^}]*)\\} from '(\\..*)';`, 'gm');
  for (const [, list = '', from = ''] of source.matchAll(lists)) {
    const file = fileBehind(path, from);
    for (const entry of list.split(',')) {
      const [name = '', as = name] = entry
        .trim()
        .replace(/^type /, '')
        .split(' as ');
      if (name !== '') found.set(as, { file, name });
    }
  }
  // `export type * from './c.ts'`; what is named stands before it.
  const wholes = new RegExp(`^${how} (?:type )?\\* from '(\\..*)';`, 'gm');
  for (const [, from = ''] of source.matchAll(wholes)) {
    const handed = fileOf(fileBehind(path, from)).exports;
    for (const [as, place] of handed) if (!found.has(as)) found.set(as, place);
  }
  return found;
}

/** The declarations of what `path` names as `from`. */
function fileBehind(path: string, from: string): string {
  return join(dirname(path), from.replace(/\.ts$/, '.d.ts'));
}

function declarationsIn(source: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  const heads = [
    ...source.matchAll(
      /^(export )?(?:declare |abstract )*(?:class|interface|type|const|let|function) (\w+)/gm,
    ),
  ];
  for (const [i, head] of heads.entries()) {
    const name = head[2]!;
    const text = plain(source.slice(head.index, heads[i + 1]?.index));
    // A value and its type may share a name.
    const before = found.get(name)?.text ?? '';
    found.set(name, { isExported: head[1] !== undefined, text: before + text });
  }
  return found;
}

/** What a program may use of a declaration. */
function plain(text: string): string {
  return text
    .replaceAll(/\/\*\*(?:(?!\*\/)[^])*@internal(?:(?!\*\/)[^])*\*\/\s*[^;]*;/g, '')
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^ *(?:protected|private) constructor[^;]*;/gm, '')
    .replaceAll(/'[^'\n]*'/g, '');
}
