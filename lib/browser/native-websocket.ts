/**
 * As much of the WHATWG's WebSocket as {@link NativeBackend} uses. The one of pages and workers has
 * this shape, and so has Electron's `net.WebSocket`.
 */
export interface NativeWebSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: NativeMessageEvent) => void) | null;
  onerror: ((event: NativeErrorEvent) => void) | null;
  onclose: ((event: NativeCloseEvent) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

export interface NativeMessageEvent {
  /** A string or, with the binary type "arraybuffer", an ArrayBuffer. */
  readonly data: unknown;
}

export interface NativeErrorEvent {
  /** Pages are not told what went wrong; other implementations say it here. */
  readonly message?: unknown;
}

export interface NativeCloseEvent {
  readonly code: number;
  readonly reason: string;
}

/** The one state of `readyState` in which something can be sent. */
export const OPEN = 1;

type NativeWebSocketClass = new (url: string, protocols: readonly string[]) => NativeWebSocket;

/** Opens a connection with the WebSocket of the page or worker; throws where that may not be. */
export function openNativeWebSocket(url: string, protocols: readonly string[]): NativeWebSocket {
  const { WebSocket } = globalThis as unknown as { WebSocket: NativeWebSocketClass };
  return new WebSocket(url, protocols);
}
