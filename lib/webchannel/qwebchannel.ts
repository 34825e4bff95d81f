import type { AnyQObject } from '../core/any-qobject.ts';
import { reportUncaught } from '../core/emission.ts';
import { QObject } from '../core/qobject.ts';
import type { Signal } from '../core/signal.ts';
import { ChannelClient } from './channel-client.ts';
import type { ObjectDescription } from './object-description.ts';
import { ObjectPublisher, type ObjectClass } from './object-publisher.ts';
import { ObjectTable, type PlainDescription } from './object-table.ts';
import type { QWebChannelAbstractTransport } from './qwebchannelabstracttransport.ts';

/** What a timer can be set to. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** The signals of a QWebChannel and what they carry. */
export interface QWebChannelSignals {
  blockUpdatesChanged: [block: boolean];
  debugMessage: [text: string, transport: QWebChannelAbstractTransport];
  invocationFailed: [error: unknown, id: string, member: string];
  messageRefused: [reason: string, transport: QWebChannelAbstractTransport];
}

/**
 * Shows objects to remote clients: Qt's `qwebchannel.js` in pages, QML and Node.
 *
 * JavaScript has no `Q_OBJECT`, so an object comes with a description of what clients may see of it:
 *
 * ```ts
 * channel.registerObject('chat', chat, {
 *   properties: { users: { notify: 'usersChanged' } },
 *   methods: { login: ['string'] },
 *   signals: ['newMessage'],
 * });
 * ```
 *
 * Clients see what is named there and nothing else. QObjects that methods return, or that properties
 * and signals carry, become known to the clients that get them; {@link registerType} describes those.
 * A method that returns a promise is answered when that is settled.
 *
 * What clients send is checked: what is no message, or does not fit the description, is not followed;
 * {@link messageRefused} tells of it. Calls that cannot be made are answered with null.
 *
 * @see https://doc.qt.io/qt-6/qwebchannel.html
 */
export class QWebChannel extends QObject<QWebChannelSignals> {
  readonly #publisher: ObjectPublisher;
  readonly #clients = new Map<QWebChannelAbstractTransport, ChannelClient>();

  /** @param parent destroys the channel when it is destroyed itself. */
  constructor(parent: AnyQObject | null = null) {
    super(parent);
    this.#publisher = new ObjectPublisher({
      debugMessage: (text, transport) => this.announce('debugMessage', text, transport),
      failed: (error, id, member) => {
        if (this.isDestroyed) return;
        if (!this.announce('invocationFailed', error, id, member)) reportUncaught(error);
      },
      refused: (reason, transport) => this.announce('messageRefused', reason, transport),
    });
  }

  /** Emitted when {@link setBlockUpdates} has changed something. */
  get blockUpdatesChanged(): Signal<QWebChannelSignals['blockUpdatesChanged']> {
    return this.signal('blockUpdatesChanged');
  }

  /** Emitted for what a client says with `debug()` (not in Qt, which prints it). */
  get debugMessage(): Signal<QWebChannelSignals['debugMessage']> {
    return this.signal('debugMessage');
  }

  /**
   * Emitted when a method, a property or its setter has thrown, a promise was rejected, or a value
   * cannot be sent (not in Qt). The client gets null.
   *
   * Without a slot the error becomes an uncaught exception, as that of a slot would.
   */
  get invocationFailed(): Signal<QWebChannelSignals['invocationFailed']> {
    return this.signal('invocationFailed');
  }

  /**
   * Emitted when a message of a client was not followed, with a sentence that says why (not in Qt,
   * which prints it).
   */
  get messageRefused(): Signal<QWebChannelSignals['messageRefused']> {
    return this.signal('messageRefused');
  }

  /**
   * Shows `object` to clients by the name `id`.
   *
   * Clients that are there already do not see it, as in Qt: they learn of the objects when they begin.
   * The object is not kept alive for them; when it is destroyed, they hear so.
   *
   * @param description what they see; needed unless {@link registerType} has described its class.
   * @throws TypeError when the object has not what is described or has been destroyed, when two
   * members have the same name, or when the object or the id is registered with another one.
   */
  registerObject<Type extends AnyQObject>(
    id: string,
    object: Type,
    description?: ObjectDescription<Type>,
  ): void {
    this.#publisher.register(id, object, description && tableOf(description));
  }

  /**
   * Shows objects to clients by their names, see {@link registerObject}; {@link registerType} has
   * described their classes.
   */
  registerObjects(objects: Readonly<Record<string, AnyQObject>>): void {
    for (const [id, object] of Object.entries(objects)) this.registerObject(id, object);
  }

  /**
   * Describes all objects of the class `type`, and of those derived from it (not in Qt, where the
   * class itself does).
   *
   * @throws TypeError when two members have the same name.
   */
  registerType<Type extends AnyQObject>(
    type: ObjectClass<Type>,
    description: ObjectDescription<Type>,
  ): void {
    this.#publisher.describe(type, tableOf(description));
  }

  /** The objects that are registered, by their ids. */
  registeredObjects(): Map<string, AnyQObject> {
    return this.#publisher.registeredObjects();
  }

  /** Hides `object` from the clients, to whom it is as if it were destroyed. */
  deregisterObject(object: AnyQObject): void {
    this.#publisher.deregister(object);
  }

  /** Serves the client behind `transport`, until that is destroyed. */
  connectTo(transport: QWebChannelAbstractTransport): void {
    if (this.isDestroyed || this.#clients.has(transport)) return;
    const connection = transport.destroyed.connect(this, () => this.#clients.delete(transport));
    // What has been destroyed does not say so again.
    if (!connection.isConnected()) return;
    this.#clients.set(transport, new ChannelClient(transport, this.#publisher));
  }

  /** Serves the client behind `transport` no longer. */
  disconnectFrom(transport: QWebChannelAbstractTransport): void {
    transport.destroyed.disconnect(this);
    this.#clients.get(transport)?.leave();
    this.#clients.delete(transport);
  }

  /** Whether clients are not told of changed properties, see {@link setBlockUpdates}. */
  blockUpdates(): boolean {
    return this.#publisher.updates.isBlocked;
  }

  /** Keeps changes of properties from the clients, or lets them have all that have come meanwhile. */
  setBlockUpdates(block: boolean): void {
    if (block === this.blockUpdates()) return;
    this.#publisher.updates.setBlocked(block);
    this.announce('blockUpdatesChanged', block);
  }

  /** See {@link setPropertyUpdateInterval}; 50 unless it was set. */
  propertyUpdateInterval(): number {
    return this.#publisher.updates.interval;
  }

  /**
   * Sets how long changes of properties are gathered before they are sent together, in milliseconds:
   * 0 for those of one turn of the event loop, a negative number for sending each at once.
   *
   * A client that has not dealt with one message gets no other: when it has, it is told what the
   * properties are then.
   *
   * @throws RangeError for NaN.
   */
  setPropertyUpdateInterval(interval: number): void {
    if (Number.isNaN(interval)) throw new RangeError('An interval must be a number.');
    this.#publisher.updates.setInterval(Math.min(interval, LONGEST_INTERVAL));
  }

  protected override destroy(): void {
    this.#publisher.clear();
    this.#clients.clear();
  }
}

function tableOf<Type extends AnyQObject>(description: ObjectDescription<Type>): ObjectTable {
  return new ObjectTable(description as unknown as PlainDescription);
}
