import { backendOf, type QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { TrafficStatistics } from '../websockets/server-statistics.ts';
import type { WireBackend } from './wire-backend.ts';

/**
 * What the connection of `socket` has carried since it was opened; after its end, what it has
 * carried in all. Zeros before (not in Qt, and on Node only).
 */
export function statisticsOf(socket: QWebSocketBase): TrafficStatistics {
  // Every QWebSocket of this door has the backend that its constructor names.
  return (backendOf(socket) as WireBackend).statistics();
}
