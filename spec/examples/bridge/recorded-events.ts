import type { UpstreamEvents } from '../../../examples/bridge/upstream.ts';

/** What an upstream tells, in order; each can be waited for. */
export class RecordedEvents implements UpstreamEvents {
  readonly all: string[] = [];
  #wake = (): void => {};

  connected(): void {
    this.#add('connected');
  }

  lost(reason: string, delay: number): void {
    this.#add(`lost: ${reason} ${delay}`);
  }

  skipped(reason: string): void {
    this.#add(`skipped: ${reason}`);
  }

  message(text: string): void {
    this.#add(text);
  }

  /** Waits until there are so many. */
  async count(count: number): Promise<string[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.all;
  }

  #add(event: string): void {
    this.all.push(event);
    this.#wake();
  }
}
