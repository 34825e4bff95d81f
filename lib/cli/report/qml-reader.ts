import type { Findings } from './findings.ts';
import { enumNameIn, memberOf } from './members.ts';
import { QML_TYPES } from './qt-names.ts';
import type { TokenList } from './token-list.ts';
import { TOPIC_WORDS } from './topics.ts';

const IMPORT = /^import$/;

/** Reads the uses of the module's types in a QML file; one that does not import them has none. */
export function readQml(list: TokenList, findings: Findings): void {
  const alias = importOf(list);
  if (alias !== undefined) new QmlReader(list, alias, findings).read();
}

/** What stands before the types: '' for nothing; undefined without an import. */
function importOf(list: TokenList): string | undefined {
  for (let at = 0; at < list.length; at += 1) {
    if (!IMPORT.test(list.text(at)) || !list.text(at + 1).startsWith('QtWebSockets')) continue;
    const line = list.line(at);
    for (let next = at + 2; list.line(next) === line; next += 1) {
      if (list.text(next) === 'as') return list.text(next + 1);
    }
    return '';
  }
  return undefined;
}

class QmlReader {
  readonly #list: TokenList;
  readonly #alias: string;
  readonly #findings: Findings;
  /** The types of ids and parameters. */
  readonly #names = new Map<string, string>();
  /** Names that the program gives its elements. */
  readonly #own = new Set<string>();
  /** Where braces are closed, by where they are opened. */
  readonly #ends = new Map<number, number>();
  /** Positions that are dealt with. */
  readonly #done = new Set<number>();

  constructor(list: TokenList, alias: string, findings: Findings) {
    this.#list = list;
    this.#alias = alias;
    this.#findings = findings;
  }

  read(): void {
    const list = this.#list;
    for (let at = 0; at < list.length; at += 1) this.#ownNameAt(at);
    this.#findEnds();
    for (let at = 0; at < list.length; at += 1) {
      if (this.#typeAt(at) !== undefined && list.text(at + 1) === '{') this.#elementAt(at);
    }
    for (let at = 0; at < list.length; at += 1) this.#wordAt(at);
  }

  #findEnds(): void {
    const open: number[] = [];
    for (let at = 0; at < this.#list.length; at += 1) {
      const text = this.#list.text(at);
      if (text === '{') open.push(at);
      else if (text === '}' && open.length > 0) this.#ends.set(open.pop()!, at);
    }
  }

  /** The type that is named at `at`. */
  #typeAt(at: number): string | undefined {
    const list = this.#list;
    const name = list.text(at);
    if (!Object.hasOwn(QML_TYPES, name)) return undefined;
    const before = list.text(at - 1) === '.' ? list.text(at - 2) : '';
    return before === this.#alias ? name : undefined;
  }

  /** `property var x`, `function x()`, `signal x()` */
  #ownNameAt(at: number): void {
    const list = this.#list;
    const word = list.text(at);
    if (word === 'function' || word === 'signal') this.#own.add(list.text(at + 1));
    if (word !== 'property') return;
    for (let name = at + 1; name < at + 8; name += 1) {
      if (list.line(name) !== list.line(at) || list.text(name) === ':') return;
      if (list.isWord(name)) this.#own.add(list.text(name));
    }
  }

  #elementAt(at: number): void {
    const list = this.#list;
    const type = list.text(at);
    this.#findings.use(type, type, 'constructor', list.line(at));
    this.#findings.concern('qml', `${type} { … }`, list.line(at));
    const end = this.#ends.get(at + 1) ?? list.length;
    let depth = 0;
    for (let inside = at + 1; inside < end; inside += 1) {
      const text = list.text(inside);
      // Another element of the module has its own turn.
      if (inside > at + 1 && text === '{' && this.#typeAt(inside - 1) !== undefined) {
        inside = this.#ends.get(inside) ?? end;
        continue;
      }
      if ('{(['.includes(text)) depth += 1;
      else if ('})]'.includes(text)) depth -= 1;
      else if (depth === 1 && list.text(inside + 1) === ':' && this.#beginsLine(inside)) {
        this.#propertyAt(inside, type);
      } else if (list.isWord(inside) && list.text(inside - 1) !== '.') {
        this.#freeNameAt(inside, type);
      }
    }
  }

  #beginsLine(at: number): boolean {
    const list = this.#list;
    return ['{', '}', ';'].includes(list.text(at - 1)) || list.line(at - 1) < list.line(at);
  }

  /** `name:` at the top of an element. */
  #propertyAt(at: number, type: string): void {
    const list = this.#list;
    const name = list.text(at);
    this.#done.add(at);
    if (name === 'id') {
      this.#names.set(list.text(at + 2), type);
      return;
    }
    const signal = signalOfHandler(name);
    if (signal === 'clientConnected') this.#names.set(this.#parameterOf(at + 2), 'WebSocket');
    const member = memberOf(type, signal ?? name);
    if (member !== undefined) {
      this.#findings.use(member.type, signal ?? name, member.kind, list.line(at));
    } else if (!this.#own.has(name) && !this.#own.has(signal?.replace(/Changed$/, '') ?? '')) {
      this.#findings.doubt(type, name, list.line(at));
    }
  }

  /** `function(name)`, `(name) =>`, `name =>`; older handlers call it webSocket. */
  #parameterOf(at: number): string {
    const list = this.#list;
    if (list.text(at + 1) === '=>') return list.text(at);
    const open = list.text(at) === 'function' ? at + 1 : at;
    return list.text(open) === '(' && list.isWord(open + 1) ? list.text(open + 1) : 'webSocket';
  }

  /** `status` or `sendTextMessage()` inside of an element: its own. */
  #freeNameAt(at: number, type: string): void {
    const list = this.#list;
    const name = list.text(at);
    if (this.#done.has(at) || this.#own.has(name) || list.text(at + 1) === ':') return;
    const member = memberOf(type, name);
    if (member === undefined || member.type === 'QObject' || member.kind === 'signal') return;
    this.#done.add(at);
    this.#findings.use(member.type, name, member.kind, list.line(at));
  }

  #wordAt(at: number): void {
    const list = this.#list;
    const topic = TOPIC_WORDS.get(list.text(at));
    if (topic !== undefined) this.#findings.concern(topic, list.text(at), list.line(at));
    if (list.text(at + 1) !== '.' || !list.isWord(at + 2)) return;

    const named = this.#typeAt(at);
    const name = list.text(at + 2);
    if (named !== undefined) {
      // `WebSocket.Open`
      if (enumNameIn(named, name) === 'enumerator') {
        this.#findings.use(named, name, 'enumerator', list.line(at));
      } else if (enumNameIn(named, name) === undefined) {
        this.#findings.doubt(named, name, list.line(at));
      }
      return;
    }
    const type = list.text(at - 1) === '.' ? undefined : this.#names.get(list.text(at));
    if (type !== undefined) this.#memberAt(at + 2, type);
  }

  #memberAt(at: number, type: string): void {
    const list = this.#list;
    const name = list.text(at);
    if (this.#own.has(name)) return;
    const signal = list.text(at + 1) === '.' ? signalOfHandler(name) : undefined;
    const member = memberOf(type, signal ?? name);
    if (member === undefined) this.#findings.doubt(type, name, list.line(at));
    else this.#findings.use(member.type, signal ?? name, member.kind, list.line(at));
  }
}

function signalOfHandler(name: string): string | undefined {
  return /^on[A-Z]/.test(name) ? name[2]!.toLowerCase() + name.slice(3) : undefined;
}
