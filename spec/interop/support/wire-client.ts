import type { QWebSocket } from '../../../lib/index.ts';

type Pair = [name: string, index: number];

/** What a host tells of an object. */
interface Info {
  readonly methods: readonly Pair[];
  readonly signals: readonly Pair[];
  readonly properties: readonly [
    index: number,
    name: string,
    notify: [] | [name: string | 1, index: number],
    value: unknown,
  ][];
  readonly enums?: object;
}

interface Message {
  readonly type: number;
  readonly id?: number;
  readonly object?: string;
  readonly signal?: number;
  readonly args?: readonly unknown[];
  readonly data?: unknown;
}

interface Update {
  readonly object: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly signals: Readonly<Record<string, unknown>>;
}

/** What QObject has in Qt, and what has no place in a description of ours: the types of signals. */
const ONLY_IN_QT = /^(?:objectName|deleteLater(?:\(\))?|destroyed\(\)|(?!destroyed)\w+\(.*\))$/;

/**
 * A client of a channel that keeps what it is sent, with names in the place of the indices and of the
 * ids that a host chooses.
 */
export class WireClient {
  readonly socket: QWebSocket;
  readonly said: unknown[] = [];
  readonly #objects = new Map<string, Info>();
  readonly #ids: string[] = [];
  #lastCall = 0;
  #awaited: { readonly type: number; readonly resolve: (message: Message) => void } | undefined;

  constructor(socket: QWebSocket) {
    this.socket = socket;
    socket.textMessageReceived.connect((text) => this.#take(JSON.parse(text) as Message));
  }

  async initialize(): Promise<void> {
    this.#send({ type: 3, id: ++this.#lastCall });
    await this.next(10);
  }

  idle(): void {
    this.#send({ type: 4 });
  }

  listen(object: string, signal: string, isWanted = true): void {
    const index = indexOf(this.#objects.get(object)!.signals, signal);
    this.#send({ type: isWanted ? 7 : 8, object, signal: index });
  }

  set(object: string, name: string, value: unknown): void {
    const { properties } = this.#objects.get(object)!;
    const property = properties.find((entry) => entry[1] === name)![0];
    this.#send({ type: 9, object, property, value });
  }

  /** Calls a method; returns the id of the object that it returns, if any. */
  async call(object: string, method: string, args: readonly unknown[]): Promise<string> {
    this.#send({ type: 6, object, method, args, id: ++this.#lastCall });
    const { data } = await this.next(10);
    return (data as { id?: string } | null)?.id ?? '';
  }

  /** Waits for a message of the type. */
  next(type: number): Promise<Message> {
    return new Promise((resolve) => {
      this.#awaited = { type, resolve };
    });
  }

  #send(message: object): void {
    this.socket.sendTextMessage(JSON.stringify(message));
  }

  #take(message: Message): void {
    const { type, data } = message;
    if (message.id === 1) {
      const infos = Object.entries(data as Record<string, Info>);
      for (const [id, info] of infos) this.#objects.set(id, info);
      this.said.push({ ...message, data: this.#readable((data as { chat: Info }).chat) });
    } else if (type === 2) {
      this.said.push({ type, data: (data as Update[]).map((update) => this.#update(update)) });
    } else {
      const { signal, object = '' } = message;
      const { signals = [] } = this.#objects.get(object) ?? {};
      const name = signal === undefined ? {} : { signal: nameOf(signals, signal) };
      const named = this.#named({ ...message, ...name }) as Message;
      // Qt tells once more of what is left of the object.
      this.said.push(type === 1 && signal === 0 ? { ...named, args: named.args?.length } : named);
    }
    if (this.#awaited?.type === type) this.#awaited.resolve(message);
  }

  #update({ object, properties, signals }: Update): object {
    const info = this.#objects.get(object)!;
    const names = info.properties.map(([index, name]): Pair => [name, index]);
    const notify = info.properties.map((entry): Pair => [notifyOf(entry), entry[2][1] ?? -1]);
    const named = (pairs: readonly Pair[], map: object): object =>
      Object.fromEntries(
        Object.entries(map).map(([index, value]) => [
          nameOf(pairs, Number(index)),
          value as unknown,
        ]),
      );
    return { object, properties: named(names, properties), signals: named(notify, signals) };
  }

  #readable({ methods, signals, properties, enums }: Info): object {
    const names = (pairs: readonly Pair[]): string[] => pairs.map(([name]) => name);
    return {
      methods: names(methods).filter((name) => !name.startsWith('deleteLater')),
      signals: names(signals).filter((name) => !ONLY_IN_QT.test(name)),
      properties: properties
        .filter(([, name]) => !ONLY_IN_QT.test(name))
        .map((entry) => [entry[1], notifyOf(entry), this.#named(entry[3])]),
      enums,
    };
  }

  /** `value` with numbers in the place of ids, and with what it says of objects in a readable form. */
  #named(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#named(item));
    if (typeof value !== 'object' || value === null) return this.#numbered(value);
    const { '__QObject*__': isReference, id, data } = value as Record<string, unknown>;
    if (isReference === true && data !== undefined) {
      this.#objects.set(id as string, data as Info);
      return { reference: this.#numbered(id), data: this.#readable(data as Info) };
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, this.#named(item)]),
    );
  }

  #numbered(value: unknown): unknown {
    if (typeof value !== 'string' || !/^\{[\da-f-]{36}\}$/.test(value)) return value;
    if (!this.#ids.includes(value)) this.#ids.push(value);
    return `object ${this.#ids.indexOf(value)}`;
  }
}

function indexOf(pairs: readonly Pair[], wanted: string): number {
  return pairs.find(([name]) => name === wanted)![1];
}

function nameOf(pairs: readonly Pair[], wanted: number): string {
  return pairs.find(([, index]) => index === wanted)![0];
}

function notifyOf([, name, notify]: Info['properties'][number]): string {
  if (notify.length === 0) return '';
  return notify[0] === 1 ? `${name}Changed` : notify[0];
}
