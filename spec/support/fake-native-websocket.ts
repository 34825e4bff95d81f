import type {
  NativeCloseEvent,
  NativeErrorEvent,
  NativeMessageEvent,
  NativeWebSocket,
} from '../../lib/browser/native-websocket.ts';

const State = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** A WebSocket of a browser, in the hands of a spec; it keeps to the rules of the WHATWG. */
export class FakeNativeWebSocket implements NativeWebSocket {
  readonly url: string;
  readonly protocols: readonly string[];
  binaryType = 'blob';
  bufferedAmount = 0;
  extensions = '';
  protocol = '';
  readyState: number = State.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: NativeMessageEvent) => void) | null = null;
  onerror: ((event: NativeErrorEvent) => void) | null = null;
  onclose: ((event: NativeCloseEvent) => void) | null = null;
  /** What was given to send(). */
  readonly sent: unknown[] = [];
  /** The arguments of each close(). */
  readonly closed: unknown[][] = [];

  constructor(url: string, protocols: readonly string[] = []) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string | Uint8Array): void {
    if (this.readyState === State.CONNECTING) throw named('InvalidStateError');
    if (typeof data !== 'string' && !isPlain(data.buffer)) throw new TypeError('Shared memory.');
    this.bufferedAmount +=
      typeof data === 'string' ? new TextEncoder().encode(data).length : data.length;
    this.sent.push(typeof data === 'string' ? data : [...data]);
  }

  close(...args: [code?: number, reason?: string]): void {
    const [code, reason = ''] = args;
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw named('InvalidAccessError');
    }
    if (new TextEncoder().encode(reason).length > 123) throw named('SyntaxError');
    this.closed.push(args);
    if (this.readyState < State.CLOSING) this.readyState = State.CLOSING;
  }

  /** Connects, to a server that has chosen `protocol`. */
  connects(protocol = '', extensions = ''): void {
    if (this.readyState === State.CONNECTING) this.readyState = State.OPEN;
    this.protocol = protocol;
    this.extensions = extensions;
    this.onopen?.();
  }

  /** A message comes. */
  gets(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** The network takes `count` bytes. */
  passesOn(count: number): void {
    this.bufferedAmount -= count;
  }

  /** The connection ends as with the peer's Close frame. */
  ends(code = 1005, reason = ''): void {
    this.readyState = State.CLOSED;
    this.onclose?.({ code, reason });
  }

  /** The attempt or connection fails. */
  fails(message?: string, reason = ''): void {
    this.readyState = State.CLOSED;
    this.onerror?.(message === undefined ? {} : { message });
    this.onclose?.({ code: 1006, reason });
  }
}

/** An error as browsers throw them. */
export function named(name: string, message = ''): Error {
  return Object.assign(new Error(message), { name });
}

function isPlain(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
}
