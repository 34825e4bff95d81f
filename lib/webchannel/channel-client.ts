import type { AnyQObject } from '../core/any-qobject.ts';
import type { Connection } from '../core/connection.ts';
import { reportUncaught } from '../core/emission.ts';
import { printable } from '../network/failure-text.ts';
import { isOfType, type ChannelType } from './channel-type.ts';
import { fromJson, type JsonValue } from './json-values.ts';
import { MessageType } from './message-type.ts';
import type { ObjectPublisher } from './object-publisher.ts';
import type { Changes } from './property-updates.ts';
import type { PublishedObject } from './published-object.ts';
import type { QWebChannelAbstractTransport } from './qwebchannelabstracttransport.ts';
import { Rendition } from './rendition.ts';
import { writeMember } from './write-member.ts';

/** What is known of a message of a client: nothing. */
type Message = Readonly<Record<string, unknown>>;

/** How many calls of one client may wait for a promise. */
export const MAX_PENDING_CALLS = 1000;

/** How many objects one client may be shown that were not registered. */
export const MAX_INTRODUCED = 10_000;

/** A client of a channel: what it has asked for, and what it may use. */
export class ChannelClient {
  readonly transport: QWebChannelAbstractTransport;
  /** Whether it has dealt with the last update of properties. */
  isIdle = false;
  /** What it has not been told, because it was not idle. */
  changes: Changes = new Map();
  /** The objects it was shown that were not registered. */
  readonly introduced: Set<PublishedObject> = new Set();
  readonly #publisher: ObjectPublisher;
  readonly #connections: readonly Connection[];
  readonly #subscriptions = new Map<PublishedObject, Set<number>>();
  #pendingCalls = 0;
  #isGone = false;

  constructor(transport: QWebChannelAbstractTransport, publisher: ObjectPublisher) {
    this.transport = transport;
    this.#publisher = publisher;
    this.#connections = [
      transport.messageReceived.connect((message) => this.#receive(message)),
      transport.destroyed.connect(() => this.leave()),
    ];
    publisher.clients.add(this);
  }

  /** Whether the signal is to be sent to it. */
  hears(published: PublishedObject, signal: number): boolean {
    return this.#subscriptions.get(published)?.has(signal) === true;
  }

  /** Whether it may be shown another object, see {@link MAX_INTRODUCED}; says so otherwise. */
  hasRoom(): boolean {
    const hasRoom = this.introduced.size < MAX_INTRODUCED;
    if (!hasRoom) this.#refuse(`It has been shown ${MAX_INTRODUCED} objects.`);
    return hasRoom;
  }

  send(message: object): void {
    if (this.#isGone) return;
    try {
      this.transport.sendMessage(message);
    } catch (error) {
      // Others are to get theirs.
      reportUncaught(error);
    }
  }

  /** Forgets an object. */
  drop(published: PublishedObject): void {
    this.introduced.delete(published);
    this.changes.delete(published);
    this.#subscriptions.delete(published);
  }

  /** Ends it; its calls may still run, and are not answered. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const connection of this.#connections) connection.disconnect();
    this.#publisher.forget(this);
  }

  #receive(message: unknown): void {
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      this.#refuse('The message is no JSON object.');
      return;
    }
    this.#follow(message as Message);
  }

  #follow(message: Message): void {
    switch (message['type']) {
      case MessageType.Idle:
        this.isIdle = true;
        this.#publisher.updates.catchUp(this);
        break;
      case MessageType.Init:
        this.#initialize(message['id']);
        break;
      case MessageType.Debug:
        this.#debug(message['data']);
        break;
      case MessageType.InvokeMethod:
      case MessageType.ConnectToSignal:
      case MessageType.DisconnectFromSignal:
      case MessageType.SetProperty:
        this.#use(message);
        break;
      default:
        this.#refuse(`The message has the type ${quoted(message['type'])}.`);
    }
  }

  #debug(text: unknown): void {
    if (typeof text === 'string') this.#publisher.events.debugMessage(text, this.transport);
    else this.#refuse('The debug message is no text.');
  }

  #initialize(id: unknown): void {
    if (!isCallId(id)) {
      this.#refuse('The message has no id.');
      return;
    }
    // It gets the values of now.
    this.changes.clear();
    this.#respond(id, this.#publisher.everything(this));
  }

  #use(message: Message): void {
    const { type, object: id, signal, property, value } = message;
    const published = typeof id === 'string' ? this.#publisher.seenBy(this, id) : undefined;
    if (published === undefined) this.#refuse(`Unknown object encountered ${quoted(id)}.`);
    else if (type === MessageType.InvokeMethod) this.#invoke(published, message);
    else if (type === MessageType.SetProperty) this.#setProperty(published, property, value);
    else this.#subscribe(published, signal, type === MessageType.ConnectToSignal);
  }

  #subscribe(published: PublishedObject, signal: unknown, isWanted: boolean): void {
    const { table } = published;
    if (!table.hasSignal(signal)) {
      this.#refuse(`Cannot find signal with index ${quoted(signal)} of ${published.id}.`);
      return;
    }
    const signals = this.#subscriptions.get(published) ?? new Set();
    this.#subscriptions.set(published, signals);
    if (isWanted) signals.add(signal);
    else signals.delete(signal);
  }

  #setProperty(published: PublishedObject, which: unknown, value: unknown): void {
    const { id, table, object } = published;
    const property = typeof which === 'number' ? table.properties[which] : undefined;
    if (property === undefined) {
      this.#refuse(`Cannot set unknown property ${quoted(which)} of ${id}.`);
      return;
    }
    const { name, write, notify, type } = property;
    const values = write === undefined ? undefined : this.#valuesOf([type], [value ?? null]);
    if (values === undefined) {
      this.#refuse(`Could not write value to property ${name} of ${id}.`);
      return;
    }
    const signal = notify === undefined ? undefined : table.signals[notify]!;
    this.#run(published, name, () => writeMember(object, write!, values, signal));
  }

  #invoke(published: PublishedObject, { id, method: which, args }: Message): void {
    if (!isCallId(id)) {
      this.#refuse('The message has no id.');
      return;
    }
    const { table, object } = published;
    const method = table.method(which);
    const given: readonly unknown[] = Array.isArray(args) ? args : [];
    const values = method === undefined ? undefined : this.#valuesOf(method.types, given);
    const where = `${quoted(which)} with ${given.length} arguments on object ${published.id}`;
    if (method === undefined || values === undefined) {
      this.#refuse(`No candidates found for ${where}.`);
      this.#respond(id, null);
    } else if (method.name === 'deleteLater' && published.isRegistered) {
      this.#refuse(`Not deleting non-wrapped object ${published.id}.`);
      this.#respond(id, null);
    } else {
      const act = (): unknown =>
        (object as unknown as Record<string, (...rest: readonly unknown[]) => unknown>)[
          method.name
        ]!(...values);
      this.#run(published, method.name, act, (result) => {
        // The call may have ended this client, to whom nothing is to be introduced any more.
        if (this.#isGone) return;
        const rendition = new Rendition(this.#publisher, [this]);
        this.#respond(
          id,
          rendition.result(published, method.name, () => result),
        );
      });
    }
  }

  /** What came from a client, when it fits the types; undefined otherwise. */
  #valuesOf(types: readonly ChannelType[], given: readonly unknown[]): unknown[] | undefined {
    if (given.length !== types.length) return undefined;
    const found = fromJson(given, (id): AnyQObject | null => {
      return this.#publisher.seenBy(this, id)?.object ?? null;
    });
    const values = found?.value as unknown[] | undefined;
    return values?.every((value, index) => isOfType(types[index]!, value)) === true
      ? values
      : undefined;
  }

  /** Does what a client asks of an object, and goes on with what comes of it, now or later. */
  #run(
    published: PublishedObject,
    member: string,
    act: () => unknown,
    done: (result: unknown) => void = () => {},
  ): void {
    if (this.#pendingCalls >= MAX_PENDING_CALLS) {
      this.#refuse(`Too many calls wait: ${member} of ${published.id}.`);
      done(null);
      return;
    }
    const fail = (error: unknown): void => {
      this.#publisher.events.failed(error, published.id, member);
      done(null);
    };
    try {
      const result = act();
      if (isThenable(result)) void this.#wait(result, done, fail);
      else done(result);
    } catch (error) {
      fail(error);
    }
  }

  async #wait(
    promise: PromiseLike<unknown>,
    done: (result: unknown) => void,
    fail: (error: unknown) => void,
  ): Promise<void> {
    this.#pendingCalls++;
    try {
      done(await promise);
    } catch (error) {
      fail(error);
    } finally {
      this.#pendingCalls--;
    }
  }

  #respond(id: number | string, data: JsonValue): void {
    this.send({ type: MessageType.Response, id, data });
  }

  #refuse(reason: string): void {
    this.#publisher.events.refused(reason, this.transport);
  }
}

/** Qt's client numbers its calls. */
function isCallId(id: unknown): id is number | string {
  return typeof id === 'number' || typeof id === 'string';
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** What a client has written, as it may stand in a log. */
function quoted(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `"${printable(value)}"` : printable(String(value));
}
