/** What becomes of messages for a peer that reads too slowly, once it has too many waiting (not in Qt). @enum */
export const QueuePolicy = {
  /** The connection is closed with 1013: none is left out, or the peer learns of it. */
  Disconnect: 0,
  /** The message is not kept. */
  DropNewest: 1,
  /** Those that wait longest make room. */
  DropOldest: 2,
  /**
   * A message takes the place of the one under the same key that still waits. Those without a key are
   * all kept. When there are too many keys, the connection is closed as by `Disconnect`.
   */
  LatestPerKey: 3,
} as const;
export type QueuePolicy = (typeof QueuePolicy)[keyof typeof QueuePolicy];
