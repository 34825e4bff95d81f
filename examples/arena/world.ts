import type { Place, Player, Snapshot, Steering } from './protocol.ts';

/** The size of the arena, in units. */
export const WIDTH = 1600;
export const HEIGHT = 900;

/** How far players and gems reach from their place, in units. */
export const PLAYER_RADIUS = 24;
export const GEM_RADIUS = 10;

/** Milliseconds between two ticks: twenty in a second. */
export const INTERVAL = 50;

export const MAX_PLAYERS = 32;

const GEMS = 9;

/** The full speed in units per tick, and which part of a wanted change it makes in one. */
const SPEED = 24;
const GRIP = 0.35;

const MAX_ID = 0xff;
const MAX_SCORE = 0xffff;

interface Body {
  readonly id: number;
  x: number;
  y: number;
  speedX: number;
  speedY: number;
  steering: Steering;
  score: number;
}

/** What is true in the arena, one tick after the other: no clock, no sockets. */
export class World {
  readonly #random: () => number;
  readonly #players = new Map<number, Body>();
  #gems: Place[];
  #tick = 0;
  #lastId = 0;

  /** @param random - numbers from 0 to below 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#gems = Array.from({ length: GEMS }, () => this.#anywhere(GEM_RADIUS));
  }

  /** The id of a new player at a place of its own, or undefined when the arena is full. */
  add(): number | undefined {
    if (this.#players.size >= MAX_PLAYERS) return undefined;
    // In turn, so that nobody is taken for the one who has just left.
    do this.#lastId = (this.#lastId % MAX_ID) + 1;
    while (this.#players.has(this.#lastId));
    const id = this.#lastId;
    const steering = { x: 0, y: 0 };
    const place = this.#anywhere(PLAYER_RADIUS);
    this.#players.set(id, { id, ...place, speedX: 0, speedY: 0, steering, score: 0 });
    return id;
  }

  remove(id: number): void {
    this.#players.delete(id);
  }

  /** Has a player go somewhere from the next tick on. Nobody gets faster by going diagonally. */
  steer(id: number, { x, y }: Steering): void {
    const player = this.#players.get(id);
    const length = Math.max(1, Math.hypot(x, y));
    if (player !== undefined) player.steering = { x: x / length, y: y / length };
  }

  /** Lets a tick go by. */
  step(): void {
    this.#tick = (this.#tick + 1) >>> 0;
    for (const player of this.#players.values()) {
      move(player);
      this.#collect(player);
    }
  }

  snapshot(): Snapshot {
    const players = Array.from(this.#players.values(), ({ id, x, y, score }): Player => ({
      id,
      x,
      y,
      score,
    }));
    return { type: 'snapshot', tick: this.#tick, players, gems: this.#gems };
  }

  #collect(player: Body): void {
    this.#gems = this.#gems.map((gem) => {
      const distance = Math.hypot(gem.x - player.x, gem.y - player.y);
      if (distance > PLAYER_RADIUS + GEM_RADIUS) return gem;
      player.score = Math.min(player.score + 1, MAX_SCORE);
      return this.#anywhere(GEM_RADIUS);
    });
  }

  #anywhere(radius: number): Place {
    return {
      x: radius + this.#random() * (WIDTH - 2 * radius),
      y: radius + this.#random() * (HEIGHT - 2 * radius),
    };
  }
}

function move(player: Body): void {
  player.speedX += (player.steering.x * SPEED - player.speedX) * GRIP;
  player.speedY += (player.steering.y * SPEED - player.speedY) * GRIP;
  player.x = within(player.x + player.speedX, WIDTH);
  player.y = within(player.y + player.speedY, HEIGHT);
}

function within(place: number, size: number): number {
  return Math.min(Math.max(place, PLAYER_RADIUS), size - PLAYER_RADIUS);
}
