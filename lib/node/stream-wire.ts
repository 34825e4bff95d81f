import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { placeOf } from '../network/failure-text.ts';
import type { Meter } from '../session/meter.ts';
import type { Session } from '../session/session.ts';
import type { Wire, WireFailure } from '../session/wire.ts';
import type { Endpoint } from '../websockets/socket-backend.ts';
import { flushQueue, type Flushable } from './flush-queue.ts';
import { readBuffer } from './read-buffer.ts';
import { remoteClosed, toSocketFailure } from './socket-errors.ts';
import { listenTo, readFrom, type StreamListener } from './stream-listener.ts';

/** Whose connection it is. */
export interface WireOwner {
  /** Learns how many bytes were sent. */
  bytesWritten(count: number): void;
  /** Who is at the other end, for people. */
  peerEndpoint(): Endpoint;
  /** Who counts what it carries. */
  meter(): Meter;
}

/**
 * What becomes of the bytes that a stream is given: they go to the system at once, if it takes them;
 * or they are done with when the stream says so; or it may keep them for ever.
 */
type StreamKind = 'plain' | 'encrypted' | 'foreign';

/** Carries a {@link Session} over a stream of Node: a socket, a TLS socket, any Duplex of bytes. */
export class StreamWire implements Wire, Flushable, StreamListener {
  readonly #stream: Duplex;
  readonly #owner: WireOwner;
  readonly #kind: StreamKind;
  #session: Session | undefined;
  #isPaused = false;
  #queued = 0;
  #reported = 0;
  #written: ((error?: Error | null) => void) | undefined;
  #error: NodeJS.ErrnoException | undefined;

  constructor(stream: Duplex, owner: WireOwner) {
    this.#stream = stream;
    this.#owner = owner;
    this.#kind = kindOf(stream);
  }

  /** Binds the stream to `session`, which learns when it ends; bytes come after {@link start}. */
  attach(session: Session): void {
    this.#session = session;
    listenTo(this.#stream, this);
    if (this.#stream.destroyed) process.nextTick(() => this.closed());
  }

  start(): void {
    readFrom(this.#stream);
  }

  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#stream.resume();
  }

  flushSoon(): void {
    flushQueue.add(this);
  }

  flush(): void {
    this.#session?.flush();
  }

  get takesAtOnce(): boolean {
    return this.#kind === 'plain' && this.#stream.writableLength === 0;
  }

  write(piece: Buffer): boolean {
    return !this.#isUsable() || this.#write(piece, this.#stream.writableLength > 0);
  }

  writeAll(pieces: readonly Buffer[]): boolean {
    if (!this.#isUsable()) return true;
    const stream = this.#stream;
    const mustWait = stream.writableLength > 0;
    let isFree = true;
    stream.cork();
    for (const piece of pieces) isFree = this.#write(piece, mustWait) && isFree;
    stream.uncork();
    return mustWait || this.#kind === 'foreign' ? isFree : stream.writableLength === 0;
  }

  end(): void {
    if (!this.#stream.destroyed) this.#stream.end();
  }

  destroy(): void {
    // From here on nobody is told anything.
    this.#written = ignore;
    this.#stream.destroy();
  }

  failure(): WireFailure {
    const { address, port } = this.#owner.peerEndpoint();
    const place = placeOf(address, port);
    if (this.#error === undefined) return remoteClosed(place);
    const failure = toSocketFailure(this.#error, place);
    const unsent = this.#queued - this.#reported;
    if (unsent === 0) return failure;
    const detail = `${failure.cause.detail} with ${unsent} bytes unsent,`;
    return { ...failure, cause: { ...failure.cause, detail } };
  }

  backlog(): number {
    return this.#stream.writableLength;
  }

  sent(): number {
    return this.#queued - this.#stream.writableLength;
  }

  meter(): Meter {
    return this.#owner.meter();
  }

  /** @internal */
  failed(error: NodeJS.ErrnoException): void {
    // The stream closes behind it; what it was only matters for the words.
    this.#error = error;
    // What came before lies in a paused stream, which does not deliver it any more.
    while (this.#isPaused) {
      // In Node 26 one piece of it, as it came.
      const piece = this.#stream.read() as Buffer | null;
      if (piece === null) return;
      this.received(piece);
    }
  }

  /** @internal */
  received(chunk: Buffer): void {
    flushQueue.begin();
    try {
      this.#session!.receive(chunk);
    } finally {
      flushQueue.end();
    }
  }

  /** @internal */
  get takesLent(): boolean {
    return this.#stream.readableFlowing === true && this.#stream.readableLength === 0;
  }

  /** @internal */
  receivedLent(length: number): void {
    flushQueue.begin();
    try {
      this.#session!.receiveLent(readBuffer, length);
    } finally {
      flushQueue.end();
    }
  }

  /** @internal */
  ended(): void {
    this.#session!.ended();
  }

  /** @internal */
  closed(): void {
    this.#session!.gone();
  }

  #write(piece: Buffer, mustWait: boolean): boolean {
    const stream = this.#stream;
    this.#written ??= (error) => {
      if (!error && this.#written !== ignore) this.#taken();
    };
    // What has to wait must not keep memory from others that is shared with them; and a stream of
    // the application's own may keep what it is given for ever.
    const isShared = piece.length < piece.buffer.byteLength;
    const isCopied = isShared && (mustWait || this.#kind === 'foreign');
    this.#queued += piece.length;
    stream.write(isCopied ? Buffer.from(piece) : piece, this.#written);
    return isCopied || !isShared || stream.writableLength === 0;
  }

  #isUsable(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded;
  }

  /** The system has taken what it was given. */
  #taken(): void {
    const sent = this.sent();
    const count = sent - this.#reported;
    if (count > 0) {
      this.#reported = sent;
      this.#session!.taken();
      flushQueue.report(() => this.#owner.bytesWritten(count));
    }
    // 'drain' would only come behind writes that were above the stream's own mark.
    if (this.#stream.writableLength === 0) this.#session!.drained();
  }
}

function kindOf(stream: Duplex): StreamKind {
  if (!(stream instanceof Socket)) return 'foreign';
  return stream instanceof TLSSocket ? 'encrypted' : 'plain';
}

function ignore(): void {}
