/**
 * What tells that the machine sleeps and wakes up: Electron's `powerMonitor`, of which as much is here
 * as is used, or a `ClockJumps`. A `KeepAlive` and a `Reconnector` take one.
 */
export interface WakeSource {
  /** Has `listener` called before the machine goes to sleep. */
  on(event: 'suspend', listener: () => void): unknown;
  /** Has `listener` called when it has woken up. */
  on(event: 'resume', listener: () => void): unknown;
  /** Has `listener` called when its screen was unlocked. */
  on(event: 'unlock-screen', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'suspend', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'resume', listener: () => void): unknown;
  /** Ends what {@link on} began. */
  off(event: 'unlock-screen', listener: () => void): unknown;
}
