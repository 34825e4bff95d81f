import { opendirSync, readFileSync, lstatSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Dialect } from './tokens.ts';

/** What kind of source a file is. */
export type SourceKind = 'c++' | 'qml' | 'python' | 'build';

/** A file to read. */
export interface SourceFile {
  /** Relative to the folder that is read, with slashes. */
  readonly path: string;
  readonly kind: SourceKind;
  readonly dialect: Dialect;
}

/** What there is to read, and what was left out. */
export interface SourceTree {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly skipped: readonly Skipped[];
}

/** Something that was left out, and why. */
export interface Skipped {
  readonly path: string;
  readonly why: string;
}

/** How much is read at most. */
export interface SourceLimits {
  readonly files: number;
  readonly bytesPerFile: number;
  readonly bytes: number;
  readonly depth: number;
}

/** More than any program that anybody ports by hand. */
export const SOURCE_LIMITS: SourceLimits = {
  files: 20_000,
  bytesPerFile: 2 * 1024 * 1024,
  bytes: 256 * 1024 * 1024,
  depth: 40,
};

const KINDS: Readonly<Record<string, readonly [SourceKind, Dialect]>> = {
  '.cc': ['c++', 'c++'],
  '.cpp': ['c++', 'c++'],
  '.cxx': ['c++', 'c++'],
  '.h': ['c++', 'c++'],
  '.hh': ['c++', 'c++'],
  '.hpp': ['c++', 'c++'],
  '.hxx': ['c++', 'c++'],
  '.mm': ['c++', 'c++'],
  '.pri': ['build', 'cmake'],
  '.pro': ['build', 'cmake'],
  '.py': ['python', 'python'],
  '.qml': ['qml', 'qml'],
};

/** What is made by tools and not by the program's author. */
const MADE = /^(?:moc_|qrc_|ui_)|^node_modules$|^CMakeFiles$|^__pycache__$/;

/**
 * The sources below `root`. Links are not followed; hidden folders and what tools have made are
 * passed over.
 *
 * @throws when `root` itself cannot be read.
 */
export function sourceTree(root: string, limits: SourceLimits = SOURCE_LIMITS): SourceTree {
  const walk = new Walk(root, limits);
  walk.folder(root, 0);
  return { root, files: walk.files.toSorted(byPath), skipped: walk.skipped };
}

/** The text of a file: UTF-8, or UTF-16 where it says so. */
export function readSource({ root }: SourceTree, { path }: SourceFile): string {
  const bytes = readFileSync(join(root, path));
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
}

class Walk {
  readonly files: SourceFile[] = [];
  readonly skipped: Skipped[] = [];
  readonly #root: string;
  readonly #limits: SourceLimits;
  #seen = 0;
  #bytes = 0;

  constructor(root: string, limits: SourceLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  folder(path: string, depth: number): void {
    const folders: string[] = [];
    const entries = opendirSync(path);
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        if (entry.name.startsWith('.') || MADE.test(entry.name)) continue;
        const inside = join(path, entry.name);
        if (entry.isDirectory()) folders.push(inside);
        else if (entry.isFile()) this.#file(inside, entry.name);
        else if (entry.isSymbolicLink() && kindOf(entry.name)) this.#skip(inside, 'it is a link');
      }
    } finally {
      entries.closeSync();
    }
    for (const inside of folders.toSorted()) this.#inner(inside, depth + 1);
  }

  #inner(path: string, depth: number): void {
    if (depth > this.#limits.depth) {
      this.#skip(path, 'it lies too deep');
      return;
    }
    if (this.#seen > this.#limits.files) return;
    try {
      this.folder(path, depth);
    } catch (error) {
      this.#skip(path, (error as NodeJS.ErrnoException).code ?? 'it cannot be read');
    }
  }

  #file(path: string, name: string): void {
    const kind = kindOf(name);
    if (kind === undefined) return;
    this.#seen += 1;
    if (this.#seen > this.#limits.files) {
      if (this.#seen === this.#limits.files + 1) {
        this.#skip(path, `there are more than ${this.#limits.files} files`);
      }
      return;
    }
    const { size } = lstatSync(path);
    this.#bytes += size;
    if (size > this.#limits.bytesPerFile) this.#skip(path, `it has ${size} bytes`);
    else if (this.#bytes > this.#limits.bytes) this.#skip(path, 'it would be too much in all');
    else this.files.push({ path: this.#named(path), kind: kind[0], dialect: kind[1] });
  }

  #skip(path: string, why: string): void {
    this.skipped.push({ path: this.#named(path), why });
  }

  #named(path: string): string {
    return relative(this.#root, path).split(sep).join('/');
  }
}

function kindOf(name: string): readonly [SourceKind, Dialect] | undefined {
  if (name === 'CMakeLists.txt') return ['build', 'cmake'];
  const extension = extname(name).toLowerCase();
  return Object.hasOwn(KINDS, extension) ? KINDS[extension] : undefined;
}

function byPath(one: SourceFile, other: SourceFile): number {
  return one.path < other.path ? -1 : 1;
}
