import { QWebSocketPreparedMessage } from 'qwebsockets';
import { writeSnapshot, writeWelcome, type Steering } from './protocol.ts';
import { HEIGHT, INTERVAL, WIDTH, type World } from './world.ts';

/** What the game needs of a socket. */
export interface PlayerSocket {
  sendBinaryMessage(data: Uint8Array): number;
  sendPreparedMessage(message: QWebSocketPreparedMessage): number;
  bytesToWrite(): number;
  ping(): void;
  abort(): void;
}

/** The timer that the game runs on: the global one, or a fake clock's. */
export type Timers = Pick<typeof globalThis, 'setInterval' | 'clearInterval'>;

/**
 * A player with more than this waiting to be written gets no snapshots, in bytes: each says all,
 * so none that is left out is missed.
 */
export const MAX_BACKLOG = 16 * 1024;

/** How often players are pinged, and how long they may be silent, in ticks. */
const PING_EVERY = 100;
const LONGEST_SILENCE = 300;

/** The messages a player may send: so many at once, and so many in each tick. */
const MOST_AT_ONCE = 60;
const MOST_PER_TICK = 3;

interface Seat {
  readonly id: number;
  silence: number;
  allowance: number;
}

/** The world, its players' sockets, and the one timer that moves both. */
export class Game {
  readonly #world: World;
  readonly #timers: Timers;
  readonly #seats = new Map<PlayerSocket, Seat>();
  #timer: ReturnType<Timers['setInterval']> | undefined;
  #ticks = 0;

  constructor(world: World, timers: Timers = globalThis) {
    this.#world = world;
    this.#timers = timers;
  }

  /** Gives a socket a player of its own, and tells it which; false when the arena is full. */
  join(socket: PlayerSocket): boolean {
    const id = this.#world.add();
    if (id === undefined) return false;
    this.#seats.set(socket, { id, silence: 0, allowance: MOST_AT_ONCE });
    socket.sendBinaryMessage(
      writeWelcome({ player: id, width: WIDTH, height: HEIGHT, interval: INTERVAL }),
    );
    this.#timer ??= this.#timers.setInterval(() => this.#tick(), INTERVAL);
    return true;
  }

  /** Takes the player of a socket away; an empty arena stands still. */
  leave(socket: PlayerSocket): void {
    const seat = this.#seats.get(socket);
    if (seat === undefined) return;
    this.#seats.delete(socket);
    this.#world.remove(seat.id);
    if (this.#seats.size === 0) this.stop();
  }

  has(socket: PlayerSocket): boolean {
    return this.#seats.has(socket);
  }

  /** Notes a sign of life. */
  hear(socket: PlayerSocket): void {
    const seat = this.#seats.get(socket);
    if (seat !== undefined) seat.silence = 0;
  }

  /** Counts a message; false when the player sends more than anyone has to say. */
  allow(socket: PlayerSocket): boolean {
    const seat = this.#seats.get(socket);
    if (seat === undefined || seat.allowance === 0) return false;
    seat.allowance -= 1;
    return true;
  }

  steer(socket: PlayerSocket, steering: Steering): void {
    const seat = this.#seats.get(socket);
    if (seat !== undefined) this.#world.steer(seat.id, steering);
  }

  stop(): void {
    this.#timers.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#ticks += 1;
    this.#world.step();
    const snapshot = QWebSocketPreparedMessage.fromBinary(writeSnapshot(this.#world.snapshot()));
    for (const [socket, seat] of this.#seats) {
      seat.allowance = Math.min(seat.allowance + MOST_PER_TICK, MOST_AT_ONCE);
      seat.silence += 1;
      if (seat.silence > LONGEST_SILENCE) socket.abort();
      else if (socket.bytesToWrite() <= MAX_BACKLOG) this.#update(socket, snapshot);
    }
  }

  #update(socket: PlayerSocket, snapshot: QWebSocketPreparedMessage): void {
    socket.sendPreparedMessage(snapshot);
    if (this.#ticks % PING_EVERY === 0) socket.ping();
  }
}
