/**
 * Calls `task` on a later turn of the event loop; tasks keep their order.
 *
 * What `task` throws is an uncaught exception.
 */
export function onLaterTurn(task: () => void): void {
  // Timers wait at least a millisecond, and much longer in a hidden page; browsers have no other
  // task source that every one of them shares, while Node and Electron have setImmediate.
  if (typeof setImmediate === 'function') setImmediate(task);
  else setTimeout(task, 0);
}
