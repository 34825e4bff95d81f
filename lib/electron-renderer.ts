/**
 * The door for a page of Electron whose sockets live in the main process.
 *
 * @module qwebsockets/electron/renderer
 */
export * from './portable.ts';
export { connectThroughIpc, type IpcSender } from './electron/bridge-connectors.ts';
export { type BridgeLimits, type BridgeRequest } from './electron/bridge-messages.ts';
export { type BridgeConnector } from './electron/port-backend.ts';
export { type PagePort } from './electron/ports.ts';
export { QWebSocket } from './electron/qwebsocket.ts';
export { Reconnector } from './electron/reconnector.ts';
export type * from './websockets/types-for-pages.ts';
