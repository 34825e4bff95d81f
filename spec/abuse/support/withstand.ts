import { expect } from 'chai';
import { availableParallelism, loadavg } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { CloseCode } from '../../../lib/websockets/qwebsocketprotocol.ts';
import { emitted } from '../../support/emitted.ts';
import { memoryInUse } from '../../support/memory.ts';
import { RawClient, upgradeRequest } from '../../support/raw-client.ts';
import { identified } from '../../support/secure-client.ts';
import { trusting } from '../../support/secure-peer.ts';

/** How long a well-behaved client may wait for its echo at any time, in milliseconds. */
const ECHO_WITHIN = 2000;

/** How long the traces of an attack may take to go, in milliseconds: closing has 5 s. */
const GONE_WITHIN = 8000;

// In bytes: what the garbage collector is not sure about. An attack has to be large enough for its
// leak to stand out.
const MEMORY_NOISE = 512 * 1024;

// What is made once for all, such as compiled code, does not grow with each attack; a leak does.
const ROUNDS = 3;

/** Where attacks come from: not the address of the well-behaved clients. */
export const ATTACKER = '127.0.0.2';

/** What is attacked: an echo server. */
export class Target {
  readonly server: QWebSocketServer;
  /** The sockets that the server has now. */
  readonly sockets = new Set<QWebSocket>();
  /** What the server has complained of. */
  readonly complaints: [code: CloseCode, description: string][] = [];
  readonly #attackers: RawClient[] = [];

  constructor(isSecure: boolean) {
    this.server = new QWebSocketServer(
      'Target',
      isSecure ? QWebSocketServer.SecureMode : QWebSocketServer.NonSecureMode,
    );
    if (isSecure) this.server.setSslConfiguration(identified());
    this.server.newConnection.connect(() => this.#welcome());
    this.server.serverError.connect((code) => {
      this.complaints.push([code, this.server.errorString()]);
    });
    this.server.listen(QHostAddress.LocalHost);
  }

  get port(): number {
    return this.server.serverPort();
  }

  /** A TCP connection from `from` that has not said anything yet. */
  async connect(from: string = ATTACKER): Promise<RawClient> {
    const attacker = await RawClient.connect(this.port, '127.0.0.1', from);
    this.#attackers.push(attacker);
    return attacker;
  }

  /** A connection after the opening handshake, and what the server calls its end. */
  async open(from?: string): Promise<[attacker: RawClient, socket: QWebSocket]> {
    const attacker = await this.connect(from);
    attacker.write(upgradeRequest());
    await attacker.hears('\r\n\r\n');
    return [attacker, this.socketOf(attacker)];
  }

  /** What the server calls the end of an attacker that has gone through the opening handshake. */
  socketOf(attacker: RawClient): QWebSocket {
    const { localPort } = attacker.socket;
    for (const socket of this.sockets) if (socket.peerPort() === localPort) return socket;
    throw new Error('This attacker has no socket.');
  }

  /** Waits until the server has but `count` sockets. */
  async hasOnly(count: number): Promise<void> {
    await becomes(true, () => this.sockets.size <= count);
  }

  /** Cuts all attackers, and forgets what there was of them. */
  callOff(): void {
    for (const { socket } of this.#attackers) socket.destroy();
    this.#attackers.length = 0;
    this.complaints.length = 0;
  }

  #welcome(): void {
    const socket = this.server.nextPendingConnection();
    if (socket === null) return;
    this.sockets.add(socket);
    socket.textMessageReceived.connect((message) => socket.sendTextMessage(message));
    socket.binaryMessageReceived.connect((message) => socket.sendBinaryMessage(message));
    socket.disconnected.connect(() => {
      this.sockets.delete(socket);
      socket.deleteLater();
    });
  }
}

/** What is different about a {@link withstand | target}. */
export interface Conditions {
  /** Whether the target speaks TLS. */
  readonly isSecure?: boolean;
  /** Whether new clients get in during the attack; where a limit is reached, none does. */
  readonly isOpen?: boolean;
  /** Sets limits of the target. */
  prepare?(server: QWebSocketServer): void;
}

/**
 * Attacks an echo server, and fails if
 *
 * - a well-behaved client, connected before or during the attack, does not get an echo in time, or
 * - memory, handles, timers or listeners are not what they were, once the attackers have gone.
 *
 * @param attack stops when it resolves; it checks itself what only it can see. It is run again when
 *   memory has grown.
 */
export async function withstand(
  attack: (target: Target) => Promise<void>,
  { isSecure = false, isOpen = true, prepare }: Conditions = {},
): Promise<void> {
  const target = new Target(isSecure);
  try {
    prepare?.(target.server);
    // What is made for the first client is not the attack's.
    await probe(target);
    await tidy(target);
    const before = traces();

    let growth = Infinity;
    for (let round = 0; round < ROUNDS && growth > MEMORY_NOISE; round++) {
      const memoryBefore = memoryInUse();
      await endure(attack, target, isOpen);
      target.callOff();
      await tidy(target);
      await becomes(before, traces);
      growth = (await memoryThatStays(memoryBefore + MEMORY_NOISE)) - memoryBefore;
    }
    expect(growth, 'memory that was not given back').to.be.at.most(MEMORY_NOISE);
  } finally {
    target.callOff();
    target.server[Symbol.dispose]();
  }
}

/** Well-behaved clients ask for their echoes until the attack is over. */
async function endure(
  attack: (target: Target) => Promise<void>,
  target: Target,
  isOpen: boolean,
): Promise<void> {
  const regular = await Echo.connect(target);
  const attacking = new Attack(attack(target));
  while (attacking.isUnderWay) {
    await regular.ask();
    if (isOpen) await probe(target);
    await setImmediate();
  }
  await attacking.over;
  await regular.ask();
  regular.leave();
}

/** Whether an attack still goes on. */
class Attack {
  readonly over: Promise<void>;
  isUnderWay = true;

  constructor(over: Promise<void>) {
    this.over = over.finally(() => (this.isUnderWay = false));
    // A failure is told where it is awaited.
    this.over.catch(() => {});
  }
}

/** A client that connects, gets its echo and leaves. */
async function probe(target: Target): Promise<void> {
  const echo = await Echo.connect(target);
  await echo.ask();
  echo.leave();
}

/** A well-behaved client. */
class Echo {
  readonly #socket = new QWebSocket();

  static async connect(target: Target): Promise<Echo> {
    const echo = new Echo();
    const socket = echo.#socket;
    socket.setSslConfiguration(trusting());
    const connected = emitted(socket.connected);
    const failed = emitted(socket.errorOccurred).then(() => {
      throw new Error(`A well-behaved client was refused: ${socket.errorString()}`);
    });
    socket.open(target.server.serverUrl());
    await inTime(Promise.race([connected, failed]), 'A well-behaved client did not get in.');
    return echo;
  }

  /** Waits for an echo. */
  async ask(): Promise<void> {
    const answer = emitted(this.#socket.textMessageReceived);
    this.#socket.sendTextMessage('Hello');
    await inTime(answer, 'A well-behaved client did not get its echo.');
  }

  leave(): void {
    this.#socket.close();
  }
}

/** Waits until the target has no connection left. */
async function tidy(target: Target): Promise<void> {
  await becomes(0, () => target.sockets.size);
}

/** The kinds of all things that keep the process alive, and the listeners of the process. */
function traces(): string[] {
  const passing = new Set(['Immediate', 'TickObject']);
  const resources = process.getActiveResourcesInfo().filter((kind) => !passing.has(kind));
  const listeners = process
    .eventNames()
    .map((name) => `${String(name)}: ${process.listenerCount(name)}`);
  return [...resources, ...listeners].toSorted();
}

/** The memory in use, also after some turns of the event loop if it is more than `enough`. */
async function memoryThatStays(enough: number): Promise<number> {
  let inUse = memoryInUse();
  for (let turn = 0; turn < 2 && inUse > enough; turn++) {
    await setTimeout(10);
    inUse = memoryInUse();
  }
  return inUse;
}

/** Waits until `measure` gives what it gave before. */
async function becomes<T>(expected: T, measure: () => T): Promise<void> {
  const giveUp = performance.now() + GONE_WITHIN * slowness();
  while (JSON.stringify(measure()) !== JSON.stringify(expected) && performance.now() < giveUp) {
    await setImmediate();
  }
  expect(measure()).to.deep.equal(expected);
}

async function inTime<T>(promise: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const within = ECHO_WITHIN * slowness();
  const late = new Promise<never>((_, reject) => {
    timer = globalThis.setTimeout(() => reject(new Error(complaint)), within);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How much longer all takes on a machine that is busy with other things. */
function slowness(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}
