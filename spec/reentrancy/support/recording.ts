import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import type { SocketState } from '../../../lib/network/qabstractsocket.ts';
import type { QWebSocketBase } from '../../../lib/websockets/qwebsocket-base.ts';
import { stateName } from '../../support/signal-log.ts';

type Announce = (name: string, ...args: unknown[]) => boolean;

/**
 * What a socket says, whoever listens, and when it is told to open.
 *
 * It stands where the socket emits, so that no slot can disconnect it. An entry is the name of a
 * signal and, where they tell entries apart, what it carries; `open` is the begin of an attempt and
 * `open in vain` that of none. Behind `destroyed`, only what has reached somebody is noted.
 */
export class Recording {
  readonly entries: string[] = [];
  /** The state before the first entry. */
  readonly initialState: string;
  #isDestroyed = false;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(socket: QWebSocketBase) {
    this.initialState = stateName(socket.state());
    const announce = (Reflect.get(socket, 'announce') as Announce).bind(socket);
    const record: Announce = (name, ...args) => {
      const isLate = this.#isDestroyed;
      if (!isLate) this.#note(entryOf(name, args));
      if (name === 'destroyed') this.#isDestroyed = true;
      const isHeard = announce(name, ...args);
      if (isLate && isHeard) this.#note(entryOf(name, args));
      return isHeard;
    };
    Object.defineProperty(socket, 'announce', { value: record });

    const open = socket.open.bind(socket);
    const recordOpen: typeof open = (target, options) => {
      const url =
        target instanceof QNetworkRequest ? target.url() : new QNetworkRequest(target).url();
      if (!this.#isDestroyed) this.entries.push(url.isValid() ? 'open' : 'open in vain');
      open(target, options);
    };
    Object.defineProperty(socket, 'open', { value: recordOpen });
  }

  has(entry: string): boolean {
    return this.entries.includes(entry);
  }

  /** Calls `act` on a later turn when `entry` has come for the first time. */
  when(entry: string, act: () => void): void {
    const waiting = this.#waiting.get(entry) ?? [];
    waiting.push(act);
    this.#waiting.set(entry, waiting);
  }

  #note(entry: string): void {
    this.entries.push(entry);
    for (const act of this.#waiting.get(entry) ?? []) setImmediate(act);
    this.#waiting.delete(entry);
  }
}

/** The signal with its state or its text, which tell one emission from the next. */
export function entryOf(name: string, args: readonly unknown[]): string {
  const [first] = args;
  if (name === 'stateChanged') return `${name} ${stateName(first as SocketState)}`;
  return typeof first === 'string' ? `${name} ${shortened(first)}` : name;
}

/** A long text by its beginning and its length. */
function shortened(text: string): string {
  return text.length <= 20 ? text : `${text.slice(0, 20)}… (${text.length})`;
}
