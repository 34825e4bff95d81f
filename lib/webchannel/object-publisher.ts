import type { AnyQObject } from '../core/any-qobject.ts';
import type { ChannelClient } from './channel-client.ts';
import { REFERENCE, type JsonObject } from './json-values.ts';
import { MessageType } from './message-type.ts';
import { DESTROYED, type ObjectTable } from './object-table.ts';
import { PropertyUpdates } from './property-updates.ts';
import { PublishedObject } from './published-object.ts';
import type { QWebChannelAbstractTransport } from './qwebchannelabstracttransport.ts';
import { Rendition } from './rendition.ts';

/** What an {@link ObjectPublisher} tells. */
export interface PublisherEvents {
  /** A message of a client was not followed. */
  refused(reason: string, transport: QWebChannelAbstractTransport): void;
  /** A member of an object has thrown, or what came of it cannot be sent. */
  failed(error: unknown, id: string, member: string): void;
  debugMessage(text: string, transport: QWebChannelAbstractTransport): void;
}

/** A class of objects. */
export type ObjectClass<Type extends AnyQObject = AnyQObject> = abstract new (
  ...args: never[]
) => Type;

/** The objects of a channel, and which client sees which. */
export class ObjectPublisher {
  readonly events: PublisherEvents;
  readonly clients: Set<ChannelClient> = new Set();
  readonly updates: PropertyUpdates = new PropertyUpdates(this);
  readonly #registered = new Map<string, PublishedObject>();
  /** Those that came up in what methods return, and in properties and signals of others. */
  readonly #introduced = new Map<string, PublishedObject>();
  readonly #ofObjects = new Map<AnyQObject, PublishedObject>();
  /** By the prototypes of the classes. */
  readonly #tables = new Map<unknown, ObjectTable>();

  constructor(events: PublisherEvents) {
    this.events = events;
  }

  /** Describes the objects of a class, and of those derived from it. */
  describe(type: ObjectClass, table: ObjectTable): void {
    this.#tables.set(type.prototype, table);
  }

  /** @throws TypeError when the object cannot be had by that id. */
  register(id: string, object: AnyQObject, table: ObjectTable = this.#tableOf(object)): void {
    if (!('~connections' in object)) {
      throw new TypeError('Clients see QObjects alone: let the class of the object extend it.');
    }
    const known = this.#ofObjects.get(object);
    if (known?.isRegistered === true) {
      if (known.id === id) return;
      throw new TypeError(`The object is registered as "${known.id}" already.`);
    }
    if (this.#registered.has(id)) throw new TypeError(`Another object is registered as "${id}".`);
    const published = this.#publish(id, object, table);
    if (!published.isAlive) throw new TypeError('The object has been destroyed.');
    this.#registered.set(id, published);
    this.#ofObjects.set(object, published);
  }

  registeredObjects(): Map<string, AnyQObject> {
    return new Map(Array.from(this.#registered, ([id, { object }]) => [id, object]));
  }

  /** Takes an object from the clients, to whom it is as if it were destroyed. */
  deregister(object: AnyQObject): void {
    const published = this.#ofObjects.get(object);
    if (published !== undefined) this.#end(published);
  }

  /** What a client learns first. */
  everything(client: ChannelClient): JsonObject {
    const rendition = new Rendition(this, [client]);
    return Object.fromEntries(
      Array.from(this.#registered.values(), (published) => [
        published.id,
        rendition.about(published),
      ]),
    );
  }

  /** The object that `client` knows by `id`. */
  seenBy(client: ChannelClient, id: string): PublishedObject | undefined {
    const published = this.#registered.get(id) ?? this.#introduced.get(id);
    return published?.isSeenBy(client) === true ? published : undefined;
  }

  /**
   * Makes `object` known to the `audience`.
   *
   * @returns undefined when it has been destroyed, or when nobody may know of more.
   * @throws TypeError when nothing describes it.
   */
  introduce(object: AnyQObject, audience: readonly ChannelClient[]): PublishedObject | undefined {
    const known = this.#ofObjects.get(object);
    if (known?.isRegistered === true) return known;
    const viewers = known?.viewers ?? new Set();
    const admitted = audience.filter((client) => viewers.has(client) || client.hasRoom());
    if (admitted.length === 0) return undefined;

    // As Qt names them. They need not be secret: clients can use what they were shown, and nothing else.
    const id = `{${globalThis.crypto.randomUUID()}}`;
    const published = known ?? this.#publish(id, object, this.#tableOf(object), viewers);
    if (!published.isAlive) return undefined;
    for (const client of admitted) {
      viewers.add(client);
      client.introduced.add(published);
    }
    this.#introduced.set(published.id, published);
    this.#ofObjects.set(object, published);
    return published;
  }

  /** Forgets `client`, and the objects that nobody else has been shown. */
  forget(client: ChannelClient): void {
    this.clients.delete(client);
    for (const published of client.introduced) {
      published.viewers!.delete(client);
      if (published.viewers!.size === 0) this.#remove(published);
    }
  }

  /** Ends all, without a word to the clients. */
  clear(): void {
    this.updates.clear();
    for (const client of this.clients) client.leave();
    for (const published of this.#registered.values()) this.#remove(published);
  }

  /** @throws TypeError when the object has not what is described. */
  #publish(
    id: string,
    object: AnyQObject,
    table: ObjectTable,
    viewers?: Set<ChannelClient>,
  ): PublishedObject {
    table.check(object);
    return new PublishedObject(id, object, table, viewers, (published, signal, args) => {
      if (signal === DESTROYED) this.#end(published);
      else if (table.isNotify(signal)) this.updates.note(published, signal, args);
      else this.#tell(published, signal, args);
    });
  }

  #tableOf(object: AnyQObject): ObjectTable {
    let prototype: unknown = object;
    while (prototype !== null) {
      const table = this.#tables.get(prototype);
      if (table !== undefined) return table;
      prototype = Object.getPrototypeOf(prototype);
    }
    const { name } = object.constructor;
    throw new TypeError(
      `Nothing describes a ${name}: give registerObject() a description, or call registerType().`,
    );
  }

  #tell(published: PublishedObject, signal: number, args: readonly unknown[]): void {
    const audience = [...this.clients].filter((client) => client.hears(published, signal));
    if (audience.length === 0) return;
    const message: JsonObject = { type: MessageType.Signal, object: published.id, signal };
    if (args.length > 0) {
      const name = published.table.signals[signal]!;
      message['args'] = new Rendition(this, audience).result(published, name, () => args);
    }
    for (const client of audience) client.send(message);
  }

  #end(published: PublishedObject): void {
    const { id, viewers } = published;
    const audience = [...(viewers ?? this.clients)];
    const args = [{ [REFERENCE]: true, id }];
    this.#remove(published);
    for (const client of audience) {
      client.send({ type: MessageType.Signal, object: id, signal: DESTROYED, args });
    }
  }

  #remove(published: PublishedObject): void {
    const { id, object, isRegistered } = published;
    published.release();
    (isRegistered ? this.#registered : this.#introduced).delete(id);
    if (this.#ofObjects.get(object) === published) this.#ofObjects.delete(object);
    this.updates.drop(published);
    for (const client of this.clients) client.drop(published);
  }
}
