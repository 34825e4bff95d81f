import type { Player, Snapshot } from './protocol.ts';

/** How far behind the server the players are shown, in ticks: one may be late unnoticed. */
const DELAY = 2;

/** So many snapshots are kept: a page that sleeps still gets them, and shows none. */
const MOST_KEPT = 40;

/** How much one snapshot changes what is thought of the server's clock. */
const CLOCK_WEIGHT = 0.1;

/**
 * The players between two snapshots. The server speaks twenty times a second, and a screen shows
 * sixty images or more: each shows the players where they were a moment ago, on the way from one
 * snapshot to the next. The page runs this file.
 */
export class Motion {
  readonly #interval: number;
  #snapshots: Snapshot[] = [];
  /** When tick 0 was, by the clock of this side, in milliseconds. */
  #start: number | undefined;

  /** @param interval - milliseconds between two ticks */
  constructor(interval: number) {
    this.#interval = interval;
  }

  get latest(): Snapshot | undefined {
    return this.#snapshots.at(-1);
  }

  /** Takes a snapshot that came at the time `now`, in milliseconds. An old one changes nothing. */
  push(snapshot: Snapshot, now: number): void {
    if (this.latest !== undefined && snapshot.tick <= this.latest.tick) return;
    this.#snapshots.push(snapshot);
    if (this.#snapshots.length > MOST_KEPT) this.#snapshots.shift();

    const start = now - snapshot.tick * this.#interval;
    this.#start ??= start;
    this.#start += (start - this.#start) * CLOCK_WEIGHT;
  }

  /**
   * Where the players are to be shown at the time `now`. Who joins appears at the snapshot that
   * knows them first, who leaves is gone after the last one.
   */
  playersAt(now: number): readonly Player[] {
    const newest = this.latest;
    if (newest === undefined || this.#start === undefined) return [];

    const tick = (now - this.#start) / this.#interval - DELAY;
    const next = this.#snapshots.find((snapshot) => snapshot.tick > tick);
    // Nothing has come for a while: whatever one would guess now, it would have to be taken back.
    if (next === undefined) return newest.players;
    const before = this.#snapshots.findLast((snapshot) => snapshot.tick <= tick);
    if (before === undefined) return next.players;

    const part = (tick - before.tick) / (next.tick - before.tick);
    const places = new Map(next.players.map((player) => [player.id, player]));
    return before.players.flatMap((player) => {
      const target = places.get(player.id);
      if (target === undefined) return [];
      const { x, y } = player;
      return [{ ...player, x: x + (target.x - x) * part, y: y + (target.y - y) * part }];
    });
  }
}
