import net, { type OnReadOpts } from 'node:net';
import { MaskMemory, type PayloadMemory } from '../codec/mask-memory.ts';
import type { ListeningHandle } from './listening-handle.ts';
import { notePeer } from './stream-ends.ts';
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

// A function for each would take 94 bytes of every connection of a server. Those of Node call it on
// the socket, and no others give us clients to make sockets of.
const acceptedRead: OnReadOpts = {
  buffer: bytes,
  callback(this: net.Socket, length: number): boolean {
    return receive(this, length);
  },
};

function receive(socket: net.Socket, length: number): boolean {
  const listener = listenerTo(socket);
  if (listener?.takesLent !== true) return socket.push(Buffer.from(bytes.subarray(0, length)));
  listener.receivedLent(length);
  return true;
}

interface AcceptedHandle {
  /** Fills `name` in, and returns 0. */
  getpeername?: (name: Partial<net.AddressInfo>) => number;
}

type EndListener = () => void;

// What Node has every socket do at its end, which is nothing with one that may stay half-open. With
// ours it would be the second listener, and an array for both.
let ownEnd: EndListener | undefined;

// What handles write the address of a peer into.
const name: Partial<net.AddressInfo> = {};

type AcceptingHandle = ListeningHandle & {
  onconnection?: (this: unknown, status: number, client: AcceptedHandle | undefined) => void;
};

/**
 * Has the sockets that `server` accepts from `handle` read into {@link readBuffer}.
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
    server.emit('connection', socketOf(client));
  };
}

function socketOf(client: AcceptedHandle): net.Socket {
  const options = { handle: client, allowHalfOpen: true, onread: acceptedRead };
  const socket = new net.Socket(options);
  ownEnd ??= socket.listeners('end')[0] as EndListener | undefined;
  if (ownEnd !== undefined) socket.off('end', ownEnd);
  if (client.getpeername?.(name) === 0 && name.address !== undefined) {
    notePeer(socket, name.address, name.port!);
  }
  return socket;
}
