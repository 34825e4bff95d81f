/** How many there are of each kind. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    this.#counts.set(kind, this.count(kind) + 1);
  }

  /** Takes back one {@link add}. */
  remove(kind: string): void {
    const left = this.count(kind) - 1;
    if (left > 0) this.#counts.set(kind, left);
    else this.#counts.delete(kind);
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** The kind of which there are more than `number`; undefined when there is none. */
  above(number: number): string | undefined {
    for (const [kind, count] of this.#counts) if (count > number) return kind;
    return undefined;
  }
}
