/**
 * The QML types, for Node.
 *
 * @module qwebsockets/qml
 */
export { WebSocket } from './node/qml/websocket.ts';
export { WebSocketServer } from './node/qml/websocketserver.ts';
export {
  Status,
  type WebSocketBase,
  type WebSocketInit,
  type WebSocketProperties,
  type WebSocketSignals,
} from './qml/websocket-base.ts';
export {
  type ClientFilter,
  type WebSocketServerBase,
  type WebSocketServerInit,
  type WebSocketServerProperties,
  type WebSocketServerSignals,
} from './qml/websocketserver-base.ts';
export { type Bytes } from './websockets/bytes.ts';
export { type KeepAliveOptions } from './websockets/keep-alive.ts';
export { type ReconnectFailure } from './websockets/reconnect-failure.ts';
export { type Destination, type ReconnectOptions } from './websockets/reconnect-options.ts';
export { type WakeSource } from './websockets/wake-source.ts';
