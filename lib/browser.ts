/**
 * The door for pages: the same classes over the browser's own WebSocket.
 *
 * @module qwebsockets/browser
 */
export * from './portable.ts';
export { QWebSocket } from './browser/qwebsocket.ts';
export { QWebSocketServer } from './browser/qwebsocketserver.ts';
export { Reconnector } from './browser/reconnector.ts';
export { ForwardedHeader } from './network/forwarded-header.ts';
export {
  SslMode,
  type AttachOptions,
  type QWebSocketServerBase,
  type QWebSocketServerSignals,
  type SocketFilter,
} from './websockets/qwebsocketserver-base.ts';
export {
  type BrokerMessage,
  type TopicBroker,
  type TopicBrokerSignals,
  type TopicContent,
} from './websockets/topic-broker.ts';
export { type PublishOptions } from './websockets/topics.ts';
export type * from './websockets/types-for-pages.ts';
