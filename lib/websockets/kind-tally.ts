// A peer may name 2,000 codes, and whoever draws them has a line for each.
const MOST_CODES = 64;

/** How often something has happened, by kind: 64 of them, and all `other`. */
export class KindTally {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    const isKnown = this.#counts.has(kind) || this.#counts.size < MOST_CODES;
    const counted = isKnown ? kind : 'other';
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
  }

  /** The counts as they are now. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
