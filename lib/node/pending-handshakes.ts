import type { RefusalReason } from '../websockets/server-statistics.ts';
import { Tally } from './tally.ts';

// How long a handshake may be under way, in milliseconds, before it gives way to a new one where
// there are too many: so a flood of silent clients does not keep others out, and honest ones that
// come all at once do not cut each other when they are nearly through.
const GRACE_MS = 1000;

/** A handshake that can be given up; it says so itself to whoever keeps it. */
export interface Cuttable {
  cut(reason: RefusalReason): void;
}

interface Beginning {
  /** Whose handshake it is; '' where that is not known. */
  readonly client: string;
  readonly time: number;
}

/** The handshakes of a server that are under way, the oldest first. */
export class PendingHandshakes<T extends Cuttable> {
  readonly #all = new Map<T, Beginning>();
  readonly #clients = new Tally();

  add(handshake: T, client: string): void {
    this.#all.set(handshake, { client, time: performance.now() });
    if (client !== '') this.#clients.add(client);
  }

  /** Has a handshake that is under way count for `client`, who is known only now. */
  move(handshake: T, client: string): void {
    const beginning = this.#all.get(handshake);
    if (beginning === undefined || beginning.client === client) return;
    if (beginning.client !== '') this.#clients.remove(beginning.client);
    if (client !== '') this.#clients.add(client);
    // It keeps its place among the others.
    this.#all.set(handshake, { client, time: beginning.time });
  }

  delete(handshake: T): void {
    const beginning = this.#all.get(handshake);
    if (beginning === undefined) return;
    this.#all.delete(handshake);
    if (beginning.client !== '') this.#clients.remove(beginning.client);
  }

  /**
   * Whether one more of `client` keeps within `limit`, if need be after another was cut.
   *
   * That is the oldest after its grace. A client that has more than half of all gives one of its own
   * instead, and to others at once: however many come, it cuts nobody else's and keeps nobody out.
   */
  haveRoom(limit: number, client: string): boolean {
    if (limit < 0 || this.#all.size < limit) return true;
    const greedy = this.#clients.above(this.#all.size / 2);
    const grace = greedy === undefined || greedy === client ? GRACE_MS : 0;
    this.#oldest(greedy, performance.now() - grace)?.cut('tooManyHandshakes');
    return this.#all.size < limit;
  }

  cutAll(): void {
    for (const handshake of this.#all.keys()) handshake.cut('closed');
  }

  /** The oldest one, of `client` if that is given, unless it is younger than `time`. */
  #oldest(client: string | undefined, time: number): T | undefined {
    for (const [handshake, beginning] of this.#all) {
      if (beginning.time > time) return undefined;
      if (client === undefined || beginning.client === client) return handshake;
    }
    return undefined;
  }
}
