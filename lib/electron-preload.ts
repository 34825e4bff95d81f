/**
 * What a preload script of Electron calls.
 *
 * @module qwebsockets/electron/preload
 */
export { type IpcSender } from './electron/bridge-connectors.ts';
export { exposeBridge, type PreloadElectron } from './electron/expose-bridge.ts';
