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
 * A socket that reads into {@link readBuffer} instead of memory of its own, 64 KiB for each read.
 *
 * One buffer serves all sockets: whatever is read is used up, or copied, before anything else is
 * read. Where nobody listens by `listenTo()` who takes it, it goes the way of every stream:
 * 'data', `read()`, `pause()`.
 *
 * @param make makes the socket, with this for its `onread`.
 */
export function lentSocket(make: (onread: OnReadOpts) => net.Socket): net.Socket {
  // Node calls it on the socket, Bun on nothing.
  const socket = make({ buffer: bytes, callback: (length) => receive(socket, length) });
  return socket;
}

function receive(socket: net.Socket, length: number): boolean {
  const listener = listenerTo(socket);
  if (listener?.takesLent !== true) return socket.push(Buffer.from(bytes.subarray(0, length)));
  listener.receivedLent(length);
  return true;
}

type AcceptingHandle = ListeningHandle & {
  onconnection?: (this: unknown, status: number, client: unknown) => void;
};

/**
 * Has the sockets that `server` accepts from `handle` be a {@link lentSocket} each.
 *
 * Node lets sockets that connect choose where they read to, but not those that are accepted, so they
 * are made here in the way of `net.Server`, from the same handle. Where that has no `onconnection`,
 * or gives no client to it (Deno), they are what the server makes of them.
 */
export function readLent(server: net.Server, handle: AcceptingHandle): void {
  const accept = handle.onconnection;
  if (typeof accept !== 'function') return;
  handle.onconnection = function (status, client) {
    if (status !== 0 || client === undefined) {
      accept.call(this, status, client);
      return;
    }
    const socket = lentSocket((onread) => {
      const options = { handle: client, allowHalfOpen: true, onread };
      return new net.Socket(options);
    });
    server.emit('connection', socket);
  };
}
