import { tellAll } from './tell-all.ts';
import type { WakeSource } from './wake-source.ts';

/** How often to look at the clock, in milliseconds. */
const INTERVAL = 5_000;

/** How late a look may be without anything being made of it: the process may have been busy. */
const TOLERANCE = 10_000;

/**
 * Tells that the machine has slept, where nothing better does such as Electron's `powerMonitor` (not
 * in Qt): a `wakeSource` for a `KeepAlive` or a `Reconnector`, which has one itself in Node.
 *
 * Every 5 seconds it looks at the clock. When that is more than 10 seconds ahead of what it should
 * be, `resume` is told, up to 5 seconds after waking up. A clock that was put forward looks the same,
 * which costs a ping. It looks as long as somebody listens, and keeps no process alive.
 */
export class ClockJumps implements WakeSource {
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #before = 0;

  /** Only `resume` is ever told. */
  on(event: string, listener: () => void): this {
    if (event !== 'resume') return this;
    this.#listeners.add(listener);
    if (this.#timer === undefined) this.#wait();
    return this;
  }

  off(event: string, listener: () => void): this {
    if (event !== 'resume') return this;
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return this;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this;
  }

  #wait(): void {
    this.#before = Date.now();
    this.#timer = setTimeout(() => this.#look(), INTERVAL);
    // Pages count timers in numbers.
    if (typeof this.#timer === 'object') this.#timer.unref();
  }

  #look(): void {
    const hasJumped = Date.now() - this.#before > INTERVAL + TOLERANCE;
    this.#wait();
    if (hasJumped) tellAll(this.#listeners);
  }
}
