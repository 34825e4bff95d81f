import type { BridgeOffer, IpcSender } from './bridge-connectors.ts';
import { BRIDGE_NAME, BRIDGE_VERSION } from './bridge-messages.ts';

/** What is used of Electron in a preload script. */
export interface PreloadElectron {
  readonly contextBridge: {
    /** Shows `api` to the page, as `window[key]`. */
    exposeInMainWorld(key: string, api: unknown): void;
  };
  readonly ipcRenderer: IpcSender;
}

interface OfferEvent {
  readonly source: unknown;
  readonly data: unknown;
  readonly ports: readonly unknown[];
  stopImmediatePropagation(): void;
}

interface PreloadWindow {
  addEventListener(event: 'message', listener: (event: OfferEvent) => void): void;
}

/**
 * Lets the page of this preload script use sockets of the main process: call it once, with what
 * `electron` exports.
 *
 * The page finds `window.qwebsockets`, which says that there is a bridge and nothing else. Ports
 * cannot pass Electron's contextBridge, so the page posts its requests to itself; they are heard
 * here, kept from other listeners, and passed on to the `SocketBridge` of the main process, which
 * decides. Frames inside the page are not heard.
 */
export function exposeBridge({ contextBridge, ipcRenderer }: PreloadElectron): void {
  contextBridge.exposeInMainWorld(BRIDGE_NAME, { version: BRIDGE_VERSION });
  const page = globalThis as unknown as PreloadWindow;
  page.addEventListener('message', (event) => {
    // A frame may post to the page that it is in.
    if (event.source !== page || !isOffer(event.data)) return;
    event.stopImmediatePropagation();
    ipcRenderer.postMessage(BRIDGE_NAME, event.data[BRIDGE_NAME], [...event.ports] as never[]);
  });
}

function isOffer(data: unknown): data is BridgeOffer {
  return typeof data === 'object' && data !== null && Object.hasOwn(data, BRIDGE_NAME);
}
