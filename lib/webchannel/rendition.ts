import type { AnyQObject } from '../core/any-qobject.ts';
import type { ChannelClient } from './channel-client.ts';
import { REFERENCE, toJson, type JsonObject, type JsonValue } from './json-values.ts';
import type { ObjectPublisher } from './object-publisher.ts';
import type { PropertyEntry } from './object-table.ts';
import type { PublishedObject } from './published-object.ts';

/** One message in the making: who is to get it, and which objects it has told all about. */
export class Rendition {
  readonly #publisher: ObjectPublisher;
  readonly #audience: readonly ChannelClient[];
  readonly #told = new Set<PublishedObject>();

  constructor(publisher: ObjectPublisher, audience: readonly ChannelClient[]) {
    this.#publisher = publisher;
    this.#audience = audience;
  }

  /** All about an object. */
  about(published: PublishedObject): JsonObject {
    const { table } = published;
    return table.show(table.properties.map((property) => this.valueOf(published, property)));
  }

  /** What a property is now; null when it cannot be had. */
  valueOf(published: PublishedObject, { name, read }: PropertyEntry): JsonValue {
    const { object } = published;
    return this.result(published, name, () => {
      const member = (object as unknown as Record<string, unknown>)[read];
      return typeof member === 'function' ? (member.call(object) as unknown) : member;
    });
  }

  /** What `member` of an object has come to, or null and a word to the program when it has thrown. */
  result(published: PublishedObject, member: string, get: () => unknown): JsonValue {
    try {
      return toJson(get(), (object) => this.#refer(object));
    } catch (error) {
      this.#publisher.events.failed(error, published.id, member);
      return null;
    }
  }

  /** The id of `object` and, once and where it was not registered, all about it. */
  #refer(object: AnyQObject): JsonValue {
    const published = this.#publisher.introduce(object, this.#audience);
    if (published === undefined) return null;
    const reference: JsonObject = { [REFERENCE]: true, id: published.id };
    if (published.isRegistered || this.#told.has(published)) return reference;
    this.#told.add(published);
    return { ...reference, data: this.about(published) };
  }
}
