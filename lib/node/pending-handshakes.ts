// How long a handshake may be under way, in milliseconds, before it gives way to a new one where
// there are too many: so a flood of silent clients does not keep others out, and honest ones that
// come all at once do not cut each other when they are nearly through.
const GRACE_MS = 1000;

/** A handshake that can be given up; it says so itself to whoever keeps it. */
export interface Cuttable {
  cut(): void;
}

/** The handshakes of a server that are under way, the oldest first. */
export class PendingHandshakes<T extends Cuttable> {
  // Each with the time when it began.
  readonly #all = new Map<T, number>();

  add(handshake: T): void {
    this.#all.set(handshake, performance.now());
  }

  delete(handshake: T): void {
    this.#all.delete(handshake);
  }

  /** Whether one more keeps within `limit`, if need be after the oldest was cut. */
  haveRoom(limit: number): boolean {
    if (limit < 0 || this.#all.size < limit) return true;
    const [oldest] = this.#all;
    if (oldest === undefined) return false;
    const [handshake, since] = oldest;
    if (performance.now() - since < GRACE_MS) return false;
    handshake.cut();
    return this.#all.size < limit;
  }

  cutAll(): void {
    for (const handshake of this.#all.keys()) handshake.cut();
  }
}
