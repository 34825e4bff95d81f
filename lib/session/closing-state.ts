/** How far a {@link Session} is on its way to the end (RFC 6455 §7.1). */
export const ClosingState = {
  /** Nothing has been closed yet. */
  Open: 0,
  /** Our Close frame is out; what the peer sends before its own still counts. */
  ClosedByUs: 1,
  /** Nothing that comes counts any more; the end of the stream is awaited. */
  Ending: 2,
  /** The stream is gone, or given up. */
  Gone: 3,
} as const;
export type ClosingState = (typeof ClosingState)[keyof typeof ClosingState];
