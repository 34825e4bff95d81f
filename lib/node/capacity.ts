import type { ServerSettings } from '../websockets/server-backend.ts';
import type { Census } from './census.ts';
import type { Cuttable, PendingHandshakes } from './pending-handshakes.ts';

/** What there may be too much of for another connection, and what is said of it. */
export const EXCESSES = {
  tooManyConnections: 'Too many connections.',
  tooManyFromOneAddress: 'Too many connections from one address.',
  tooManyHandshakes: 'Too many pending handshakes.',
} as const;
export type Excess = keyof typeof EXCESSES;

type Limits = Pick<
  ServerSettings,
  'maxConnections' | 'maxConnectionsPerAddress' | 'maxPendingHandshakes'
>;

/** Whether there is room for more among those who are connected to a server. */
export class Capacity {
  readonly #limits: Readonly<Limits>;
  readonly #census: Census;
  readonly #handshakes: PendingHandshakes<Cuttable>;

  /** @param limits are read anew each time. */
  constructor(limits: Readonly<Limits>, census: Census, handshakes: PendingHandshakes<Cuttable>) {
    this.#limits = limits;
    this.#census = census;
    this.#handshakes = handshakes;
  }

  /**
   * Of what there is too much for another connection of `client`, '' where that is not known;
   * undefined when there is room, if need be after a handshake was cut.
   */
  excess(client: string): Excess | undefined {
    const { maxConnections } = this.#limits;
    if (maxConnections >= 0 && this.#census.size >= maxConnections) return 'tooManyConnections';
    if (this.isCrowdedBy(client)) return 'tooManyFromOneAddress';
    return this.mayBegin(client) ? undefined : 'tooManyHandshakes';
  }

  /** Whether `client` has as many connections as it may. */
  isCrowdedBy(client: string): boolean {
    const { maxConnectionsPerAddress: limit } = this.#limits;
    return limit >= 0 && this.#census.count(client) >= limit;
  }

  /** Whether `client` may begin one more handshake, if need be after another was cut. */
  mayBegin(client: string): boolean {
    return this.#handshakes.haveRoom(this.#limits.maxPendingHandshakes, client);
  }
}
