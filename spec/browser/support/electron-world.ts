/** What a page's isolated world says to the main process. */
export type Told =
  | {
      readonly kind: 'message';
      readonly channel: string;
      readonly message: unknown;
      readonly ports: readonly string[];
    }
  | {
      readonly kind: 'invoke';
      readonly channel: string;
      readonly id: string;
      readonly args: readonly unknown[];
    }
  | { readonly kind: 'port'; readonly id: string; readonly message: unknown }
  | { readonly kind: 'closed'; readonly id: string };

/** `value` as text that {@link decoded} reads, in Node and in pages; bytes become Uint8Arrays. */
export function encoded(value: unknown): string {
  return JSON.stringify(structuredClone(value), (_key, item: unknown) => {
    if (!ArrayBuffer.isView(item)) return item;
    const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
    return { '~bytes': Buffer.from(bytes).toString('base64') };
  });
}

export function decoded(text: string): unknown {
  return JSON.parse(text, (_key, item: { '~bytes'?: string } | null) => {
    const base64 = item?.['~bytes'];
    return base64 === undefined ? item : new Uint8Array(Buffer.from(base64, 'base64'));
  });
}

// What follows runs in Chromium, as text.

/** Takes what `contextBridge` hands to the page: copied, frozen, with functions that are others. */
const page = `() => {
  const calls = new Map();
  let last = 0;
  const revive = (item, path) => {
    if (item === '~function') return (...args) => new Promise((resolve) => {
      const id = ++last;
      calls.set(id, resolve);
      const detail = JSON.stringify({ id, path, args });
      window.dispatchEvent(new CustomEvent('~call', { detail }));
    });
    if (typeof item !== 'object' || item === null) return item;
    const entries = Object.entries(item).map(([key, part]) => [key, revive(part, [...path, key])]);
    return Object.freeze(Array.isArray(item) ? entries.map(([, part]) => part) : Object.fromEntries(entries));
  };
  window.addEventListener('~expose', ({ detail }) => {
    const { key, api } = JSON.parse(detail);
    Object.defineProperty(window, key, { value: revive(api, [key]) });
  });
  window.addEventListener('~result', ({ detail }) => {
    const { id, result } = JSON.parse(detail);
    calls.get(id)?.(result);
    calls.delete(id);
  });
}`;

/** Runs a preload script with what a sandboxed one gets of Electron. */
const preload = `(script) => {
  const encode = (value) => JSON.stringify(value, (key, item) => {
    if (!ArrayBuffer.isView(item)) return item;
    const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength);
    let binary = '';
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return { '~bytes': btoa(binary) };
  });
  const decode = (text) => JSON.parse(text, (key, item) => {
    const base64 = item?.['~bytes'];
    return base64 === undefined ? item : Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
  });
  // Chromium's debugger takes no messages of any size.
  const tell = (told) => {
    const text = encode(told);
    for (let at = 0; at < text.length; at += 200000) {
      const isLast = at + 200000 >= text.length;
      globalThis.toMain((isLast ? '.' : '+') + text.slice(at, at + 200000));
    }
  };
  const ports = new Map();
  const results = new Map();
  const exposed = {};
  globalThis.fromMain = (text) => {
    const [kind, id, value] = decode(text);
    if (kind === 'message') ports.get(id)?.postMessage(value);
    if (kind === 'close') { ports.get(id)?.close(); ports.delete(id); }
    if (kind === 'result') { results.get(id)?.(value); results.delete(id); }
  };
  const ipcRenderer = {
    postMessage(channel, message, transfer = []) {
      const ids = transfer.map((port) => {
        const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
        ports.set(id, port);
        return [id, port];
      });
      tell({ kind: 'message', channel, message: structuredClone(message), ports: ids.map(([id]) => id) });
      for (const [id, port] of ids) {
        port.addEventListener('message', ({ data }) => tell({ kind: 'port', id, message: data }));
        port.addEventListener('close', () => { if (ports.delete(id)) tell({ kind: 'closed', id }); });
        port.start();
      }
    },
    invoke: (channel, ...args) => new Promise((resolve) => {
      const id = String(results.size) + Math.random();
      results.set(id, resolve);
      tell({ kind: 'invoke', channel, id, args });
    }),
  };
  const contextBridge = {
    exposeInMainWorld(key, api) {
      exposed[key] = api;
      const mark = (name, item) => (typeof item === 'function' ? '~function' : item);
      window.dispatchEvent(new CustomEvent('~expose', { detail: JSON.stringify({ key, api }, mark) }));
    },
  };
  window.addEventListener('~call', async ({ detail }) => {
    const { id, path, args } = JSON.parse(detail);
    const result = await path.reduce((part, name) => part[name], exposed)(...args);
    window.dispatchEvent(new CustomEvent('~result', { detail: JSON.stringify({ id, result }) }));
  });
  const modules = { electron: { contextBridge, ipcRenderer } };
  const module = { exports: {} };
  script((name) => modules[name] ?? (() => { throw new Error('module not found: ' + name); })(), module, module.exports);
}`;

export const WORLD_SCRIPT = { page, preload } as const;
