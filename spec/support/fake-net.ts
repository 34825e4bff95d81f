import { createRequire } from 'node:module';
import type { NetModule } from '../../lib/electron/net-websocket.ts';

/** As much of the client of the package ws, which ships no types, as is used here. */
interface WsClient {
  binaryType: string;
  readyState: number;
  onclose: unknown;
  onmessage: unknown;
  addEventListener(event: 'error', listener: (event: { message: string }) => void): void;
  close(code?: number, reason?: string | Uint8Array): void;
}

const { WebSocket: WsClient } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, protocols: string[], options: object) => WsClient;
};

const OPEN = 1;

/** What a program has given `new net.WebSocket()`. */
export interface FakeNetOptions {
  readonly headers?: Record<string, string>;
  readonly origin?: string;
  readonly protocols?: string | string[];
  readonly session?: object;
  readonly partition?: string;
  readonly useSessionCookies?: boolean;
}

/** Electron's `net` as far as its documentation goes, over the network of ws instead of Chromium's. */
export class FakeNet implements NetModule {
  /** What the sockets were made with. */
  readonly opened: { url: string; options: FakeNetOptions }[] = [];
  readonly WebSocket: NetModule['WebSocket'];

  constructor() {
    const { opened } = this;
    this.WebSocket = class extends WsClient {
      #hint = '';

      constructor(url: string, options: FakeNetOptions = {}) {
        const origin = options.origin ?? new URL(url.replace(/^ws/, 'http')).origin;
        const headers = options.headers ?? {};
        super(url, [options.protocols ?? []].flat(), { headers, origin });
        this.binaryType = 'nodebuffer';
        this.addEventListener('error', ({ message }) => (this.#hint = message));
        opened.push({ url, options });
      }

      override set onmessage(listener: ((event: object) => void) | null) {
        super.onmessage =
          listener &&
          ((event: object) => {
            // What comes when the program has closed is dropped (WHATWG WebSockets §4).
            if (this.readyState === OPEN) listener(event);
          });
      }

      override set onclose(listener: ((event: object) => void) | null) {
        super.onclose =
          listener &&
          (({ code, reason }: { code: number; reason: string }) => {
            // The network's error is the reason of 1006.
            listener({ code, reason: code === 1006 ? this.#hint : reason });
          });
      }

      override close(code?: number, reason?: string | Uint8Array): void {
        // The package ws answers the peer's Close frame by this method, with the bytes of its reason.
        const isAnswer = reason instanceof Uint8Array;
        const isAllowed = code === undefined || code === 1000 || (code >= 3000 && code <= 4999);
        if (!isAnswer && !isAllowed) {
          throw new DOMException('The code must be 1000 or 3000–4999.', 'InvalidAccessError');
        }
        super.close(code, reason);
      }
    };
  }
}
