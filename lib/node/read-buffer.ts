import net, { type OnReadOpts } from 'node:net';
import { MaskMemory, type PayloadMemory } from '../codec/mask-memory.ts';
import type { ListeningHandle } from './listening-handle.ts';

// As much as Node reads at once.
const SIZE = 64 * 1024;

/** What sockets of this process have read last: see {@link onread}. */
export const readBuffer: PayloadMemory = new MaskMemory(SIZE);
const { bytes } = readBuffer;

/** Takes bytes right out of {@link readBuffer}. */
export interface LentReceiver {
  /** Whether it takes what comes now: not while it is paused, or earlier bytes wait in the stream. */
  readonly takesLent: boolean;
  /** Takes the first `length` bytes, which are lent until the call returns. */
  receivedLent(length: number): void;
}

const receiver = Symbol('receiver');

type ReadingSocket = net.Socket & { [receiver]?: LentReceiver };

/**
 * Has a socket read into {@link readBuffer} instead of memory of its own, 64 KiB for each read.
 *
 * One buffer serves all sockets: whatever is read is used up, or copied, before anything else is
 * read. Until {@link lendTo} names a receiver, and when that does not take it, it goes the way of
 * every stream: 'data', `read()`, `pause()`.
 */
export const onread: OnReadOpts = {
  buffer: bytes,
  callback(this: ReadingSocket, length: number): boolean {
    const taker = this[receiver];
    if (taker?.takesLent !== true) return this.push(Buffer.from(bytes.subarray(0, length)));
    taker.receivedLent(length);
    return true;
  },
};

/** Has `socket`, if it reads by {@link onread}, give what it reads to `taker`. */
export function lendTo(socket: net.Socket, taker: LentReceiver): void {
  (socket as ReadingSocket)[receiver] = taker;
}

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
