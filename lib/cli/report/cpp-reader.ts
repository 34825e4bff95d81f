import { COMPANIONS } from './counterpart.ts';
import { NEXT_CONNECTION, type KnownTypes, type Variable } from './declarations.ts';
import type { Findings } from './findings.ts';
import { enumNameIn, memberOf, signalOf } from './members.ts';
import { NEIGHBOUR_TYPES } from './neighbour-names.ts';
import { COMPANION_ENUMS, MODULE_TYPES, QOBJECT_ELSEWHERE } from './qt-names.ts';
import type { TokenList } from './token-list.ts';
import { TOPIC_MEMBERS, TOPIC_WORDS } from './topics.ts';

/** What names mean at a place of a file: what it declares, and what its headers do. */
export interface Scope {
  readonly known: KnownTypes;
  variable(name: string, at: number): Variable | undefined;
  container(name: string): Variable | undefined;
  function(name: string): Variable | undefined;
}

/** Functions of containers that give out what they hold. */
const ELEMENTS = new Set(
  'at back begin constFirst constLast dequeue first front head last take takeAt takeFirst takeLast value'.split(
    ' ',
  ),
);

/** Functions that make what their argument names: `std::make_unique<QWebSocket>()`. */
const MAKERS = new Set(['make_unique', 'make_shared', 'create']);

/** Reads the uses of the module in a C++ file. */
export function readCpp(list: TokenList, scope: Scope, findings: Findings): void {
  new CppReader(list, scope, findings).read();
}

class CppReader {
  readonly #list: TokenList;
  readonly #scope: Scope;
  readonly #findings: Findings;
  // Of what a QHttpServer asks elsewhere, nothing becomes a verifier.
  readonly #hasVerifiers: boolean;

  constructor(list: TokenList, scope: Scope, findings: Findings) {
    this.#list = list;
    this.#scope = scope;
    this.#findings = findings;
    this.#hasVerifiers = list.tokens.some(({ text }) => text.includes('WebSocketUpgrade'));
  }

  read(): void {
    const list = this.#list;
    for (let at = 0; at < list.length; at += 1) {
      // What is included or declared ahead says nothing of its use.
      if (list.text(at) === '#' && list.text(at + 1) === 'include') {
        while (list.line(at + 1) === list.line(at)) at += 1;
        continue;
      }
      if (isHeading(list, at + 1) && list.text(at + 2) === ';') at += 1;
      else if (list.isWord(at)) this.#wordAt(at);
      else if (/^"[:]\//.test(list.text(at))) {
        this.#findings.concern('resources', list.text(at).slice(0, 80), list.line(at));
      }
    }
  }

  #wordAt(at: number): void {
    const list = this.#list;
    const text = list.text(at);
    const line = list.line(at);
    const topic = TOPIC_WORDS.get(text);
    if (topic !== undefined) this.#findings.concern(topic, text, line);
    if (text === 'sender' && list.text(at + 1) === '(' && list.text(at + 2) === ')') {
      this.#findings.concern('sender', 'sender()', line);
    }
    if (text === 'SIGNAL') this.#signalString(at);

    const type = this.#scope.known.get(text);
    if (type === 'QHttpServerRequest' && !this.#hasVerifiers) return;
    if (type !== undefined) this.#typeAt(at, type);
    else if (list.text(at + 1) === '::' && Object.hasOwn(COMPANION_ENUMS, text)) {
      this.#scoped(at, text, false);
    } else if (this.#isVariable(at)) this.#variableAt(at);
    else this.#elementAt(at);
    // With an enumerator behind it, that is what is used.
    if (Object.hasOwn(COMPANIONS, text) && enumNameIn(text, list.text(at + 2)) === undefined) {
      this.#findings.useClass(text, line);
    }
  }

  #typeAt(at: number, type: string): void {
    const list = this.#list;
    if (list.text(at + 1) === '::') {
      this.#scoped(at, type, list.text(at) !== type);
      return;
    }
    const line = list.line(at);
    const isMade = list.text(at - 1) === 'new' || MAKERS.has(list.text(at - 2));
    if (isMade) this.#findings.use(type, type, 'constructor', line);
    else if (list.isWord(at + 1) && !isHeading(list, at) && MODULE_TYPES[type] !== undefined) {
      this.#valueAt(at, type);
    }
    if (type === 'QMaskGenerator') this.#findings.concern('masking', type, line);
    // `qobject_cast<QWebSocket *>(sender())->close()`
    const close = list.text(at + 1) === '*' ? at + 2 : at + 1;
    if (list.text(close) === '>' && list.text(close + 1) === '(') {
      const end = list.closing(close + 1);
      const isCast = list.text(at - 2).endsWith('_cast') || list.text(at - 3).endsWith('_cast');
      if (isCast && end !== undefined) this.#memberAt(end + 1, type, false, '->');
    }
  }

  /** `QWebSocket socket;`: made with its surroundings, and gone with them. */
  #valueAt(at: number, type: string): void {
    const list = this.#list;
    if (!['QWebSocket', 'QWebSocketServer'].includes(type)) return;
    if (![';', '(', '{', '='].includes(list.text(at + 2))) return;
    const line = list.line(at);
    this.#findings.use(type, type, 'constructor', line);
    this.#findings.concern('object-life', `${type} ${list.text(at + 1)}`, line);
  }

  /** `Type::member`, `Type::Enum::Enumerator`, `&Type::signal`. */
  #scoped(at: number, type: string, isDerived: boolean): void {
    const list = this.#list;
    let member = at + 2;
    let found = enumNameIn(type, list.text(member));
    if (found === 'enum' && list.text(member + 1) === '::') {
      member += 2;
      found = enumNameIn(type, list.text(member));
      if (found === undefined) this.#doubt(type, member);
    }
    if (!list.isWord(member) || found === 'enum') return;
    const name = list.text(member);
    if (found === 'enumerator') {
      this.#findings.use(type, name, 'enumerator', list.line(member));
      return;
    }
    if (!Object.hasOwn(MODULE_TYPES, type) && !Object.hasOwn(NEIGHBOUR_TYPES, type)) return;
    // `MyServer::MyServer`, `Chat::onText`: the program's own.
    if (name === list.text(at) || (isDerived && memberOf(type, name) === undefined)) return;
    if (isDerived && list.text(at - 1) !== '&') return;
    const isAddress = list.text(at - 1) === '&';
    if (isAddress && signalOf(type, name) !== undefined && name === 'error') {
      this.#findings.concern('error-signal', `&${type}::error`, list.line(member));
    }
    this.#use(type, name, member, isAddress, isDerived);
  }

  /** `connect(socket, SIGNAL(connected()), …)` */
  #signalString(at: number): void {
    const list = this.#list;
    const name = list.text(at + 2);
    const variable = list.text(at - 1) === ',' ? this.#variable(at - 2) : undefined;
    const types = variable?.type === undefined ? [...candidates(name)] : [variable.type];
    if (list.text(at + 1) !== '(' || types.length !== 1) return;
    const [type] = types as [string];
    if (signalOf(type, name) === undefined) {
      if (variable?.isDerived === false) this.#doubt(type, at + 2);
      return;
    }
    if (name === 'error') this.#findings.concern('error-signal', 'SIGNAL(error…)', list.line(at));
    this.#use(type, name, at + 2, true, false);
  }

  #isVariable(at: number): boolean {
    const next = this.#list.text(at + 1);
    return (next === '->' || next === '.') && this.#variable(at)?.type !== undefined;
  }

  #variable(at: number): Variable | undefined {
    return this.#scope.variable(this.#list.text(at), at);
  }

  #variableAt(at: number): void {
    const { type, access, isDerived } = this.#variable(at)!;
    this.#memberAt(at + 1, type!, isDerived, access);
  }

  /** `sockets.first()->close()`, `sockets[0]->close()`, `socket()->close()`. */
  #elementAt(at: number): void {
    const list = this.#list;
    const text = list.text(at);
    const next = list.text(at + 1);
    if (!['[', '.', '->', '('].includes(next)) return;
    const container = next === '(' ? undefined : this.#scope.container(text);
    if (container?.type !== undefined && next === '[') {
      const end = list.closing(at + 1, 40);
      if (end !== undefined) this.#memberAt(end + 1, container.type, container.isDerived, '->');
    } else if (container?.type !== undefined && ELEMENTS.has(list.text(at + 2))) {
      const end = list.closing(at + 3, 40);
      if (end !== undefined) this.#memberAt(end + 1, container.type, container.isDerived, '->');
    } else if (next === '(') {
      const isNext = NEXT_CONNECTION.has(text);
      const returned = this.#scope.function(text);
      const type = returned?.type ?? (isNext ? 'QWebSocket' : undefined);
      const end = type === undefined ? undefined : list.closing(at + 1, 60);
      if (end !== undefined) this.#memberAt(end + 1, type!, returned?.isDerived === true, '->');
    }
  }

  /** A member behind the operator at `at`. */
  #memberAt(at: number, type: string, isDerived: boolean, access: Variable['access']): void {
    const list = this.#list;
    const operator = list.text(at);
    if (operator !== '->' && operator !== '.') return;
    // `.` on a smart pointer reaches the pointer itself.
    if (access !== 'either' && operator !== access) return;
    if (list.isWord(at + 1)) this.#use(type, list.text(at + 1), at + 1, false, isDerived);
  }

  #use(type: string, name: string, at: number, isSignal: boolean, isDerived: boolean): void {
    if (type === 'QHttpServerRequest' && !this.#hasVerifiers) return;
    const findings = this.#findings;
    const line = this.#list.line(at);
    const member = (isSignal ? signalOf(type, name) : undefined) ?? memberOf(type, name);
    if (member !== undefined) {
      findings.use(member.type, name, member.kind, line);
      const topic = TOPIC_MEMBERS.get(`${type}.${name}`);
      if (topic !== undefined) findings.concern(topic, name, line);
      return;
    }
    if (name === 'moveToThread' || name === type || name.startsWith('~')) return;
    if (QOBJECT_ELSEWHERE.has(name)) findings.concern('qobject', name, line);
    else if (!isDerived && enumNameIn(type, name) === undefined) this.#doubt(type, at);
  }

  /** Of neighbours not all is known. */
  #doubt(type: string, at: number): void {
    if (!Object.hasOwn(MODULE_TYPES, type)) return;
    this.#findings.doubt(type, this.#list.text(at), this.#list.line(at));
  }
}

/** `class QWebSocket;`, `friend class …` */
function isHeading(list: TokenList, at: number): boolean {
  return ['class', 'struct', 'typename'].includes(list.text(at - 1));
}

/** The types of the module that have a signal of that name. */
function* candidates(signal: string): Generator<string> {
  for (const [type, names] of Object.entries(MODULE_TYPES)) {
    if (names.signals?.includes(signal) === true) yield type;
  }
}
