import { reportUncaught } from '../core/emission.ts';
import type { WakeSource } from './wake-source.ts';

/** Listens to a source that may be the application's own: what it throws is reported, and ends nothing. */
export class WakeListener {
  readonly #source: WakeSource;
  // Kept, so that the source can be told to forget them.
  readonly #onSuspend: () => void;
  readonly #onWake: () => void;

  /**
   * @param asleep is called before the machine goes to sleep, where that is told.
   * @param awake is called when it has woken up.
   */
  constructor(source: WakeSource, asleep: () => void, awake: () => void) {
    this.#source = source;
    this.#onSuspend = asleep;
    this.#onWake = awake;
  }

  start(): void {
    this.#listen('on');
  }

  stop(): void {
    this.#listen('off');
  }

  #listen(how: 'on' | 'off'): void {
    try {
      this.#source[how]('suspend', this.#onSuspend);
      this.#source[how]('resume', this.#onWake);
      this.#source[how]('unlock-screen', this.#onWake);
    } catch (error) {
      reportUncaught(error);
    }
  }
}
