import { tellAll } from '../websockets/tell-all.ts';
import type { WakeSource } from '../websockets/wake-source.ts';

/** As much of a window or worker as is used here. */
interface Place {
  addEventListener?(event: 'online', listener: () => void): void;
  removeEventListener?(event: 'online', listener: () => void): void;
  /** Workers have none. */
  readonly document?: {
    readonly visibilityState: string;
    addEventListener(event: 'visibilitychange', listener: () => void): void;
    removeEventListener(event: 'visibilitychange', listener: () => void): void;
  };
}

/**
 * Tells a page or worker that there may be a network again: the browser says that it is online, or
 * the page is looked at. It listens as long as somebody does.
 */
export class PageWakes implements WakeSource {
  readonly #listeners = new Set<() => void>();
  readonly #tell = (): void => tellAll(this.#listeners);
  readonly #tellWhenVisible = (): void => {
    if (place().document?.visibilityState === 'visible') this.#tell();
  };

  /** Only `resume` is ever told. */
  on(event: string, listener: () => void): this {
    if (event !== 'resume') return this;
    this.#listeners.add(listener);
    if (this.#listeners.size > 1) return this;
    place().addEventListener?.('online', this.#tell);
    place().document?.addEventListener('visibilitychange', this.#tellWhenVisible);
    return this;
  }

  off(event: string, listener: () => void): this {
    if (event !== 'resume' || !this.#listeners.delete(listener)) return this;
    if (this.#listeners.size > 0) return this;
    place().removeEventListener?.('online', this.#tell);
    place().document?.removeEventListener('visibilitychange', this.#tellWhenVisible);
    return this;
  }
}

function place(): Place {
  return globalThis as unknown as Place;
}
