import { EventEmitter } from 'eventemitter3';
import type { AnyQObject } from './any-qobject.ts';
import { ConnectionType } from './connection-type.ts';
import { Link, type AnySlot, type Connection, type SignalName, type Target } from './connection.ts';

const TRANSPORTS = 0x3;
const FLAGS = ConnectionType.UniqueConnection | ConnectionType.SingleShotConnection;

/** Which connections are meant; what is `null` or left out matches all. */
export interface ConnectionFilter {
  readonly name?: SignalName | null | undefined;
  readonly receiver?: object | null | undefined;
  readonly target?: Target | null | undefined;
  readonly isSingleShot?: boolean;
}

/**
 * The connections of one object: those of its signals, and those in which it receives.
 *
 * The emitter that the object is keeps the former too, each as the context of a listener: it calls
 * them in their order, but cannot tell what it holds.
 */
export class Connections {
  readonly owner: AnyQObject;
  // A list and a set, so that an end needs no search: a server listens to all of its sockets. The
  // list is linked because the shortest array that grows takes more room than three connections.
  #first: Link | undefined;
  #last: Link | undefined;
  #incoming: Set<Link> | undefined;
  #isClosed = false;

  constructor(owner: AnyQObject) {
    this.owner = owner;
  }

  /** Whether the owner has been destroyed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Connects the owner's signal `name` to `target`.
   *
   * @returns a connection that is not connected when `type` asks for a unique one and there is
   * one already, or when either side has been destroyed.
   * @throws TypeError when `target` is nothing that can be called, or `type` is unknown.
   */
  add(
    name: SignalName,
    receiver: object,
    target: Target,
    type: number = ConnectionType.AutoConnection,
  ): Connection {
    checkTarget(target);
    checkType(type);
    const link = new Link(this, name, receiver, target, type);
    const { receiving } = link;
    const isUnique = (type & ConnectionType.UniqueConnection) !== 0;
    if (this.#isClosed || receiving?.isClosed === true || (isUnique && this.#has(link))) {
      link.cut();
      return link;
    }

    this.#append(link);
    // What an object sends to itself ends with its signals.
    if (receiving !== undefined && receiving !== this) {
      (receiving.#incoming ??= new Set()).add(link);
    }
    EventEmitter.prototype.on.call(this.owner, name, link.listener, link);
    return link;
  }

  /** Lets go of `link`, which belongs to one of the owner's signals. */
  remove(link: Link): void {
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    link.previous = undefined;
    link.next = undefined;

    const { receiving } = link;
    if (receiving !== undefined) receiving.#incoming?.delete(link);
    EventEmitter.prototype.off.call(this.owner, link.name, link.listener, link);
  }

  /**
   * Disconnects what matches `filter`.
   *
   * @returns whether there was anything.
   */
  removeMatching(filter: ConnectionFilter): boolean {
    const links = this.#matching(filter);
    for (const link of links) link.disconnect();
    return links.length > 0;
  }

  /** The slots of the signal `name` in the order of their connections, without relays. */
  slots(name: SignalName): AnySlot[] {
    return this.#matching({ name }).flatMap(({ target }) =>
      typeof target === 'function' ? target : [],
    );
  }

  /** Ends everything; nothing can be connected any more. */
  close(): void {
    this.#isClosed = true;
    // Qt, too, still delivers what a destroyed object has queued.
    for (const link of this.#matching({})) {
      this.remove(link);
      link.spend();
    }
    for (const link of this.#incoming ?? []) link.disconnect();
  }

  #append(link: Link): void {
    link.previous = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
  }

  #has({ name, receiver, target }: Link): boolean {
    return this.#matching({ name, receiver, target }).length > 0;
  }

  #matching(filter: ConnectionFilter): Link[] {
    const links: Link[] = [];
    for (let link = this.#first; link !== undefined; link = link.next) {
      if (matches(link, filter)) links.push(link);
    }
    return links;
  }
}

function checkTarget(target: unknown): void {
  if (typeof target !== 'function' && typeof target !== 'string' && typeof target !== 'symbol') {
    throw new TypeError('A slot must be a function.');
  }
}

function checkType(type: number): void {
  const transport = type & TRANSPORTS;
  if (transport > ConnectionType.QueuedConnection || (type & ~(TRANSPORTS | FLAGS)) !== 0) {
    throw new TypeError(`There is no connection type ${type}.`);
  }
}

function matches(link: Link, { name, receiver, target, isSingleShot }: ConnectionFilter): boolean {
  return (
    (name ?? link.name) === link.name &&
    (receiver ?? link.receiver) === link.receiver &&
    (target ?? link.target) === link.target &&
    (isSingleShot !== true || link.isSingleShot)
  );
}
