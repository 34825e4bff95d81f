/** What tells that the machine sleeps and wakes up; as much of Electron's `powerMonitor` as is used. */
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
