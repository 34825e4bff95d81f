import { once } from 'node:events';
import { createRequire } from 'node:module';

/** As much of the class WebSocket of the package ws, which ships no types, as is used here. */
interface WsSocket extends NodeJS.EventEmitter {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  ping(): void;
  pause(): void;
  resume(): void;
  terminate(): void;
}

const { WebSocket } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (
    url: string,
    protocols: readonly string[],
    options?: { origin?: string; ca?: string },
  ) => WsSocket;
};

const open = new Set<WsSocket>();

/** A client that is not ours, and whose messages can be waited for one by one. */
export class Peer {
  /** The code and reason of the Close frame, once the connection has ended. */
  readonly closed: Promise<[code: number, reason: string]>;
  readonly socket: WsSocket;
  readonly #messages: (string | Uint8Array)[] = [];
  #wake = () => {};

  private constructor(
    url: string,
    origin?: string,
    ca?: string,
    protocols: readonly string[] = [],
  ) {
    this.socket = new WebSocket(url, protocols, {
      ...(origin === undefined ? {} : { origin }),
      ...(ca === undefined ? {} : { ca }),
    });
    open.add(this.socket);
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#messages.push(isBinary ? data : data.toString());
      this.#wake();
    });
    // What goes wrong ends in 'close' as well.
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code: number, reason: Buffer) => {
        open.delete(this.socket);
        this.#wake();
        resolve([code, reason.toString()]);
      });
    });
  }

  /**
   * @param ca - the PEM text of the certificate to trust in
   * @param protocols - the subprotocols to ask for
   */
  static async connect(
    url: string,
    origin?: string,
    ca?: string,
    protocols?: readonly string[],
  ): Promise<Peer> {
    const peer = new Peer(url, origin, ca, protocols);
    await once(peer.socket, 'open');
    return peer;
  }

  /** Cuts what a failed spec has left open. */
  static killAll(): void {
    for (const socket of open) socket.terminate();
  }

  /** The next message, in the order of their coming; fails when the connection ends instead. */
  async next(): Promise<string | Uint8Array> {
    while (this.#messages.length === 0) {
      if (this.socket.readyState > 1) throw new Error('The connection ended without a message.');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift()!;
  }

  /** The next message, read as JSON. */
  async nextObject(): Promise<Record<string, unknown>> {
    return JSON.parse(String(await this.next())) as Record<string, unknown>;
  }

  /** Waits until the other side has read, and answered, what was sent before. */
  async pinged(): Promise<void> {
    this.socket.ping();
    await once(this.socket, 'pong');
  }

  send(message: string | Uint8Array | object): void {
    const isRaw = typeof message === 'string' || message instanceof Uint8Array;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }
}
