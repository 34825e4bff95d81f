/**
 * What Electron's main process needs beside the door for Node.
 *
 * @module qwebsockets/electron
 */
export {
  NetWebSocket,
  type NetModule,
  type NetWebSocketOptions,
} from './electron/net-websocket.ts';
export { type BridgeEvent, type IpcReceiver, type MainPort } from './electron/ports.ts';
export { parseProxies } from './electron/proxy-answer.ts';
export { SessionProxies, resolveProxies, type ProxyResolver } from './electron/session-proxies.ts';
export {
  SocketBridge,
  type Admission,
  type BridgePage,
  type PageRequest,
  type SocketBridgeOptions,
  type SocketBridgeSignals,
} from './electron/socket-bridge.ts';
