import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { IpcReceiver, MainPort, PagePort } from '../../lib/electron/ports.ts';

/** A page as Electron tells of it. */
export interface FakeFrame {
  url: string;
  origin: string;
}

/** A MessagePortMain over a port of Node's: an EventEmitter whose messages come in events. */
export class FakeMainPort extends EventEmitter implements MainPort {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('close', () => this.emit('close'));
  }

  start(): void {
    this.#port.on('message', (data) => this.emit('message', { data, ports: [] }));
  }

  postMessage(message: unknown, transfer?: readonly unknown[]): void {
    // Electron's has crashed for anything but its own ports.
    if (transfer !== undefined) throw new TypeError('Invalid value for transfer');
    this.#port.postMessage(message);
  }

  close(): void {
    this.#port.close();
  }
}

/** Both ends of Electron's IPC: what a renderer posts is copied, and comes on a later turn. */
export class FakeIpc extends EventEmitter implements IpcReceiver {
  /** The WebContents from which the next messages come. */
  sender = { id: 1 };
  /** The frame from which they come; null when it is gone. */
  senderFrame: FakeFrame | null = { url: 'app://ui/index.html', origin: 'app://ui' };
  /** All ports that have come. */
  readonly ports: FakeMainPort[] = [];

  readonly postMessage = (channel: string, message: unknown, transfer: unknown[] = []): void => {
    const { sender, senderFrame } = this;
    const data: unknown = structuredClone(message);
    const ports = transfer.map((port) => new FakeMainPort(port as MessagePort));
    this.ports.push(...ports);
    setImmediate(() => this.emit(channel, { sender, senderFrame, ports }, data));
  };
}

/** A MessageChannel one of whose ports belongs to the main process. */
export function channelToMain(): { page: PagePort; main: FakeMainPort } {
  const { port1, port2 } = new MessageChannel();
  return { page: port1 as unknown as PagePort, main: new FakeMainPort(port2) };
}

type Listener = (event: PostedEvent) => void;

interface PostedEvent {
  readonly source: unknown;
  readonly data: unknown;
  readonly ports: readonly unknown[];
  stopImmediatePropagation(): void;
}

/**
 * What of a page's window the bridge meets, in the place of Node's globals until {@link remove}.
 *
 * `contextBridge` copies and freezes as Electron's does: prototypes and symbols are lost, functions
 * become others that copy what goes through them.
 */
export class FakeWindow {
  readonly contextBridge = {
    exposeInMainWorld: (key: string, api: unknown): void => this.#define(key, bridged(api)),
  };
  #listeners: Listener[] = [];
  readonly #before = new Map<string, PropertyDescriptor | undefined>();

  constructor() {
    this.#define('addEventListener', (_name: string, listener: Listener) => {
      this.#listeners.push(listener);
    });
    this.#define('postMessage', (message: unknown, _origin: string, transfer: unknown[] = []) => {
      this.post(message, transfer, globalThis);
    });
  }

  /** Posts as the page, or as another window: a frame inside it. */
  post(message: unknown, ports: unknown[] = [], source: unknown = {}): void {
    const data: unknown = structuredClone(message);
    setImmediate(() => {
      let isStopped = false;
      const stopImmediatePropagation = (): void => void (isStopped = true);
      for (const listener of this.#listeners) {
        if (!isStopped) listener({ source, data, ports, stopImmediatePropagation });
      }
    });
  }

  remove(): void {
    for (const [name, descriptor] of this.#before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }

  #define(name: string, value: unknown): void {
    if (!this.#before.has(name)) {
      this.#before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    }
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
}

/** What is left of `value` on the other side of a contextBridge. */
export function bridged(value: unknown): unknown {
  if (typeof value === 'function') {
    return (...args: unknown[]) =>
      bridged((value as (...args: unknown[]) => unknown)(...args.map((arg) => bridged(arg))));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return structuredClone(value);
  if (value instanceof Promise) return value.then((result) => bridged(result));
  if (Array.isArray(value)) return Object.freeze(value.map((item) => bridged(item)));
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bridged(item)])),
  );
}
