// In bytes. A head up to this size is always read: few clients have more to say.
const FREE = 8 * 1024;

// In bytes: what all heads of a server hold beyond that.
const SHARED = 16 * 1024 * 1024;

/**
 * How much the requests of a server hold together before they are whole: each may be long, but not
 * all of them.
 */
export class HeadBudget {
  #used = 0;

  /** Notes that a head holds `now` bytes instead of `before`; whether it may, or has to be dropped. */
  grants(before: number, now: number): boolean {
    this.#used += beyond(now) - beyond(before);
    return now <= FREE || this.#used <= SHARED;
  }
}

function beyond(size: number): number {
  return Math.max(0, size - FREE);
}
