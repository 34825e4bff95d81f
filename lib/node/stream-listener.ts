import type { Duplex } from 'node:stream';

/** Learns what happens on a stream. */
export interface StreamListener {
  received(chunk: Buffer): void;
  /** Whether it takes what comes now from the read buffer: not while it is paused, or earlier bytes wait in the stream. */
  readonly takesLent: boolean;
  /** Takes the first `length` bytes of the read buffer, which are lent until the call returns. */
  receivedLent(length: number): void;
  /** The peer has ended its side. */
  ended(): void;
  /** The stream fails, and closes behind that. */
  failed(error: NodeJS.ErrnoException): void;
  closed(): void;
}

/** Keeps a stream until it is closed, whoever listens. */
export interface StreamKeeper {
  forget(stream: Duplex): void;
}

const listenerOf = Symbol('listener');
const keeperOf = Symbol('keeper');

type HeardStream = Duplex & {
  [listenerOf]?: StreamListener | undefined;
  [keeperOf]?: StreamKeeper | undefined;
};

/**
 * Tells `listener` from now on what happens on `stream`, in place of the one before; of bytes after
 * {@link readFrom}.
 *
 * One function for each event serves all streams. An emitter keeps a second one in an array, and a
 * third one in an array with room for nineteen.
 */
export function listenTo(stream: Duplex, listener: StreamListener): void {
  const heard: HeardStream = stream;
  if (heard[listenerOf] === undefined) {
    stream.on('error', onError);
    stream.on('end', onEnd);
    if (heard[keeperOf] === undefined) stream.on('close', onClose);
  }
  heard[listenerOf] = listener;
}

/** Who listens to `stream`. */
export function listenerTo(stream: Duplex): StreamListener | undefined {
  return (stream as HeardStream)[listenerOf];
}

/** Begins to read, or goes on, for whoever listens. */
export function readFrom(stream: Duplex): void {
  if (stream.listenerCount('data', onData) === 0) stream.on('data', onData);
  stream.resume();
}

/** Ends what {@link readFrom} began, for somebody who reads in another way. */
export function stopReading(stream: Duplex): void {
  stream.off('data', onData);
  stream.pause();
}

/** Has `keeper`, and no other any more, forget `stream` when that closes, before its listener hears of it. */
export function keep(stream: Duplex, keeper: StreamKeeper): void {
  const heard: HeardStream = stream;
  if (heard[listenerOf] === undefined && heard[keeperOf] === undefined) {
    stream.on('close', onClose);
  }
  heard[keeperOf] = keeper;
}

function onData(this: HeardStream, chunk: Buffer): void {
  this[listenerOf]!.received(chunk);
}

function onEnd(this: HeardStream): void {
  this[listenerOf]!.ended();
}

function onError(this: HeardStream, error: NodeJS.ErrnoException): void {
  this[listenerOf]!.failed(error);
}

function onClose(this: HeardStream): void {
  this[keeperOf]?.forget(this);
  this[listenerOf]?.closed();
}
