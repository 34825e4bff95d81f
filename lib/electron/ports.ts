/** What is used of Electron's `MessagePortMain`. */
export interface MainPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** What is used of the `MessagePort` of a page. */
export interface PagePort {
  addEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** What is used of an event of Electron's `ipcMain`. */
export interface BridgeEvent {
  readonly ports: readonly MainPort[];
  readonly sender: { readonly id: number };
  /** Null when the frame is gone already. */
  readonly senderFrame: { readonly url: string; readonly origin: string } | null;
}

/** What is used of Electron's `ipcMain`. */
export interface IpcReceiver {
  on(channel: string, listener: (event: BridgeEvent, request: unknown) => void): unknown;
  removeListener(
    channel: string,
    listener: (event: BridgeEvent, request: unknown) => void,
  ): unknown;
}
