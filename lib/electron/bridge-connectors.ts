import { BRIDGE_NAME, BRIDGE_VERSION, type BridgeRequest } from './bridge-messages.ts';
import type { BridgeConnector } from './port-backend.ts';
import type { PagePort } from './ports.ts';

/** What is used of Electron's `ipcRenderer`. */
export interface IpcSender {
  /** Sends a message to the main process, with ports. */
  // Electron's types speak of the DOM's MessagePort, which programs without the DOM's types lack.
  postMessage(channel: string, message: unknown, transfer?: never[]): void;
}

/** What a page posts to itself, for the preload script to pass on with the port. */
export interface BridgeOffer {
  readonly [BRIDGE_NAME]: BridgeRequest;
}

/** What is used of the page's `window`. */
interface PageWindow {
  readonly [BRIDGE_NAME]?: { readonly version: number };
  postMessage(message: unknown, targetOrigin: string, transfer: readonly PagePort[]): void;
}

/** The way of a page: the preload script hears what the page posts to itself, and passes it on. */
export function connectThroughPreload(request: BridgeRequest, port: PagePort): void {
  const page = globalThis as unknown as PageWindow;
  const bridge = page[BRIDGE_NAME];
  if (bridge === undefined) {
    throw new Error('there is no bridge: the preload script has not called exposeBridge()');
  }
  if (bridge.version !== BRIDGE_VERSION) {
    throw new Error('preload script and page have different versions of qwebsockets');
  }
  const offer: BridgeOffer = { [BRIDGE_NAME]: request };
  // Nobody but the page itself hears it, so it does not matter that files have no origin to name.
  page.postMessage(offer, '*', [port]);
}

/** The way of a preload script, which has `ipcRenderer` itself. */
export function connectThroughIpc(ipcRenderer: IpcSender): BridgeConnector {
  return (request, port) => ipcRenderer.postMessage(BRIDGE_NAME, request, [port as never]);
}
