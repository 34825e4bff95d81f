import type { ChannelClient } from './channel-client.ts';
import type { JsonObject } from './json-values.ts';
import { MessageType } from './message-type.ts';
import type { ObjectPublisher } from './object-publisher.ts';
import type { PublishedObject } from './published-object.ts';
import { Rendition } from './rendition.ts';

/** What has changed: which signals were emitted, and what each carried last. */
export type Changes = Map<PublishedObject, Map<number, readonly unknown[]>>;

const DEFAULT_INTERVAL = 50;

/**
 * Tells clients of changed properties: together, at most once in an interval, and to each client only
 * when it has dealt with the ones before.
 *
 * Nothing waits for a client but the fact that there are changes; the values are those of the moment
 * in which they are sent.
 */
export class PropertyUpdates {
  readonly #publisher: ObjectPublisher;
  #interval = DEFAULT_INTERVAL;
  #isBlocked = false;
  #changes: Changes = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(publisher: ObjectPublisher) {
    this.#publisher = publisher;
  }

  get interval(): number {
    return this.#interval;
  }

  setInterval(interval: number): void {
    this.#interval = interval;
    this.#rest();
    if (this.#changes.size > 0) this.#start();
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  setBlocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    if (isBlocked) this.#rest();
    else this.#flush();
  }

  /** Learns that a property has changed. */
  note(published: PublishedObject, signal: number, args: readonly unknown[]): void {
    if (this.#publisher.clients.size === 0) return;
    noteIn(this.#changes, published, signal, args);
    this.#start();
  }

  /** Forgets an object. */
  drop(published: PublishedObject): void {
    this.#changes.delete(published);
  }

  /** Sends a client what has changed since it was told last. */
  catchUp(client: ChannelClient): void {
    if (client.changes.size === 0) return;
    const { changes } = client;
    client.changes = new Map();
    this.#send(changes, [client]);
  }

  /** Forgets all. */
  clear(): void {
    this.#rest();
    this.#changes.clear();
  }

  #start(): void {
    if (this.#isBlocked) return;
    if (this.#interval < 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#interval);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    this.#rest();
    const changes = this.#changes;
    if (changes.size === 0) return;
    this.#changes = new Map();
    const ready: ChannelClient[] = [];
    for (const client of this.#publisher.clients) {
      // Most clients are told the same, in a message that is made once.
      if (client.isIdle && client.changes.size === 0 && seesAll(client, changes)) {
        ready.push(client);
        continue;
      }
      for (const [published, signals] of changes) {
        if (!published.isSeenBy(client)) continue;
        for (const [signal, args] of signals) noteIn(client.changes, published, signal, args);
      }
      if (client.isIdle) this.catchUp(client);
    }
    if (ready.length > 0) this.#send(changes, ready);
  }

  #send(changes: Changes, audience: readonly ChannelClient[]): void {
    const rendition = new Rendition(this.#publisher, audience);
    const data = Array.from(changes, (change) => describeChange(change, rendition));
    const message = { type: MessageType.PropertyUpdate, data };
    for (const client of audience) {
      // It may be idle again when this returns.
      client.isIdle = false;
      client.send(message);
    }
  }
}

function seesAll(client: ChannelClient, changes: Changes): boolean {
  return [...changes.keys()].every((published) => published.isSeenBy(client));
}

function noteIn(
  changes: Changes,
  published: PublishedObject,
  signal: number,
  args: readonly unknown[],
): void {
  const signals = changes.get(published) ?? new Map<number, readonly unknown[]>();
  changes.set(published, signals.set(signal, args));
}

function describeChange(
  [published, signals]: readonly [PublishedObject, ReadonlyMap<number, readonly unknown[]>],
  rendition: Rendition,
): JsonObject {
  const { id, table } = published;
  const properties = table.properties.flatMap((property, index) =>
    property.notify !== undefined && signals.has(property.notify)
      ? [[index, rendition.valueOf(published, property)] as const]
      : [],
  );
  const carried = Array.from(signals, ([signal, args]) => [
    signal,
    rendition.result(published, table.signals[signal]!, () => args),
  ]);
  return {
    object: id,
    properties: Object.fromEntries(properties),
    signals: Object.fromEntries(carried),
  };
}
