/** What is used of Electron's `MessagePortMain`. */
export interface MainPort {
  /** Has `listener` called for each message. */
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  /** Has `listener` called when the other end is gone. */
  on(event: 'close', listener: () => void): unknown;
  /** Sends a message to the other end. */
  postMessage(message: unknown): void;
  /** Begins to deliver what has come. */
  start(): void;
  /** Takes the two ends apart. */
  close(): void;
}

/** What is used of the `MessagePort` of a page. */
export interface PagePort {
  /** Has `listener` called for each message. */
  addEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  /** Has `listener` called when the other end is gone. */
  addEventListener(event: 'close', listener: () => void): void;
  /** Sends a message to the other end. */
  postMessage(message: unknown): void;
  /** Begins to deliver what has come. */
  start(): void;
  /** Takes the two ends apart. */
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
  /** Has `listener` called for each message on `channel`. */
  on(channel: string, listener: (event: BridgeEvent, request: unknown) => void): unknown;
  /** Ends what {@link on} began. */
  removeListener(
    channel: string,
    listener: (event: BridgeEvent, request: unknown) => void,
  ): unknown;
}
