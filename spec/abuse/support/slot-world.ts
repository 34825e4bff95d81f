import { QObject } from '../../../lib/core/qobject.ts';
import type { SocketState } from '../../../lib/network/qabstractsocket.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { Reconnector } from '../../../lib/node/reconnector.ts';
import { toDuplex } from '../../../lib/node/to-duplex.ts';
import type { MemoryLink } from '../../../lib/testing/memory-link.ts';
import { openInMemory } from '../../../lib/testing/open-in-memory.ts';
import { QWebChannel } from '../../../lib/webchannel/qwebchannel.ts';
import { WebSocketTransport } from '../../../lib/webchannel/websocket-transport.ts';
import { BackPressure } from '../../../lib/websockets/back-pressure.ts';
import { drained } from '../../../lib/websockets/drained.ts';
import { emitted } from '../../../lib/websockets/emitted.ts';
import { KeepAlive } from '../../../lib/websockets/keep-alive.ts';
import { messages } from '../../../lib/websockets/messages.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { QueuePolicy } from '../../../lib/websockets/queue-policy.ts';
import type { Random } from '../../fuzz/engine/random.ts';

const { accept, deny, passToNext } = QHttpServerWebSocketUpgradeResponse;

const SIGNALS = [
  'aboutToClose',
  'binaryMessageReceived',
  'bytesWritten',
  'connected',
  'destroyed',
  'disconnected',
  'errorOccurred',
  'pong',
  'readChannelFinished',
  'stateChanged',
  'textMessageReceived',
] as const;

const DEEPEST = 4;

/** What slots of this world throw. */
export class SlotError extends Error {}

/** An object that clients of a web channel see. */
class Lamp extends QObject<{ levelChanged: [level: number]; swung: [lamp: Lamp | null] }> {
  level = 0;
  readonly #act: () => void;

  constructor(act: () => void) {
    super();
    this.#act = act;
  }

  touch(): unknown {
    this.#act();
    return Promise.resolve(this);
  }
}

/**
 * Servers, sockets and what belongs to them, in memory; in each of their slots and hooks, any call on
 * any of them may be made.
 */
export class SlotWorld {
  readonly servers: QWebSocketServer[] = [];
  readonly #random: Random;
  readonly #clients: QWebSocket[] = [];
  readonly #peers: QWebSocket[] = [];
  readonly #links: MemoryLink[] = [];
  readonly #pressures: BackPressure[] = [];
  readonly #keepAlives: KeepAlive[] = [];
  readonly #reconnectors: Reconnector[] = [];
  readonly #channels: QWebChannel[] = [];
  readonly #lamps: Lamp[] = [];
  /** How many calls slots may still make. */
  #budget = 500;
  #depth = 0;

  constructor(random: Random) {
    this.#random = random;
    for (let i = 0; i < 3; i++) this.#addServer();
    for (let i = 0; i < 4; i++) this.#addClient();
  }

  /** Makes any call, from outside of slots; what it throws is thrown here. */
  act(): void {
    this.#random.pick(this.#random.oneIn(4) ? this.#ends : this.#calls)();
  }

  /** Has slots do nothing any more, and lets everything that is under way through. */
  calm(): void {
    this.#budget = 0;
    for (const helper of this.#helpers) helper[Symbol.dispose]();
    for (const link of this.#links) link.proceed();
  }

  /** The states of all sockets. */
  states(): SocketState[] {
    return this.#sockets.map((socket) => socket.state());
  }

  /** Ends everything. */
  end(): void {
    for (const object of [...this.#sockets, ...this.servers]) object[Symbol.dispose]();
    for (const link of this.#links) link.cut();
  }

  get #sockets(): QWebSocket[] {
    return [...this.#clients, ...this.#peers];
  }

  get #helpers(): QObject[] {
    return [
      ...this.#pressures,
      ...this.#keepAlives,
      ...this.#reconnectors,
      ...this.#channels,
      ...this.#lamps,
    ];
  }

  #any<T>(from: readonly T[]): T | undefined {
    return from.length === 0 ? undefined : this.#random.pick(from);
  }

  /** What every slot does: mostly nothing, else any call; now and then it throws. */
  readonly #slot = (): void => {
    if (this.#budget === 0 || this.#depth === DEEPEST || !this.#random.oneIn(3)) return;
    this.#budget--;
    this.#depth++;
    try {
      if (this.#random.oneIn(20)) throw new SlotError();
      this.act();
    } finally {
      this.#depth--;
    }
  };

  /** The same for promises, whose rejection nobody hears of. */
  readonly #later = (): void => {
    try {
      this.#slot();
    } catch (error) {
      if (!(error instanceof SlotError)) throw error;
    }
  };

  #listen(object: QObject, names: readonly string[]): void {
    for (const name of names) object.on(name as 'destroyed', this.#slot);
  }

  #text(): string {
    return 'x'.repeat(this.#random.pick([0, 5, 60_000]));
  }

  #addServer(): void {
    const server = new QWebSocketServer(`Server ${this.servers.length}`, SslMode.NonSecureMode);
    this.servers.push(server);
    this.#listen(server, ['newConnection', 'serverError', 'closed', 'destroyed']);
    server.newConnection.connect(() => this.#fetch(server));
    if (this.#random.oneIn(2)) return;
    server.addWebSocketUpgradeVerifier(
      this.#random.pick(this.servers),
      async (_request, signal) => {
        signal.addEventListener('abort', this.#later);
        this.#later();
        if (this.#random.oneIn(3)) await new Promise((resolve) => setTimeout(resolve, 50));
        return this.#random.pick([accept, accept, accept, deny, passToNext])();
      },
    );
  }

  #fetch(server: QWebSocketServer): void {
    const peer = server.nextPendingConnection();
    if (peer === null) return;
    this.#listen(peer, SIGNALS);
    this.#peers.push(peer);
  }

  #addClient(): void {
    const client = new QWebSocket();
    this.#listen(client, SIGNALS);
    this.#clients.push(client);
    this.#open(client);
  }

  #open(client: QWebSocket): void {
    const path = this.#random.pick(['/', '/a/b']);
    const server = this.#random.pick(this.servers);
    this.#links.push(openInMemory(client, server, `ws://localhost${path}`));
  }

  #addReconnector(): void {
    const client = this.#random.pick(this.#clients);
    const options = {
      firstDelay: 10,
      longestDelay: 50,
      hookTimeout: 100,
      resubscribe: (): unknown => {
        this.#slot();
        return this.#random.oneIn(4) ? new Promise(() => {}) : undefined;
      },
      isFatal: ({ isFatal }: { readonly isFatal: boolean }): boolean => {
        this.#slot();
        return isFatal;
      },
    };
    try {
      const reconnector = new Reconnector(client, options);
      this.#listen(reconnector, ['reconnecting', 'reconnected', 'gaveUp']);
      this.#reconnectors.push(reconnector);
    } catch (error) {
      // It has one already, or has been destroyed.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  #addPressure(): void {
    const pressure = new BackPressure({
      highWaterMark: 1000,
      maxMessages: 3,
      policy: () => this.#random.pick(Object.values(QueuePolicy)),
    });
    this.#listen(pressure, ['congested', 'drained']);
    this.#pressures.push(pressure);
  }

  #addKeepAlive(): void {
    const keepAlive = new KeepAlive({ interval: 100, timeout: 80 });
    this.#listen(keepAlive, ['peerLost']);
    this.#keepAlives.push(keepAlive);
  }

  #addChannel(): void {
    const channel = new QWebChannel();
    this.#listen(channel, ['messageRefused', 'invocationFailed']);
    const lamp = new Lamp(this.#slot);
    channel.registerObject('lamp', lamp, {
      properties: { level: { write: 'level', type: 'number', notify: 'levelChanged' } },
      methods: { touch: [] },
      signals: ['swung'],
    });
    this.#lamps.push(lamp);
    this.#channels.push(channel);
  }

  #ask(client: QWebSocket | undefined): void {
    const message = this.#random.pick([
      { type: 3, id: 1 },
      { type: 4 },
      { type: 6, id: 2, object: 'lamp', method: 'touch', args: [] },
      { type: 7, object: 'lamp', signal: 2 },
      { type: 9, object: 'lamp', property: 0, value: this.#random.below(3) },
    ]);
    client?.sendTextMessage(JSON.stringify(message));
  }

  async #read(socket: QWebSocket | undefined): Promise<void> {
    if (socket === undefined) return;
    try {
      for await (const message of messages(socket)) {
        this.#later();
        if (message.length > 0 && this.#random.oneIn(3)) break;
      }
    } catch {
      this.#later();
    }
  }

  #wait(socket: QWebSocket | undefined): void {
    if (socket === undefined) return;
    emitted(socket.textMessageReceived).then(this.#later, this.#later);
  }

  #stream(socket: QWebSocket | undefined): void {
    if (socket === undefined) return;
    const stream = toDuplex(socket);
    for (const event of ['data', 'error', 'close']) stream.on(event, this.#later);
    stream.write('by a stream');
    this.#random.pick([() => {}, () => stream.end(), () => stream.destroy()])();
  }

  /** What builds up and moves. */
  readonly #calls: readonly (() => unknown)[] = [
    () => this.#addClient(),
    () => this.#addReconnector(),
    () => this.#addPressure(),
    () => this.#addKeepAlive(),
    () => this.#addChannel(),
    () => this.#open(this.#random.pick(this.#clients)),
    () => this.#fetch(this.#random.pick(this.servers)),
    () => this.#any(this.#sockets)?.sendTextMessage(this.#text()),
    () => this.#any(this.#sockets)?.sendBinaryMessage(new Uint8Array(10)),
    () => this.#any(this.#sockets)?.ping(),
    () => this.#wait(this.#any(this.#sockets)),
    () => this.#read(this.#any(this.#sockets)),
    () => this.#stream(this.#any(this.#sockets)),
    () => drained(this.#random.pick(this.#clients), { mark: 0 }).then(this.#later, this.#later),
    () => this.#any(this.#links)?.proceed(),
    () => this.#subscribe('subscribe'),
    () => this.#subscribe('unsubscribe'),
    () => this.#any(this.servers)?.publish('topic', this.#text(), { retain: true }),
    () => this.#any(this.servers)?.broadcastTextMessage(this.#text()),
    () => this.#any(this.servers)?.setTopicBackPressure(this.#any(this.#pressures) ?? null),
    () => this.#any(this.#pressures)?.broadcast(this.#sockets, this.#text(), { key: 'key' }),
    () => this.#any(this.#keepAlives)?.add(this.#random.pick([...this.#sockets, ...this.servers])),
    () => this.#any(this.#keepAlives)?.probe(),
    () => this.#any(this.#reconnectors)?.start(),
    () => this.#any(this.#reconnectors)?.sendTextMessage('again'),
    () => this.#publish(),
    () => this.#ask(this.#any(this.#clients)),
    () => this.#any(this.#lamps)?.emit('swung', this.#any(this.#lamps) ?? null),
  ];

  /** What takes apart. */
  readonly #ends: readonly (() => unknown)[] = [
    () => this.#any(this.#sockets)?.abort(),
    () => this.#any(this.#sockets)?.close(),
    () => this.#any(this.#sockets)?.deleteLater(),
    () => this.#any(this.#sockets)?.[Symbol.dispose](),
    () => this.#any(this.#links)?.cut(),
    () => this.#any(this.#links)?.stall(),
    () => this.#any(this.#keepAlives)?.remove(this.#random.pick(this.servers)),
    () => this.#any(this.#reconnectors)?.stop(),
    () => this.#any(this.#helpers)?.[Symbol.dispose](),
    () => this.#any(this.servers)?.close(),
    () => this.#any(this.servers)?.detach(),
    () => this.#attach(),
    () => this.#random.oneIn(4) && this.#any(this.servers)?.[Symbol.dispose](),
  ];

  #subscribe(how: 'subscribe' | 'unsubscribe'): void {
    const peer = this.#any(this.#peers);
    if (peer !== undefined) this.#random.pick(this.servers)[how](peer, 'topic');
  }

  #publish(): void {
    const peer = this.#any(this.#peers);
    if (peer !== undefined) this.#any(this.#channels)?.connectTo(new WebSocketTransport(peer));
  }

  #attach(): void {
    const [one, other] = [this.#random.pick(this.servers), this.#random.pick(this.servers)];
    if (one !== other) one.attach(other, { path: '/a/<b>' });
  }
}
