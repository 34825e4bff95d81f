import { readCpp, type Scope } from './cpp-reader.ts';
import {
  declarationsIn,
  lastBefore,
  othersIn,
  QT_TYPE_NAMES,
  subclassesIn,
  type Declarations,
  type Subclass,
  type Variable,
} from './declarations.ts';
import { Findings, type Concern, type Doubt, type Place, type Use } from './findings.ts';
import { readPython } from './python-reader.ts';
import { readQml } from './qml-reader.ts';
import { readSource, type Skipped, type SourceFile, type SourceTree } from './source-files.ts';
import { TokenList } from './token-list.ts';
import { tokensOf } from './tokens.ts';

/** What a program uses of Qt WebSockets. */
export interface Survey {
  readonly root: string;
  /** How many files were read. */
  readonly files: number;
  /** The paths of those that use the module. */
  readonly users: readonly string[];
  /** Where a project file names the module. */
  readonly modules: readonly Place[];
  readonly uses: readonly Use[];
  readonly doubts: readonly Doubt[];
  readonly concerns: readonly Concern[];
  readonly skipped: readonly Skipped[];
}

/** Companions and neighbours alone do not make a file one that uses WebSockets. */
const MENTIONS =
  /\bQWebSocket|\bQMaskGenerator\b|\bQtWebSockets\b|WebSocketUpgrade|PendingWebSocketConnection/;

/** How far headers are followed that include each other. */
const MOST_HEADERS = 500;

/** Reads all sources of `tree`, each for itself: no more than one is held at a time. */
export function survey(tree: SourceTree): Survey {
  return new Surveyor(tree).survey();
}

class Surveyor {
  readonly #tree: SourceTree;
  readonly #skipped: Skipped[];
  readonly #known = new Map(QT_TYPE_NAMES);
  readonly #subclasses: (Subclass & Place)[] = [];
  readonly #declarations = new Map<string, Declarations>();
  /** Paths of headers by their last names. */
  readonly #headers = new Map<string, string[]>();
  readonly #mentioning = new Set<string>();

  constructor(tree: SourceTree) {
    this.#tree = tree;
    this.#skipped = [...tree.skipped];
  }

  survey(): Survey {
    const cpp = this.#tree.files.filter(({ kind }) => kind === 'c++');
    this.#findSubclasses(cpp);
    for (const file of cpp) this.#declare(file);
    const modules: Place[] = [];
    const all: Findings[] = [];
    const users: string[] = [];
    for (const file of this.#tree.files) {
      const source = this.#read(file);
      if (source === undefined) continue;
      if (file.kind === 'build') modules.push(...modulesIn(file.path, source));
      else {
        const findings = this.#findingsIn(file, source);
        const own = this.#subclasses.filter((subclass) => subclass.file === file.path);
        for (const { name, base, line } of own) {
          findings.concern('subclasses', `${name} : ${base}`, line);
        }
        // What stands in other files has nothing to do with WebSockets.
        const uses = findings.uses.some(({ kind }) => kind !== 'class');
        if (!uses && findings.doubts.length + own.length === 0) continue;
        users.push(file.path);
        all.push(findings);
      }
    }
    return {
      root: this.#tree.root,
      files: this.#tree.files.length,
      users,
      modules,
      uses: all.flatMap(({ uses }) => uses),
      doubts: all.flatMap(({ doubts }) => doubts),
      concerns: all.flatMap(({ concerns }) => concerns),
      skipped: this.#skipped,
    };
  }

  /** Classes of the program count like those that they are derived from, wherever they are used. */
  #findSubclasses(files: readonly SourceFile[]): void {
    for (const file of files) {
      const source = this.#read(file);
      if (source === undefined) continue;
      if (MENTIONS.test(source)) this.#mentioning.add(file.path);
      const name = file.path.replace(/^.*\//, '');
      this.#headers.set(name, [...(this.#headers.get(name) ?? []), file.path]);
      if (!this.#mentioning.has(file.path)) continue;
      const list = new TokenList(tokensOf(source, file.dialect));
      for (const subclass of subclassesIn(list, QT_TYPE_NAMES)) {
        this.#known.set(subclass.name, subclass.base);
        this.#subclasses.push({ ...subclass, file: file.path });
      }
    }
  }

  #declare(file: SourceFile): void {
    const source = this.#read(file);
    if (source === undefined) return;
    const list = new TokenList(tokensOf(source, file.dialect));
    this.#declarations.set(file.path, declarationsIn(list, this.#known));
  }

  #findingsIn(file: SourceFile, source: string): Findings {
    const findings = new Findings(file.path);
    if (file.kind === 'c++' && !this.#concernsModule(file)) return findings;
    const list = new TokenList(tokensOf(source, file.dialect));
    if (file.kind === 'qml') readQml(list, findings);
    else if (file.kind === 'python') readPython(list, findings);
    else readCpp(list, this.#scopeOf(file, list), findings);
    return findings;
  }

  /** Whether the file, or a header that it includes, speaks of the module. */
  #concernsModule({ path }: SourceFile): boolean {
    return [path, ...this.#included(path)].some((each) => this.#mentioning.has(each));
  }

  #scopeOf({ path }: SourceFile, list: TokenList): Scope {
    const own = this.#declarations.get(path);
    const others = this.#included(path).flatMap((each) => this.#declarations.get(each) ?? []);
    const containerOf = (name: string): Variable | undefined =>
      own?.containers.get(name) ?? firstOf(others, (each) => each.containers.get(name));
    const elsewhere = (name: string): Variable | undefined =>
      firstOf(others, (each) => each.variables.get(name)?.at(-1));
    const isOfSocket = (name: string): boolean =>
      own?.variables.has(name) === true || elsewhere(name) !== undefined;
    const foreign = othersIn(list, isOfSocket, this.#known);
    return {
      known: this.#known,
      variable: (name, at) => {
        const here = own?.variables.get(name);
        const nearest = later(lastBefore(here, at), lastBefore(foreign.get(name), at));
        const loop = lastBefore(own?.loops.get(name), at);
        if (loop !== undefined && loop.at >= (nearest?.at ?? -1)) {
          const container = loop.over.map(containerOf).find((each) => each !== undefined);
          if (container !== undefined) return { ...container, access: 'either' };
        }
        // Classes may have their members behind the functions that use them.
        return nearest ?? elsewhere(name) ?? here?.[0];
      },
      container: containerOf,
      function: (name) =>
        own?.functions.get(name) ?? firstOf(others, (each) => each.functions.get(name)),
    };
  }

  /** The headers of the program that `path` includes, and those that they include. */
  #included(path: string): string[] {
    const found = new Set<string>();
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const name of this.#declarations.get(next)?.includes ?? []) {
        for (const header of this.#headers.get(name) ?? []) {
          if (header === path || found.has(header) || found.size >= MOST_HEADERS) continue;
          found.add(header);
          waiting.push(header);
        }
      }
    }
    return [...found];
  }

  #read(file: SourceFile): string | undefined {
    try {
      return readSource(this.#tree, file);
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? 'it cannot be read';
      if (!this.#skipped.some(({ path }) => path === file.path)) {
        this.#skipped.push({ path: file.path, why });
      }
      return undefined;
    }
  }
}

/** The places where a project file asks for the module. */
function modulesIn(file: string, source: string): Place[] {
  const isQmake = /\.pr[oi]$/i.test(file);
  const tokens = tokensOf(source, 'cmake');
  return tokens
    .filter(({ text }) => (isQmake ? text === 'websockets' : text === 'WebSockets'))
    .map(({ line }) => ({ file, line }));
}

function later(one: Variable | undefined, other: Variable | undefined): Variable | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.at >= other.at ? one : other;
}

function firstOf(
  declarations: readonly Declarations[],
  choose: (each: Declarations) => Variable | undefined,
): Variable | undefined {
  for (const each of declarations) {
    const found = choose(each);
    if (found !== undefined) return found;
  }
  return undefined;
}
