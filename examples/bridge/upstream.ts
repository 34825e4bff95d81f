/** A service whose news are passed on. */
export interface Upstream {
  /** How the service is called where people read it. */
  readonly name: string;

  /** Asks for news from now on, and again whenever the service was away. */
  start(events: UpstreamEvents): void;

  /** Ends it; no event comes afterwards. */
  stop(): void;

  /** Passes a line to the service, if it takes any; false when it cannot now. */
  send?(line: string): boolean;
}

/** What an upstream tells. */
export interface UpstreamEvents {
  /** The service is there. */
  connected(): void;
  /** The service is away, and is asked again after `delay` milliseconds. */
  lost(reason: string, delay: number): void;
  /** Something has come that is too large to be passed on. */
  skipped(reason: string): void;
  message(text: string): void;
}

/** The timers that upstreams wait with: the global ones, or a fake clock's. */
export type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

/** What went wrong, as a sentence. A host that fails at all its addresses has a code and no text. */
export function reasonOf(error: Error & { readonly code?: unknown }): string {
  return `${error.message || String(error.code)}.`;
}
