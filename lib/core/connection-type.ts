/**
 * How a signal reaches a slot, as `Qt::ConnectionType`.
 *
 * `UniqueConnection` and `SingleShotConnection` are flags: combine them with each other and with
 * one of the rest by `|`. Qt's `BlockingQueuedConnection` (3) waits for another thread and is not
 * offered.
 *
 * @enum
 * @see https://doc.qt.io/qt-6/qt.html#ConnectionType-enum
 */
export const ConnectionType = {
  /** The same as `DirectConnection`: sender and receiver always live in one thread. */
  AutoConnection: 0,
  /** The slot is called before the emission returns. */
  DirectConnection: 1,
  /** The slot is called on a later turn of the event loop, in the order of the emissions. */
  QueuedConnection: 2,
  /** Nothing is connected when the signal is already connected to this slot of this receiver. */
  UniqueConnection: 0x80,
  /** The connection ends with the first emission, just before the slot is called. */
  SingleShotConnection: 0x100,
} as const;
export type ConnectionType = (typeof ConnectionType)[keyof typeof ConnectionType];
