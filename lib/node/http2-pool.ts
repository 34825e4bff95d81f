import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { SharedWay } from './destination.ts';
import { Http1Only } from './http1-only.ts';
import type { Http2Link } from './http2-link.ts';

/** What two sockets must have in common to share a connection. */
export interface PoolKey extends SharedWay {
  /** As the application has set it, without what connections add. */
  readonly sslConfiguration: QSslConfiguration | undefined;
}

/** Somebody who wants a connection for {@link PoolKey}. */
export interface PoolUser {
  readonly key: PoolKey;
  /** Nobody else dials any more: dial yourself. */
  lead(): void;
  /** There is a connection. */
  linked(link: Http2Link): void;
}

/** A connection, or somebody who dials one and those who wait for it. */
interface Entry {
  readonly key: PoolKey;
  link: Http2Link | undefined;
  leader: PoolUser | undefined;
  readonly waiting: Set<PoolUser>;
}

/**
 * The connections of HTTP/2 that the sockets of this process share.
 *
 * There is one for each {@link PoolKey}; one that is full or about to end is replaced, and leaves with its
 * last socket.
 */
export class Http2Pool {
  readonly http1Only: Http1Only = new Http1Only();
  readonly #entries: Set<Entry> = new Set<Entry>();

  /** Gives `user` a connection, has it wait for one, or dial; not before this returns. */
  join(user: PoolUser): void {
    const entry = this.#entryFor(user.key);
    const { link } = entry;
    if (link?.hasRoom === true) {
      process.nextTick(() => user.linked(link));
      return;
    }
    entry.link = undefined;
    if (entry.leader === undefined) {
      entry.leader = user;
      process.nextTick(() => user.lead());
    } else {
      entry.waiting.add(user);
    }
  }

  /** The connection that `leader` has dialled, for itself and those who wait. */
  share(leader: PoolUser, link: Http2Link): void {
    const entry = this.#ledBy(leader);
    if (entry === undefined) return;
    entry.leader = undefined;
    entry.link = link;
    const waiting = [...entry.waiting];
    entry.waiting.clear();
    for (const user of waiting) {
      if (link.hasRoom) user.linked(link);
      else this.join(user);
    }
  }

  /** `user` has given up; if it was the one who dials, the next one does. */
  leave(user: PoolUser): void {
    const entry = this.#ledBy(user) ?? this.#waitedIn(user);
    if (entry === undefined) return;
    entry.waiting.delete(user);
    if (entry.leader !== user) return;
    const [next] = entry.waiting;
    entry.leader = next;
    if (next === undefined) {
      this.#entries.delete(entry);
    } else {
      entry.waiting.delete(next);
      next.lead();
    }
  }

  /** `leader` will not have a connection to share: each one that waits dials for itself. */
  disband(leader: PoolUser): void {
    const entry = this.#ledBy(leader);
    if (entry === undefined) return;
    this.#entries.delete(entry);
    for (const user of entry.waiting) user.lead();
  }

  /** Forgets `link`, which is closed. */
  forget(link: Http2Link): void {
    for (const entry of this.#entries) {
      if (entry.link !== link) continue;
      entry.link = undefined;
      if (entry.leader === undefined) this.#entries.delete(entry);
    }
  }

  #entryFor(key: PoolKey): Entry {
    for (const entry of this.#entries) if (isSame(entry.key, key)) return entry;
    const entry: Entry = { key, link: undefined, leader: undefined, waiting: new Set() };
    this.#entries.add(entry);
    return entry;
  }

  #ledBy(leader: PoolUser): Entry | undefined {
    for (const entry of this.#entries) if (entry.leader === leader) return entry;
    return undefined;
  }

  #waitedIn(user: PoolUser): Entry | undefined {
    for (const entry of this.#entries) if (entry.waiting.has(user)) return entry;
    return undefined;
  }
}

function isSame(one: PoolKey, other: PoolKey): boolean {
  return (
    one.origin === other.origin &&
    areEqual(one.proxy, other.proxy) &&
    areEqual(one.sslConfiguration, other.sslConfiguration)
  );
}

function areEqual<T extends { equals(other: T): boolean }>(
  one: T | undefined,
  other: T | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.equals(other);
}

/** The pool of this process: of all its sockets. */
export const http2Pool: Http2Pool = new Http2Pool();
