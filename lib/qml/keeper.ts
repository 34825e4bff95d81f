import type { KeepAlive, KeepAliveOptions } from '../websockets/keep-alive.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { QWebSocketServerBase } from '../websockets/qwebsocketserver-base.ts';

/** What makes the keepers of elements on one platform. */
export interface KeeperParts {
  /** Missing where there is no ping. */
  createKeepAlive?(options: KeepAliveOptions): KeepAlive;
}

/**
 * Has `target`, once there is one, kept alive as `options` say, in the place of what `before` did;
 * `null` keeps nothing alive.
 *
 * @throws RangeError as a KeepAlive does; then everything stays as it is.
 */
export function replaceKeeper(
  before: KeepAlive | undefined,
  options: KeepAliveOptions | null,
  parts: KeeperParts,
  target: QWebSocketBase | QWebSocketServerBase | undefined,
): KeepAlive | undefined {
  // Before anything else: it may throw.
  const keeper = options === null ? undefined : parts.createKeepAlive?.(options);
  before?.[Symbol.dispose]();
  if (target !== undefined) keeper?.add(target);
  return keeper;
}
