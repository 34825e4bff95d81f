import net, { type OnReadOpts } from 'node:net';
import { MaskMemory, type PayloadMemory } from '../codec/mask-memory.ts';
import type { ListeningHandle } from './listening-handle.ts';
import { listenerTo } from './stream-listener.ts';

// As much as Node reads at once.
const SIZE = 64 * 1024;

/** What sockets of this process have read last: see {@link onread}. */
export const readBuffer: PayloadMemory = new MaskMemory(SIZE);
const { bytes } = readBuffer;

/**
 * Has a socket read into {@link readBuffer} instead of memory of its own, 64 KiB for each read.
 *
 * One buffer serves all sockets: whatever is read is used up, or copied, before anything else is
 * read. Where nobody listens by `listenTo()` who takes it, it goes the way of every stream:
 * 'data', `read()`, `pause()`.
 */
export const onread: OnReadOpts = {
  buffer: bytes,
  callback(this: net.Socket, length: number): boolean {
    const listener = listenerTo(this);
    if (listener?.takesLent !== true) return this.push(Buffer.from(bytes.subarray(0, length)));
    listener.receivedLent(length);
    return true;
  },
};

type AcceptingHandle = ListeningHandle & {
  onconnection?: (this: unknown, status: number, client: unknown) => void;
};

/**
 * Has the sockets that `server` accepts from `handle` read by {@link onread}.
 *
 * Node lets sockets that connect choose where they read to, but not those that are accepted, so they
 * are made here in the way of `net.Server`, from the same handle. Where that has no `onconnection`,
 * they are what the server makes of them.
 */
export function readLent(server: net.Server, handle: AcceptingHandle): void {
  const accept = handle.onconnection;
  if (typeof accept !== 'function') return;
  handle.onconnection = function (status, client) {
    if (status !== 0) {
      accept.call(this, status, client);
      return;
    }
    const options = { handle: client, allowHalfOpen: true, onread };
    server.emit('connection', new net.Socket(options));
  };
}
