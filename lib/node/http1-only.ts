// In milliseconds: a server that is set up anew is asked again after that.
const MEMORY_MS = 5 * 60_000;

const MAX_REMEMBERED = 1000;

/** The origins that were found not to speak WebSocket over HTTP/2, for five minutes and at most 1000. */
export class Http1Only {
  readonly #until = new Map<string, number>();

  add(origin: string): void {
    this.#until.delete(origin);
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size >= MAX_REMEMBERED) this.#until.delete(oldest);
    this.#until.set(origin, performance.now() + MEMORY_MS);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#until.clear();
  }

  has(origin: string): boolean {
    const until = this.#until.get(origin);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    this.#until.delete(origin);
    return false;
  }
}
