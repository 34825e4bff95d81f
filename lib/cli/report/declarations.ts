import { NEIGHBOUR_SUBCLASSES, NEIGHBOUR_TYPES } from './neighbour-names.ts';
import { MODULE_TYPES } from './qt-names.ts';
import type { TokenList } from './token-list.ts';

/** How members of a variable are reached. */
export type Access = '->' | '.' | 'either';

/** What a name stands for from a place on. */
export interface Variable {
  /** A class of Qt whose members are known; undefined for any other. */
  readonly type: string | undefined;
  readonly access: Access;
  /** Whether it is of a class of the program that is derived from `type`. */
  readonly isDerived: boolean;
  /** Which token of its file declares it. */
  readonly at: number;
}

/** What a C++ file declares of the types of the module. */
export interface Declarations {
  readonly variables: ReadonlyMap<string, readonly Variable[]>;
  /** Names of containers of sockets or servers, with the type of what they hold. */
  readonly containers: ReadonlyMap<string, Variable>;
  /** Names of functions that return one. */
  readonly functions: ReadonlyMap<string, Variable>;
  /** Variables of loops over what may be such a container, in the order of their places. */
  readonly loops: ReadonlyMap<string, readonly Loop[]>;
  /** The names of files that are included in quotes, without their folders. */
  readonly includes: readonly string[];
}

/** `for (auto *socket : sockets)` */
export interface Loop {
  /** Which token of its file declares the variable. */
  readonly at: number;
  /** The words of what it goes over. */
  readonly over: readonly string[];
}

/** A class of the program that is derived from one of the module. */
export interface Subclass {
  readonly name: string;
  readonly base: string;
  readonly line: number;
}

/** Classes of Qt by their names, with those that are derived from them. */
export type KnownTypes = ReadonlyMap<string, string>;

const SMART_POINTERS = new Set(
  'QPointer QScopedPointer QSharedPointer QWeakPointer unique_ptr shared_ptr weak_ptr'.split(' '),
);
const CONTAINERS = new Set(
  (
    'QList QVector QSet QMap QHash QMultiMap QMultiHash QQueue QVarLengthArray QLinkedList ' +
    'array deque list map multimap set unordered_map unordered_set vector'
  ).split(' '),
);

/** Words that stand before a name without being its type. */
const NO_TYPES = new Set(
  'return new delete else case throw goto using namespace emit typename class struct enum public private protected operator sizeof co_await co_return co_yield'.split(
    ' ',
  ),
);

/** The classes of Qt whose members are known. */
export const QT_TYPE_NAMES: KnownTypes = new Map([
  ...Object.keys({ ...MODULE_TYPES, ...NEIGHBOUR_TYPES }).map((name) => [name, name] as const),
  ...Object.entries(NEIGHBOUR_SUBCLASSES),
]);

/** Functions that return the next socket of a server. */
export const NEXT_CONNECTION: ReadonlySet<string> = new Set([
  'nextPendingConnection',
  'nextPendingWebSocketConnection',
]);

/** The classes that are derived from one of `known`. */
export function subclassesIn(list: TokenList, known: KnownTypes): Subclass[] {
  const found: Subclass[] = [];
  for (let at = 0; at < list.length; at += 1) {
    if (list.text(at) !== 'class' && list.text(at) !== 'struct') continue;
    // Between them there may be a macro that exports the class.
    let name = at + 1;
    while (list.isWord(name + 1) && name < at + 4) name += 1;
    if (list.text(name) === 'final') name -= 1;
    const colon = list.text(name + 1) === 'final' ? name + 2 : name + 1;
    if (!list.isWord(name) || list.text(colon) !== ':') continue;
    for (let base = colon + 1; base < colon + 40 && list.text(base) !== '{'; base += 1) {
      const type = known.get(list.text(base));
      if (type === undefined) continue;
      found.push({ name: list.text(name), base: type, line: list.line(at) });
      break;
    }
  }
  return found;
}

/** What the tokens of a C++ file declare. */
export function declarationsIn(list: TokenList, known: KnownTypes): Declarations {
  return new Reader(list, known).read();
}

/**
 * Where names that are those of sockets elsewhere stand for something else: `QTcpSocket *socket`,
 * `auto socket =`.
 */
export function othersIn(
  list: TokenList,
  isOfSocket: (name: string) => boolean,
  known: KnownTypes,
): Map<string, Variable[]> {
  const others = new Map<string, Variable[]>();
  for (let at = 0; at < list.length; at += 1) {
    const name = list.text(at);
    if (!list.isWord(at) || !isTypeBefore(list, at, known) || !isOfSocket(name)) continue;
    append(others, name, { type: undefined, access: 'either', isDerived: false, at });
  }
  return others;
}

function isTypeBefore(list: TokenList, at: number, known: KnownTypes): boolean {
  let type = at - 1;
  while (['*', '&', 'const'].includes(list.text(type))) type -= 1;
  const word = list.text(type);
  // `a * b` of two names is no declaration.
  return list.isWord(type) && /^[A-Z]|^auto$|_t$/.test(word) && !known.has(word);
}

class Reader {
  readonly #list: TokenList;
  readonly #known: KnownTypes;
  readonly #variables = new Map<string, Variable[]>();
  readonly #containers = new Map<string, Variable>();
  readonly #functions = new Map<string, Variable>();
  readonly #loops = new Map<string, Loop[]>();
  readonly #declared = new Set<number>();
  readonly #includes: string[] = [];

  constructor(list: TokenList, known: KnownTypes) {
    this.#list = list;
    this.#known = known;
  }

  read(): Declarations {
    const list = this.#list;
    for (let at = 0; at < list.length; at += 1) {
      const text = list.text(at);
      if (this.#known.has(text)) this.#typeAt(at);
      else if (text === ':') this.#loopAt(at);
      else if (NEXT_CONNECTION.has(text)) this.#assignedFrom(at, 'QWebSocket', false);
      else if (text === 'include' && list.text(at - 1) === '#') this.#includeAt(at);
    }
    for (const variables of this.#variables.values()) {
      variables.sort((one, other) => one.at - other.at);
    }
    return {
      variables: this.#variables,
      containers: this.#containers,
      functions: this.#functions,
      loops: this.#loops,
      includes: this.#includes,
    };
  }

  #typeAt(at: number): void {
    const list = this.#list;
    const name = list.text(at);
    const type = this.#known.get(name)!;
    const isDerived = name !== type;
    const previous = list.text(at - 1);
    if (list.text(at + 1) === '::' || previous === 'class' || previous === 'struct') return;
    if (previous === 'new') {
      this.#assignedFrom(at - 1, type, isDerived);
      return;
    }
    const template = this.#templateAround(at);
    if (template !== undefined) this.#inTemplate(template, at, type, isDerived);
    else this.#plain(at, type, isDerived);
  }

  /** `QWebSocket *a, *b;`, `QWebSocket a;`, parameters, functions that return one. */
  #plain(at: number, type: string, isDerived: boolean): void {
    const list = this.#list;
    for (let from = at + 1; ;) {
      let name = from;
      let isPointer = false;
      while (['*', '&', 'const'].includes(list.text(name))) {
        if (list.text(name) === '*') isPointer = true;
        name += 1;
      }
      // `QWebSocket *Client::socket()`
      while (list.isWord(name) && list.text(name + 1) === '::') name += 2;
      if (!list.isWord(name) || NO_TYPES.has(list.text(name))) return;
      const access = isPointer ? '->' : '.';
      const variable: Variable = { type, access, isDerived, at: name };
      if (isPointer && list.text(name + 1) === '(') {
        this.#functions.set(list.text(name), variable);
        return;
      }
      this.#declare(list.text(name), variable);
      // In a list of parameters, the next one has a type of its own.
      if (list.text(name + 1) !== ',') return;
      const next = list.text(name + 2);
      if (next !== '*' && next !== '&') return;
      from = name + 2;
    }
  }

  #inTemplate(template: Template, at: number, type: string, isDerived: boolean): void {
    const list = this.#list;
    const { outer, end } = template;
    if (outer.endsWith('_cast')) {
      this.#assignedFrom(template.at, type, isDerived);
      return;
    }
    if (outer === 'make_unique' || outer === 'make_shared' || outer === 'create') {
      this.#assignedFrom(template.at, type, isDerived);
      return;
    }
    let name = end + 1;
    while (['*', '&', 'const'].includes(list.text(name))) name += 1;
    if (!list.isWord(name)) return;
    if (SMART_POINTERS.has(outer)) {
      this.#declare(list.text(name), { type, access: '->', isDerived, at: name });
    } else if (CONTAINERS.has(outer)) {
      const isPointer = list.text(at + 1) === '*' || SMART_POINTERS.has(list.text(at - 2));
      const access = isPointer ? '->' : 'either';
      this.#containers.set(list.text(name), { type, access, isDerived, at: name });
    }
  }

  /** `auto *a = …` and `m_a(new …)`, with the expression at `at`. */
  #assignedFrom(at: number, type: string, isDerived: boolean): void {
    const list = this.#list;
    let before = at - 1;
    for (let steps = 0; steps < 12 && isPartOfChain(list, before); steps += 1) before -= 1;
    const opener = list.text(before);
    if (opener !== '=' && opener !== '(' && opener !== '{') return;
    const name = before - 1;
    if (!list.isWord(name)) return;
    // `connect(new QWebSocket, …)` is a call, and no member of a list of initializers.
    if (opener !== '=' && list.text(at) !== 'new') return;
    if (opener !== '=' && ![':', ','].includes(list.text(name - 1))) return;
    this.#declare(list.text(name), { type, access: '->', isDerived, at: name });
  }

  /** What they go over may be declared in another file. */
  #loopAt(at: number): void {
    const list = this.#list;
    if (!list.isWord(at - 1)) return;
    const over = [];
    for (let inside = at + 1; inside < at + 8 && list.text(inside) !== ';'; inside += 1) {
      if (list.isWord(inside)) over.push(list.text(inside));
    }
    append(this.#loops, list.text(at - 1), { at: at - 1, over });
  }

  #includeAt(at: number): void {
    const text = this.#list.text(at + 1);
    if (text.startsWith('"')) this.#includes.push(text.slice(1, -1).replace(/^.*[/\\]/s, ''));
  }

  #templateAround(at: number): Template | undefined {
    const list = this.#list;
    let depth = 0;
    let open = at - 1;
    for (let steps = 0; steps < 40; steps += 1, open -= 1) {
      const text = list.text(open);
      if (text === '>') depth += 1;
      else if (text === '<' && depth-- === 0) break;
      else if (text === '' || ';{}()='.includes(text)) return undefined;
    }
    if (list.text(open) !== '<') return undefined;
    let outer = open - 1;
    let end = list.closing(open, 60);
    // `QMap<int, QPointer<QWebSocket>> name`: what has the name is the outermost.
    for (;;) {
      const around = list.text(outer - 1) === '::' ? outer - 3 : outer - 1;
      const enclosing = this.#openBefore(around);
      if (enclosing === undefined) break;
      outer = enclosing - 1;
      end = list.closing(enclosing, 60);
    }
    if (end === undefined || !list.isWord(outer)) return undefined;
    return { outer: list.text(outer), at: outer, end };
  }

  /** Where a template begins that is still open before `at`. */
  #openBefore(at: number): number | undefined {
    const list = this.#list;
    for (let open = at; open > at - 12; open -= 1) {
      const text = list.text(open);
      if (text === '<') return open;
      if (!list.isWord(open) && text !== ',' && text !== '::' && text !== '*') return undefined;
    }
    return undefined;
  }

  #declare(name: string, variable: Variable): void {
    if (this.#declared.has(variable.at)) return;
    this.#declared.add(variable.at);
    append(this.#variables, name, variable);
  }
}

/** The last of `items`, which are in the order of their places, that stands before `at`. */
export function lastBefore<T extends { readonly at: number }>(
  items: readonly T[] | undefined,
  at: number,
): T | undefined {
  if (items === undefined) return undefined;
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}

interface Template {
  /** The template that is instantiated. */
  readonly outer: string;
  readonly at: number;
  /** Where its `>` stands. */
  readonly end: number;
}

function isPartOfChain(list: TokenList, at: number): boolean {
  return list.isWord(at) || ['->', '.', '::', '(', ')'].includes(list.text(at))
    ? list.text(at) !== '(' || list.text(at + 1) === ')'
    : false;
}
