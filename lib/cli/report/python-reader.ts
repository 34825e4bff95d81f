import { COMPANIONS } from './counterpart.ts';
import { NEXT_CONNECTION, QT_TYPE_NAMES } from './declarations.ts';
import type { Findings } from './findings.ts';
import { enumNameIn, memberOf } from './members.ts';
import { COMPANION_ENUMS, MODULE_TYPES, QOBJECT_ELSEWHERE } from './qt-names.ts';
import type { TokenList } from './token-list.ts';
import { TOPIC_MEMBERS, TOPIC_WORDS } from './topics.ts';

/** Reads the uses of the module in a program of PyQt or PySide; one that imports it not has none. */
export function readPython(list: TokenList, findings: Findings): void {
  if (list.tokens.some(({ text }) => text === 'QtWebSockets')) {
    new PythonReader(list, findings).read();
  }
}

class PythonReader {
  readonly #list: TokenList;
  readonly #findings: Findings;
  /** The types of variables and attributes, by their last name. */
  readonly #names = new Map<string, string>();

  constructor(list: TokenList, findings: Findings) {
    this.#list = list;
    this.#findings = findings;
  }

  read(): void {
    const list = this.#list;
    for (let at = 0; at < list.length; at += 1) this.#nameAt(at);
    for (let at = 0; at < list.length; at += 1) if (list.isWord(at)) this.#wordAt(at);
  }

  /** `socket = QWebSocket()`, `socket: QWebSocket`, `socket = server.nextPendingConnection()` */
  #nameAt(at: number): void {
    const list = this.#list;
    const isNext = NEXT_CONNECTION.has(list.text(at)) && list.text(at + 1) === '(';
    const type = isNext ? 'QWebSocket' : QT_TYPE_NAMES.get(list.text(at));
    if (type === undefined) return;
    let before = at - 1;
    while (list.text(before) === '.' || list.isWord(before)) before -= 1;
    const operator = list.text(before);
    const isCall = list.text(at + 1) === '(';
    if (!(operator === '=' && isCall) && operator !== ':') return;
    if (list.isWord(before - 1)) this.#names.set(list.text(before - 1), type);
  }

  #wordAt(at: number): void {
    const list = this.#list;
    const findings = this.#findings;
    const text = list.text(at);
    const line = list.line(at);
    const topic = TOPIC_WORDS.get(text);
    if (topic !== undefined) findings.concern(topic, text, line);
    if (text === 'sender' && list.text(at + 1) === '(') {
      findings.concern('sender', 'sender()', line);
    }
    if (text === 'class' && list.text(at + 2) === '(') this.#classAt(at);
    if (Object.hasOwn(COMPANIONS, text) && enumNameIn(text, list.text(at + 2)) === undefined) {
      findings.useClass(text, line);
    }

    const type = QT_TYPE_NAMES.get(text);
    const next = list.text(at + 1);
    if (type !== undefined && next === '(') findings.use(type, type, 'constructor', line);
    if (type !== undefined || Object.hasOwn(COMPANION_ENUMS, text)) this.#scoped(at, text);
    else if (next === '.' && list.isWord(at + 2)) {
      const named = this.#names.get(text);
      if (named !== undefined) this.#use(named, at + 2);
    }
  }

  #classAt(at: number): void {
    const list = this.#list;
    const end = list.closing(at + 2, 40) ?? at;
    for (let base = at + 3; base < end; base += 1) {
      if (!QT_TYPE_NAMES.has(list.text(base))) continue;
      this.#findings.concern('subclasses', list.text(at + 1), list.line(at));
    }
  }

  /** `QAbstractSocket.SocketState.ConnectedState`, `QWebSocketServer.NonSecureMode` */
  #scoped(at: number, type: string): void {
    const list = this.#list;
    for (let member = at + 2; list.text(member - 1) === '.'; member += 2) {
      const found = enumNameIn(type, list.text(member));
      if (found === 'enumerator') {
        this.#findings.use(type, list.text(member), 'enumerator', list.line(member));
      }
      if (found !== 'enum') return;
    }
  }

  #use(type: string, at: number): void {
    const list = this.#list;
    const name = list.text(at);
    const member = memberOf(type, name);
    if (member !== undefined) {
      const isSignal = list.text(at + 1) === '.' && member.kind === 'method' && name === 'error';
      this.#findings.use(member.type, name, isSignal ? 'signal' : member.kind, list.line(at));
      if (isSignal) this.#findings.concern('error-signal', 'error.connect', list.line(at));
      const topic = TOPIC_MEMBERS.get(`${type}.${name}`);
      if (topic !== undefined) this.#findings.concern(topic, name, list.line(at));
    } else if (QOBJECT_ELSEWHERE.has(name)) {
      if (name !== 'moveToThread') this.#findings.concern('qobject', name, list.line(at));
    } else if (Object.hasOwn(MODULE_TYPES, type) && enumNameIn(type, name) === undefined) {
      this.#findings.doubt(type, name, list.line(at));
    }
  }
}
